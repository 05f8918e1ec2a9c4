import type { Attributes } from '../contract/attribute.js';
import type { Stored } from '../contract/resource.js';
import { ScimError, VersionMismatchError } from '../errors.js';
import { type EntityTags, matchesTag } from '../protocol/entity-tag.js';

/** The preconditions of a request (RFC 9110 13.1). */
export interface Preconditions {
  readonly ifMatch: EntityTags | undefined;
  readonly ifNoneMatch: EntityTags | undefined;
}

/** The only version that If-Match names, which the store can compare inside the write; undefined for none or several. */
export function singleVersion(ifMatch: EntityTags | undefined): string | undefined {
  return ifMatch === undefined || ifMatch === '*' || ifMatch.length !== 1 ? undefined : ifMatch[0];
}

/** True where a write must read the resource to evaluate its preconditions: the store compares a single version only. */
export function needsVersion({ ifMatch, ifNoneMatch }: Preconditions): boolean {
  return ifNoneMatch !== undefined || (ifMatch !== undefined && ifMatch !== '*' && ifMatch.length !== 1);
}

/** @throws VersionMismatchError where If-Match does not name the version of the resource (RFC 7644 3.14) */
export function checkIfMatch(ifMatch: EntityTags | undefined, resource: Stored<Attributes>): void {
  if (ifMatch !== undefined && !matchesTag(ifMatch, resource.meta.version)) throw new VersionMismatchError();
}

/**
 * Evaluates the preconditions of a write, in the order of RFC 9110 13.2.2.
 *
 * @throws VersionMismatchError where If-Match does not name the version of the resource
 * @throws ScimError 412 where If-None-Match does
 */
export function checkPreconditions({ ifMatch, ifNoneMatch }: Preconditions, resource: Stored<Attributes>): void {
  checkIfMatch(ifMatch, resource);
  if (ifNoneMatch !== undefined && matchesTag(ifNoneMatch, resource.meta.version)) {
    // Not a VersionMismatchError: that is a lost race, which a request without If-Match retries.
    throw new ScimError(412, 'The resource exists, in a version that If-None-Match names.');
  }
}
