import {
  InvalidPathError,
  InvalidSyntaxError,
  InvalidValueError,
  MutabilityError,
  NoTargetError,
} from '../../errors.js';
import type { Attribute, AttributeTable } from '../../schema/attribute.js';
import { isObject } from '../../contract/is-object.js';
import type { ResourceType } from '../../schema/resource-type.js';
import { findPath, type PatchPath, type TargetPath } from '../path.js';
import type { PatchPlan, ResolvedOperation } from './operation.js';
import type { PatchOptions } from './read.js';
import { isReadOnly, type Operation, type Resolution, resolveChange, resolveRemoval, setWhole } from './target.js';
import { givenObject } from './value.js';

/**
 * Turns the operations of one PATCH into steps that need the schema's names no more. Every refusal that does not
 * depend on what is stored is made here.
 */
export class OperationResolver {
  readonly #resolution: Resolution;
  readonly #operations: ResolvedOperation[] = [];
  #needsCurrent = false;
  #needsMembers = false;

  constructor(type: ResourceType, options: PatchOptions) {
    const members = options.memberDeltas ? type.attributes.get('members') : undefined;
    this.#resolution = { type, options, members };
  }

  plan(): PatchPlan {
    return {
      operations: this.#operations,
      needsCurrent: this.#needsCurrent,
      needsMembers: this.#needsMembers,
      empty: this.#operations.length === 0,
      type: this.#resolution.type,
      useQuirk: this.#resolution.options.useQuirk,
    };
  }

  /** `remove` with its path. */
  remove(text: string, value: unknown): void {
    const path = this.#path(text);
    if (path.kind === 'resource') throw new NoTargetError('The path of a remove operation must name an attribute.');
    if (path.kind === 'target') this.#push(resolveRemoval(path, value, this.#resolution));
  }

  /** `add` or `replace` with a path. */
  set(op: Operation, text: string, value: unknown): void {
    const path = this.#path(text);
    if (path.kind === 'resource') this.object(op, value);
    else if (path.kind === 'target') this.#change(op, path, value);
  }

  /** `add` or `replace` without a path: a set of attributes (RFC 7644 3.5.2.1, 3.5.2.3). */
  object(op: Operation, value: unknown): void {
    if (!isObject(value)) {
      throw new InvalidValueError(`The value of "${op}" without a path must be an object of attributes.`);
    }
    this.#attributes(op, this.#resolution.type.attributes, undefined, value);
  }

  #path(text: string): PatchPath {
    const { type, options } = this.#resolution;
    const path = options.paths === undefined ? findPath(text, type, options) : options.paths.find(text, options);
    if (path === undefined) throw new InvalidPathError(`The path names no attribute that ${type.name} has.`);
    return path;
  }

  #change(op: Operation, path: TargetPath, value: unknown): void {
    const { attribute } = path;
    if (!attribute.container) {
      this.#push(resolveChange(op, path, value, this.#resolution));
      return;
    }
    const given = givenObject(attribute, value, this.#resolution.options.useQuirk);
    if (given === undefined) this.#push(setWhole(attribute, undefined));
    else this.#attributes(op, attribute.attributes, attribute, given);
  }

  /** The attributes of an object: of the resource, or of an extension. */
  #attributes(
    op: Operation,
    table: AttributeTable,
    container: Attribute | undefined,
    object: Readonly<Record<string, unknown>>,
  ): void {
    const seen = new Set<Attribute>();
    for (const key of Object.keys(object)) {
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
          throw new InvalidSyntaxError(`The attribute ${named.path} is given twice, in two spellings.`);
        }
        seen.add(named);
      }
      if (isReadOnly(path.attribute) || isReadOnly(named)) {
        // Standards reading 6: clients repeat what they have read.
        if (this.#resolution.options.useQuirk('read-only-in-value')) continue;
        throw new MutabilityError(`${named.path} is read-only.`);
      }
      this.#change(op, path, object[key]);
    }
  }

  /** What a key means that is no attribute's name: a path (standards reading 7), or undefined for what is not kept. */
  #keyPath(container: Attribute | undefined, key: string): Exclude<PatchPath, { kind: 'unsupported' }> | undefined {
    const { type, options } = this.#resolution;
    const { limits, locations, useQuirk } = options;
    const path = findPath(container === undefined ? key : `${container.path}:${key}`, type, {
      limits,
      locations,
      // Standards reading 43: in a body an extension's attribute needs its URN.
      useQuirk: (quirk) => quirk !== 'unprefixed-extension' && useQuirk(quirk),
    });
    if (path?.kind === 'unsupported') return undefined;
    if (path !== undefined && useQuirk('path-as-key')) return path;
    if (useQuirk(container === undefined && key.includes(':') ? 'unknown-schema' : 'unknown-attribute')) {
      return undefined;
    }
    throw new InvalidSyntaxError(`The value has an attribute that ${type.name} does not have.`);
  }

  #push(step: ResolvedOperation | undefined): void {
    if (step === undefined) return;
    this.#operations.push(step);
    if (step.kind === 'removeMatchingMembers') {
      this.#needsCurrent = true;
      this.#needsMembers = true;
    } else if (!isBlind(step)) {
      this.#needsCurrent = true;
    }
  }
}

/** True for a step whose result is the same whatever is stored: the store needs no read before it. */
function isBlind(step: ResolvedOperation): boolean {
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
