import type { Attributes } from '../contract/attribute.js';
import type { ScimContext } from '../contract/context.js';
import type { Stored } from '../contract/resource.js';
import { ScimError, VersionMismatchError } from '../errors.js';
import { matchesTag } from '../protocol/entity-tag.js';
import type { ResourceCall } from './call.js';
import type { Service } from './service.js';

/** What versions depend on. */
interface VersionScope {
  readonly service: Pick<Service, 'maskVersion'>;
  readonly ctx: Pick<ScimContext, 'tenant'>;
}

/** The preconditions of a request (RFC 9110 13.1). */
export type Preconditions = VersionScope & Pick<ResourceCall, 'ifMatch' | 'ifNoneMatch'>;

/** The version of a resource as the client sees it. */
export function shownVersion(
  { service: { maskVersion }, ctx }: VersionScope,
  { id, meta }: Stored<Attributes>,
): string {
  return maskVersion === undefined ? meta.version : maskVersion(meta.version, id, ctx.tenant);
}

/**
 * The only version that If-Match names, which the store can compare inside the write; undefined for none or several, and
 * where the client has other versions than the store.
 */
export function singleVersion({ ifMatch, service }: Preconditions): string | undefined {
  if (service.maskVersion !== undefined) return undefined;
  return ifMatch === undefined || ifMatch === '*' || ifMatch.length !== 1 ? undefined : ifMatch[0];
}

/** True where a write must read the resource to evaluate its preconditions: the store compares a single version only. */
export function needsVersion({ ifMatch, ifNoneMatch, service }: Preconditions): boolean {
  if (ifNoneMatch !== undefined) return true;
  return ifMatch !== undefined && ifMatch !== '*' && (ifMatch.length !== 1 || service.maskVersion !== undefined);
}

/** @throws VersionMismatchError where If-Match does not name the version of the resource (RFC 7644 3.14) */
export function checkIfMatch(call: Preconditions, resource: Stored<Attributes>): void {
  const { ifMatch } = call;
  if (ifMatch !== undefined && !matchesTag(ifMatch, shownVersion(call, resource))) throw new VersionMismatchError();
}

/**
 * Evaluates the preconditions of a write, in the order of RFC 9110 13.2.2.
 *
 * @throws VersionMismatchError where If-Match does not name the version of the resource
 * @throws ScimError 412 where If-None-Match does
 */
export function checkPreconditions(call: Preconditions, resource: Stored<Attributes>): void {
  const { ifNoneMatch } = call;
  checkIfMatch(call, resource);
  if (ifNoneMatch !== undefined && matchesTag(ifNoneMatch, shownVersion(call, resource))) {
    // Not a VersionMismatchError: that is a lost race, which a request without If-Match retries.
    throw new ScimError(412, 'The resource already exists in a version that If-None-Match names.');
  }
}
