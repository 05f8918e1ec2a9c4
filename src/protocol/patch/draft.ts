import { MutabilityError, TooLargeError } from '../../errors.js';
import type { Attribute } from '../../schema/attribute.js';
import { isDeepEqual } from '../../schema/equal.js';
import { isObject } from '../../contract/is-object.js';
import type { Attributes } from '../../contract/attribute.js';

// 10,000 operations on a list of 1,000 values: less than a second of work, and more than any client needs.
const mostVisits = 10_000_000;

/**
 * A resource in the middle of a PATCH: what is stored, which is never written to, and beside it the new values of
 * the top-level attributes that were touched.
 */
export class Draft {
  readonly #stored: Attributes | undefined;
  readonly #changed = new Map<string, { readonly attribute: Attribute; readonly value: unknown }>();
  #visits = 0;

  /** @param stored undefined where the change does not depend on it */
  constructor(stored: Attributes | undefined) {
    this.#stored = stored;
  }

  /** The value of an attribute as it is now; undefined: unassigned. */
  get(attribute: Attribute): unknown {
    const { parent } = attribute;
    if (parent !== undefined) {
      const container = this.get(parent);
      return isObject(container) ? own(container, attribute.name) : undefined;
    }
    const changed = this.#changed.get(attribute.name);
    return changed === undefined ? this.#storedValue(attribute.name) : changed.value;
  }

  /**
   * Gives an attribute its new value; undefined: unassigned.
   *
   * @throws MutabilityError for an immutable attribute that has another value, and a required one that would have none
   */
  put(attribute: Attribute, value: unknown): void {
    refuseImmutable(attribute, this.get(attribute), value);
    // RFC 7644 3.5.2.2: becoming unassigned is refused for what is required.
    if (value === undefined && attribute.required) {
      throw new MutabilityError(`${attribute.path} is required and cannot become unassigned.`);
    }
    const { parent } = attribute;
    if (parent === undefined) {
      this.#changed.set(attribute.name, { attribute, value });
      return;
    }
    const before = this.get(parent);
    const container: Record<string, unknown> = isObject(before) ? { ...before } : {};
    if (value === undefined) delete container[attribute.name];
    else container[attribute.name] = value;
    this.put(parent, Object.keys(container).length === 0 ? undefined : container);
  }

  /**
   * Counts values that are looked at.
   *
   * @throws TooLargeError where many operations meet a long list
   */
  visit(values: number): void {
    this.#visits += values;
    if (this.#visits > mostVisits) {
      throw new TooLargeError('The PATCH has too many operations on attributes with many values: send it in parts.');
    }
  }

  /** What differs from what is stored; all that was touched where that is not known. */
  difference(): {
    readonly set: Record<string, unknown>;
    readonly unset: string[];
  } {
    const set: Record<string, unknown> = {};
    const unset: string[] = [];
    for (const [name, { attribute, value }] of this.#changed) {
      // What is written and never read cannot be compared: a store keeps a digest of it.
      const known = this.#stored !== undefined && attribute.mutability !== 'writeOnly';
      if (known && isDeepEqual(this.#storedValue(name), value)) continue;
      if (value === undefined) unset.push(name);
      else set[name] = value;
    }
    return { set, unset };
  }

  #storedValue(name: string): unknown {
    const value = this.#stored === undefined ? undefined : own(this.#stored, name);
    return value === null || (Array.isArray(value) && value.length === 0) ? undefined : value;
  }
}

/** RFC 7644 3.5.2: an immutable attribute may be given a value where it has none. */
export function refuseImmutable(attribute: Attribute, before: unknown, after: unknown): void {
  if (attribute.type === 'complex' && !attribute.multiValued && isObject(before)) {
    // What stands inside an extension or a complex value goes with it.
    for (const inner of attribute.attributes) {
      refuseImmutable(inner, own(before, inner.name), isObject(after) ? own(after, inner.name) : undefined);
    }
  }
  if (attribute.mutability !== 'immutable' || before === undefined || before === null) return;
  if (!isDeepEqual(before, after))
    throw new MutabilityError(`${attribute.path} cannot be changed once it has a value.`);
}

/** A property of the object itself, never of its prototype. */
export function own(object: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
