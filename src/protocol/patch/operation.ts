import type { UseQuirk } from '../../quirks/active-quirks.js';
import type { Attribute } from '../../schema/attribute.js';
import type { ResourceType } from '../../schema/resource-type.js';
import type { Member } from '../../contract/resource.js';
import type { ValueFilter } from '../filter/parse.js';

/** Sub-attributes and their new values; `undefined` stands for unassigned. */
export type SubAttributes = ReadonlyMap<Attribute, unknown>;

/** What happens to each selected value of a multi-valued attribute. */
export type ValueChange =
  | { readonly kind: 'remove' }
  /** The whole value becomes this one; undefined: it goes away. */
  | { readonly kind: 'replace'; readonly value: unknown }
  | {
      readonly kind: 'merge';
      readonly changes: SubAttributes;
      readonly append: boolean;
    };

/** What an operation on values does where none is selected. */
export type Unmatched =
  | 'ignore'
  | 'noTarget'
  /** The value is made; undefined: there is nothing to make. `quirk`: only where `value-path-creates` is tolerated. */
  | {
      readonly create: Readonly<Record<string, unknown>> | undefined;
      readonly quirk: boolean;
    };

/** Sets whole values; undefined: unassigned. */
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
  /** True: multi-valued sub-attributes gain values. */
  readonly append: boolean;
  /** True: sub-attributes that are not named go away. */
  readonly whole: boolean;
}

/** Adds values to a multi-valued attribute, or removes those that are listed. */
export interface ListStep {
  readonly kind: 'append' | 'removeListed';
  readonly attribute: Attribute;
  readonly values: readonly unknown[];
}

/** Changes selected values of a multi-valued attribute. */
export interface ValuesStep {
  readonly kind: 'values';
  readonly attribute: Attribute;
  /** Undefined: all values. */
  readonly filter: ValueFilter | undefined;
  /** True: a filter that selects several values is refused. */
  readonly one: boolean;
  readonly change: ValueChange;
  readonly unmatched: Unmatched;
}

/** A read-only attribute named by its path: refused unless it says what is so (standards reading 6). */
export interface SameStep {
  readonly kind: 'same';
  readonly attribute: Attribute;
  readonly value: unknown;
  /** False: the values may be some of those that are there. */
  readonly whole: boolean;
}

/** Changes the members of a group without looking at them. */
export type MemberStep =
  | {
      readonly kind: 'addMembers' | 'replaceMembers';
      readonly members: readonly Member[];
    }
  | { readonly kind: 'removeMembers'; readonly ids: readonly string[] }
  | { readonly kind: 'removeMatchingMembers'; readonly filter: ValueFilter };

/**
 * One step of a PATCH after every name has been resolved and every value brought into its canonical form.
 * Its `attribute` is one of the resource or of an extension, or an extension's container.
 */
export type ResolvedOperation = SetStep | MergeStep | ListStep | ValuesStep | SameStep | MemberStep;

/** A PATCH that has been read, and not yet applied. */
export interface PatchPlan {
  readonly operations: readonly ResolvedOperation[];
  /** True where a new value depends on what is stored: `applyPatch` must be given the resource. */
  readonly needsCurrent: boolean;
  /** True where the members to remove are found by looking at them: the resource must come with `members`. */
  readonly needsMembers: boolean;
  /** True where nothing is left to do. */
  readonly empty: boolean;
  readonly type: ResourceType;
  readonly useQuirk: UseQuirk;
}
