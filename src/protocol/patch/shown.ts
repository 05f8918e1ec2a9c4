import type { Attributes } from '../../contract/attribute.js';
import type { Attribute } from '../../schema/attribute.js';

/** What a PATCH compares with beside the stored resource: what responses show and no store keeps. */
export interface ShownResource {
  /** The resource as a response shows it. Needed where `plan.needsShown` is true. */
  readonly resource?: Attributes | undefined;
  /** Needed where `plan.completeReferences` has any. Default: returns the value itself. */
  readonly show?: ShowValue | undefined;
}

/** Returns a value of a reference as responses show it, with `$ref` and display name. */
export type ShowValue = (attribute: Attribute, value: unknown) => unknown;
