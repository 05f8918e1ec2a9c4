import { isObject } from '../contract/is-object.js';
import { textUnits, type Work } from '../contract/work.js';
import { InvalidValueError } from '../errors.js';
import type { Attribute } from './attribute.js';
import { canonicalText } from './equal.js';

/** Collects values without duplicates. */
export class DistinctValues {
  readonly #kept: unknown[] = [];
  // Only values with the same `value` can be equal. Texts are built only for those, so long lists stay linear.
  readonly #seen = new Map<unknown, { readonly first: unknown; texts?: Set<string> }>();
  readonly #attribute: Attribute;
  readonly #work: Work;

  constructor(attribute: Attribute, work: Work) {
    this.#attribute = attribute;
    this.#work = work;
  }

  /** @param value undefined: unassigned, and left out */
  add(value: unknown): void {
    if (value === undefined) return;
    // Standards reading 54: a value that names no resource is never dropped silently.
    const attribute = this.#attribute;
    if (attribute.namesResource && isObject(value) && isBlank(value['value'])) throw withoutId(attribute);
    if (this.#isDuplicate(value)) return;
    this.#kept.push(value);
  }

  /** Undefined where there is none. */
  values(): readonly unknown[] | undefined {
    return this.#kept.length === 0 ? undefined : this.#kept;
  }

  #isDuplicate(value: unknown): boolean {
    const key = isObject(value) ? value['value'] : value;
    const alike = this.#seen.get(key);
    if (alike === undefined) {
      this.#seen.set(key, { first: value });
      return false;
    }
    alike.texts ??= new Set([canonicalText(alike.first)]);
    const text = canonicalText(value);
    this.#work.spend(textUnits(text));
    if (alike.texts.has(text)) return true;
    alike.texts.add(text);
    return false;
  }
}

function isBlank(id: unknown): boolean {
  return id === undefined || (typeof id === 'string' && id.trim() === '');
}

/** The error for a value of a reference that names no resource. */
export function withoutId({ path }: Attribute): InvalidValueError {
  return new InvalidValueError(`Each of ${path} must have the id of a resource, a string, as its value.`);
}
