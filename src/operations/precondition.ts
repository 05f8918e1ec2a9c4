import type { Attributes } from '../contract/attribute.js';
import type { Stored } from '../contract/resource.js';
import { VersionMismatchError } from '../errors.js';
import { type EntityTags, matchesTag } from '../protocol/entity-tag.js';

/** The only version that If-Match names, which the store can compare inside the write; undefined for none or several. */
export function singleVersion(ifMatch: EntityTags | undefined): string | undefined {
  return ifMatch === undefined || ifMatch === '*' || ifMatch.length !== 1 ? undefined : ifMatch[0];
}

/** True where If-Match names several versions: the resource must be read to compare them. */
export function namesSeveralVersions(ifMatch: EntityTags | undefined): boolean {
  return ifMatch !== undefined && ifMatch !== '*' && ifMatch.length !== 1;
}

/** @throws VersionMismatchError where If-Match does not name the version of the resource (RFC 7644 3.14) */
export function checkIfMatch(ifMatch: EntityTags | undefined, resource: Stored<Attributes>): void {
  if (ifMatch !== undefined && !matchesTag(ifMatch, resource.meta.version)) throw new VersionMismatchError();
}
