import { MutabilityError } from '../../errors.js';
import type { Attribute } from '../../schema/attribute.js';
import { isSameJson } from '../../schema/equal.js';
import { refuseTooManyValues } from '../../schema/canonicalize.js';
import type { ReadingBounds } from '../../schema/reading.js';
import { isObject } from '../../contract/is-object.js';
import type { Attributes } from '../../contract/attribute.js';

/** Units for reading, comparing and copying one value of a list. */
const unitsOfValue = 8;

/**
 * A resource while a PATCH is applied: the stored resource, which stays as it is, and the new values of the top-level
 * attributes that steps have written.
 */
export class Draft {
  readonly #stored: Attributes | undefined;
  readonly #changed = new Map<string, { readonly attribute: Attribute; readonly value: unknown }>();
  readonly #bounds: ReadingBounds;

  /** @param stored undefined where the change does not depend on it */
  constructor(stored: Attributes | undefined, bounds: ReadingBounds) {
    this.#stored = stored;
    this.#bounds = bounds;
  }

  /** The current value of an attribute; undefined: unassigned. */
  get(attribute: Attribute): unknown {
    const { parent } = attribute;
    if (parent !== undefined) {
      const container = this.get(parent);
      return isObject(container) ? ownProperty(container, attribute.name) : undefined;
    }
    const changed = this.#changed.get(attribute.name);
    return changed === undefined ? this.#storedValue(attribute.name) : changed.value;
  }

  /**
   * Sets the value of an attribute; undefined: unassigned.
   *
   * @throws TooManyError where a list becomes longer than `limits.attributeValues`
   * @throws MutabilityError for an immutable attribute that has another value, or a required one that would have none
   */
  put(attribute: Attribute, value: unknown): void {
    const current = this.get(attribute);
    if (Array.isArray(value) && value.length > (Array.isArray(current) ? current.length : 0)) {
      refuseTooManyValues(attribute, value.length, this.#bounds.limits);
    }
    refuseImmutable(attribute, current, value);
    // RFC 7644 3.5.2.2: a required attribute cannot become unassigned.
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

  /** Charges the values that steps read. @throws TooManyError where many operations read a long list */
  visit(values: number): void {
    this.#bounds.work.spend(values * unitsOfValue);
  }

  /** What differs from the stored resource; everything that was written where that is not known. */
  difference(): {
    readonly set: Record<string, unknown>;
    readonly unset: string[];
  } {
    const set: Record<string, unknown> = {};
    const unset: string[] = [];
    for (const [name, { attribute, value }] of this.#changed) {
      // A writeOnly value cannot be compared: a store keeps only a digest of it.
      const comparable = this.#stored !== undefined && attribute.mutability !== 'writeOnly';
      if (comparable && isSameJson(this.#storedValue(name), value)) continue;
      if (value === undefined) unset.push(name);
      else set[name] = value;
    }
    return { set, unset };
  }

  #storedValue(name: string): unknown {
    const value = this.#stored === undefined ? undefined : ownProperty(this.#stored, name);
    return value === null || (Array.isArray(value) && value.length === 0) ? undefined : value;
  }
}

/**
 * RFC 7644 3.5.2: an immutable attribute can be set only while it has no value.
 *
 * @throws MutabilityError where it would change, or where an immutable part of it would
 */
export function refuseImmutable(attribute: Attribute, before: unknown, after: unknown): void {
  if (attribute.type === 'complex' && !attribute.multiValued && isObject(before)) {
    // The parts of an extension or a complex value change with it.
    for (const inner of attribute.attributes) {
      const next = isObject(after) ? ownProperty(after, inner.name) : undefined;
      refuseImmutable(inner, ownProperty(before, inner.name), next);
    }
  }
  if (attribute.mutability !== 'immutable' || before === undefined || before === null) return;
  if (!isSameJson(before, after)) throw new MutabilityError(`${attribute.path} cannot be changed once it has a value.`);
}

/** A property of the object itself, never of its prototype. */
export function ownProperty(object: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
