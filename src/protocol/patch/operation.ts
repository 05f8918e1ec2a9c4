import type { Awaitable } from '../../contract/awaitable.js';
import type { Attribute } from '../../schema/attribute.js';
import type { Reading } from '../../schema/reading.js';
import type { ValueMistakes } from '../../schema/value-mistakes.js';
import type { Member } from '../../contract/resource.js';
import type { ValueFilter } from '../filter/parse.js';
import type { PathOptions, PathReader } from '../path.js';

/** How a PATCH is read. */
export interface PatchOptions extends PathOptions {
  /** True for groups: the operations on `members` become one delta. */
  readonly memberDeltas: boolean;
  /**
   * True: follow the interoperability profile (its section 6.5). Every operation has a path; `replace` of a complex
   * attribute unassigns the sub-attributes that it does not name (standards reading 19); a filter of `add` or `replace`
   * is followed by a sub-attribute and selects one value. Default false: follow RFC 7644.
   */
  readonly profile?: boolean | undefined;
  /** Collects what is wrong with values. Undefined: the first is thrown. */
  readonly mistakes?: ValueMistakes | undefined;
  /** Collects what is wrong with the values that were read, where another could not be. Default: nothing. */
  readonly checkValues?:
    ((values: Readonly<Record<string, unknown>>, mistakes: ValueMistakes) => Awaitable<void>) | undefined;
  /** Caches parsed paths between requests. */
  readonly paths?: PathReader | undefined;
}

/** The two operations that carry a value. */
export type Operation = 'add' | 'replace';

/** How the operations of one PATCH are resolved. */
export interface Resolution extends Reading {
  readonly options: PatchOptions;
  /** The attribute whose operations become a delta. */
  readonly members: Attribute | undefined;
}

/** Sub-attributes and their new values; `undefined`: unassigned. */
export type SubAttributes = ReadonlyMap<Attribute, unknown>;

/** What happens to each selected value of a multi-valued attribute. */
export type ValueChange =
  | { readonly kind: 'remove' }
  /** Replaces the whole value, except the sub-attributes in `kept`; undefined: removes it. */
  | { readonly kind: 'replace'; readonly value: unknown; readonly kept: readonly string[] }
  | {
      readonly kind: 'merge';
      readonly changes: SubAttributes;
      readonly append: boolean;
    };

/** What an operation on values does where its filter selects none. */
export type Unmatched =
  | 'noTarget'
  /** Does nothing, where the quirk `remove-without-match` is active. */
  | 'ignore'
  /** Creates the value; undefined: does nothing. With `quirk`, only where `value-path-creates` is active. */
  | {
      readonly create: Readonly<Record<string, unknown>> | undefined;
      readonly quirk: boolean;
    };

/** Sets a whole value; undefined: unassigns the attribute. */
export interface SetStep {
  readonly kind: 'set';
  readonly attribute: Attribute;
  readonly value: unknown;
}

/** Changes sub-attributes of a single-valued complex attribute. */
export interface MergeStep {
  readonly kind: 'merge';
  readonly attribute: Attribute;
  readonly changes: SubAttributes;
  /** True: multi-valued sub-attributes gain values. False: their values are replaced. */
  readonly append: boolean;
  /** True: sub-attributes that `changes` does not name become unassigned. */
  readonly whole: boolean;
}

/** Adds values to a multi-valued attribute, or removes the listed ones. */
interface ListStep {
  readonly kind: 'append' | 'removeListed';
  readonly attribute: Attribute;
  readonly values: readonly unknown[];
}

/** Changes selected values of a multi-valued attribute. */
export interface ValuesStep {
  readonly kind: 'values';
  readonly attribute: Attribute;
  /** Selects the values; undefined: all. */
  readonly filter: ValueFilter | undefined;
  /** True: refuse a filter that selects several values. */
  readonly one: boolean;
  readonly change: ValueChange;
  readonly unmatched: Unmatched;
}

/** A path that names a read-only attribute: refused, unless the value is the current one (standards readings 6, 61). */
export interface SameStep {
  readonly kind: 'same';
  readonly attribute: Attribute;
  readonly sub: Attribute | undefined;
  readonly value: unknown;
  /** True: the values must be all of the current ones. False: some of them are enough. */
  readonly whole: boolean;
}

/** Changes the members of a group without reading them, except for `removeMatchingMembers`. */
export type MemberStep =
  | {
      readonly kind: 'addMembers' | 'replaceMembers';
      readonly members: readonly Member[];
    }
  | { readonly kind: 'removeMembers'; readonly ids: readonly string[] }
  | { readonly kind: 'removeMatchingMembers'; readonly attribute: Attribute; readonly filter: ValueFilter };

/**
 * One step of a PATCH, with every name resolved and every value in its canonical form.
 *
 * Its `attribute` is one of the resource or of an extension, or the container of an extension.
 */
export type ResolvedOperation = SetStep | MergeStep | ListStep | ValuesStep | SameStep | MemberStep;

/** A PATCH that has been read, and not yet applied. */
export interface PatchPlan extends Reading {
  readonly operations: readonly ResolvedOperation[];
  /** For each of `operations`: the operation of the body that it comes from, by its index. */
  readonly places: readonly number[];
  /** True where a new value depends on the stored resource: `applyPatch` needs it. */
  readonly needsCurrent: boolean;
  /** True where the members to remove depend on the stored ones: `applyPatch` needs the resource with `members`. */
  readonly needsMembers: boolean;
  /** True where a value must equal a derived one: `applyPatch` needs the resource as responses show it. */
  readonly needsShown: boolean;
  /** References that a filter selects by `$ref` or display name, which no store keeps: `applyPatch` needs `show`. */
  readonly completeReferences: ReadonlySet<Attribute>;
}
