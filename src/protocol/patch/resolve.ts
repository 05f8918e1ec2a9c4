import {
  InvalidPathError,
  InvalidSyntaxError,
  InvalidValueError,
  MutabilityError,
  NoTargetError,
} from '../../errors.js';
import { unlimitedWork } from '../../contract/work.js';
import type { Attribute, AttributeTable } from '../../schema/attribute.js';
import { isObject } from '../../contract/is-object.js';
import { parseJsonObject } from '../../schema/json-value.js';
import { isInUnknownSchema } from '../../schema/notation.js';
import { refuseUnknown } from '../../schema/unknown-attributes.js';
import type { ResourceType } from '../../schema/resource-type.js';
import { findPath, type PatchPath, type TargetPath } from '../path.js';
import type { Operation, PatchOptions, PatchPlan, Resolution, ResolvedOperation } from './operation.js';
import { readObjectValue } from './operation-value.js';
import { isDerived } from './same-value.js';
import { isReadOnly, resolveChange, resolveRemoval, setWhole } from './target.js';

/**
 * Turns the operations of one PATCH into steps in which every name is resolved. Errors that do not depend on the stored
 * resource are thrown here.
 */
export class OperationResolver {
  readonly #resolution: Resolution;
  readonly #operations: ResolvedOperation[] = [];
  readonly #places: number[] = [];
  /** The operation of the body that is resolved, by its index. */
  place = 0;
  #needsCurrent = false;
  #needsMembers = false;
  #needsShown = false;
  readonly #completeReferences = new Set<Attribute>();

  constructor(type: ResourceType, options: PatchOptions) {
    const members = options.memberDeltas ? type.attributes.get('members') : undefined;
    const { useQuirk, mistakes, limits, work = unlimitedWork } = options;
    this.#resolution = { type, useQuirk, replaces: true, limits, work, options, members, mistakes };
  }

  plan(): PatchPlan {
    const { type, useQuirk, limits, work } = this.#resolution;
    return {
      operations: this.#operations,
      places: this.#places,
      needsCurrent: this.#needsCurrent,
      needsMembers: this.#needsMembers,
      needsShown: this.#needsShown,
      completeReferences: this.#completeReferences,
      type,
      useQuirk,
      limits,
      work,
    };
  }

  /** Resolves `remove`. */
  remove(text: string, value: unknown): void {
    const path = this.#path(text);
    if (path.kind === 'resource') throw new NoTargetError('The path of a remove operation must name an attribute.');
    if (path.kind === 'target') {
      this.#collect(path, () => this.#push(resolveRemoval(path, value, this.#resolution)));
    }
  }

  /** Resolves `add` or `replace` with a path. */
  set(op: Operation, text: string, value: unknown): void {
    const path = this.#path(text);
    if (path.kind === 'resource') this.object(op, value);
    else if (path.kind === 'target') this.#collect(path, () => this.#change(op, path, value));
  }

  /** Resolves `add` or `replace` without a path: the value is a set of attributes (RFC 7644 3.5.2.1, 3.5.2.3). */
  object(op: Operation, value: unknown): void {
    const object = isObject(value) ? value : this.#unwrap(value);
    if (object === undefined) {
      throw new InvalidValueError(`The value of "${op}" without a path must be an object of attributes.`);
    }
    this.#attributes(op, this.#resolution.type.attributes, undefined, object);
  }

  /** Standards reading 51: a list of one object, or the JSON text of an object. */
  #unwrap(value: unknown): Readonly<Record<string, unknown>> | undefined {
    const one: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
    const object = typeof one === 'string' ? parseJsonObject(one, this.#resolution) : one;
    return isObject(object) && this.#resolution.useQuirk('wrapped-pathless-value') ? object : undefined;
  }

  #path(text: string): PatchPath {
    const { type, options } = this.#resolution;
    const path = this.#find(text, options);
    if (path !== undefined) return path;
    // Standards reading 62: what travels beside it, such as `active: false`, must not be lost.
    if (isInUnknownSchema(text, type) && options.useQuirk('unsupported-attribute')) return { kind: 'unsupported' };
    throw new InvalidPathError(`The path names no attribute that ${type.name} has.`);
  }

  #find(text: string, options: PatchOptions): PatchPath | undefined {
    return options.paths === undefined
      ? findPath(text, this.#resolution.type, options)
      : options.paths.find(text, options);
  }

  #change(op: Operation, path: TargetPath, value: unknown): void {
    const { attribute } = path;
    if (!attribute.container) {
      this.#push(resolveChange(op, path, value, this.#resolution));
      return;
    }
    const object = readObjectValue(attribute, value, this.#resolution);
    if (object === undefined) this.#push(setWhole(attribute, undefined));
    else this.#attributes(op, attribute.attributes, attribute, object);
  }

  /** Resolves each attribute of an object, which is the resource or an extension, as an operation of its own. */
  #attributes(
    op: Operation,
    table: AttributeTable,
    container: Attribute | undefined,
    object: Readonly<Record<string, unknown>>,
  ): void {
    const seen = new Set<Attribute>();
    const keys = Object.keys(object);
    this.#resolution.work.spend(keys.length * unitsOfKey);
    for (const key of keys) {
      const attribute = table.get(key);
      const path =
        attribute === undefined
          ? this.#keyPath(container, key)
          : ({
              kind: 'target',
              attribute,
              filter: undefined,
              sub: undefined,
            } as const);
      if (path === undefined) continue;
      if (path.kind === 'resource') {
        this.object(op, object[key]);
        continue;
      }
      const named = path.sub ?? path.attribute;
      if (path.filter === undefined) {
        if (seen.has(named)) {
          throw new InvalidSyntaxError(`The attribute ${named.path} appears more than once in the value.`);
        }
        seen.add(named);
      }
      if (isReadOnly(path.attribute) || isReadOnly(named)) {
        // Standards reading 6: clients send back what they have read.
        if (this.#resolution.useQuirk('read-only-in-value')) continue;
        throw new MutabilityError(`${named.path} is read-only.`);
      }
      this.#collect(path, () => this.#change(op, path, object[key]));
    }
  }

  /** Notes what is wrong with a value under the path of its attribute, so that the other attributes are read too. */
  #collect({ attribute, sub }: TargetPath, read: () => void): void {
    const { mistakes } = this.#resolution;
    try {
      read();
    } catch (error) {
      if (mistakes === undefined) throw error;
      mistakes.addThrown((sub ?? attribute).path, error);
    }
  }

  /** Reads a key that is no attribute name as a path (standards reading 7); undefined: the key is ignored. */
  #keyPath(container: Attribute | undefined, key: string): Exclude<PatchPath, { kind: 'unsupported' }> | undefined {
    const { options } = this.#resolution;
    const { useQuirk } = options;
    const path = this.#find(container === undefined ? key : `${container.path}:${key}`, {
      ...options,
      // Standards reading 43: in a body an extension's attribute needs its URN.
      useQuirk: (quirk) => quirk !== 'unprefixed-extension' && useQuirk(quirk),
    });
    if (path?.kind === 'unsupported') return undefined;
    if (path !== undefined && useQuirk('path-as-key')) return path;
    if (useQuirk(container === undefined && key.includes(':') ? 'unknown-schema' : 'unknown-attribute')) {
      return undefined;
    }
    refuseUnknown(container?.path ?? '', key, this.#resolution);
    return undefined;
  }

  #push(step: ResolvedOperation | undefined): void {
    if (step === undefined) return;
    this.#operations.push(step);
    this.#places.push(this.place);
    if (step.kind === 'same' && isDerived(step)) this.#needsShown = true;
    if ((step.kind === 'values' || step.kind === 'removeMatchingMembers') && step.filter?.readsLookedUp === true) {
      this.#completeReferences.add(step.attribute);
    }
    if (step.kind === 'removeMatchingMembers') {
      this.#needsCurrent = true;
      this.#needsMembers = true;
    } else if (!isUnconditional(step)) {
      this.#needsCurrent = true;
    }
  }
}

/** Units for reading a key as a path. */
const unitsOfKey = 50;

/** Whether the result of a step does not depend on the stored resource, so that the write needs no read before it. */
function isUnconditional(step: ResolvedOperation): boolean {
  switch (step.kind) {
    case 'addMembers':
    case 'removeMembers':
    case 'replaceMembers':
      return true;
    case 'set': {
      const { attribute } = step;
      if (attribute.parent !== undefined || attribute.multiValued || attribute.type === 'complex') return false;
      return attribute.mutability === 'readWrite' || attribute.mutability === 'writeOnly';
    }
    default:
      return false;
  }
}
