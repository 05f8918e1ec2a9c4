import { isObject } from '../../contract/is-object.js';
import type { Attributes } from '../../contract/attribute.js';
import type { Attribute } from '../../schema/attribute.js';
import { nameOfReference } from '../../schema/reference.js';
import { ownProperty } from './draft.js';

/** What a PATCH compares with beside the stored resource: what responses show and no store keeps. */
export interface ShownResource {
  /** The resource as a response shows it. Needed where `plan.needsShown` is true. */
  readonly resource?: Attributes | undefined;
  /** Display names of the resources that `plan.namedReferences` refer to, by id. */
  readonly names?: ReadonlyMap<string, string> | undefined;
}

/** Returns a value of a reference as responses show it, with its display name. */
export type ShowValue = (attribute: Attribute, value: unknown) => unknown;

/** @param names display names by id; a stored name comes first, as in responses */
export function showWith(names: ReadonlyMap<string, string> | undefined): ShowValue {
  if (names === undefined) return (_, value) => value;
  return (attribute, value) => {
    const name = nameOfReference(attribute)?.name;
    if (name === undefined || !isObject(value) || ownProperty(value, name) !== undefined) return value;
    const shown = names.get(String(ownProperty(value, 'value')));
    return shown === undefined ? value : { ...value, [name]: shown };
  };
}
