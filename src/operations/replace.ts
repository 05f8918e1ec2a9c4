import type { Attributes } from '../contract/attribute.js';
import { isThenable } from '../contract/awaitable.js';
import type { MemberChange } from '../contract/store.js';
import type { Projection } from '../schema/project.js';
import { readResourceInParts } from '../schema/read-resource.js';
import { ValueMistakes } from '../schema/value-mistakes.js';
import { assertedPaths } from './asserted.js';
import { authorize, withReadableResponse } from './authorize.js';
import type { ResourceCall } from './call.js';
import { carryOver } from './carry-over.js';
import { checkPreconditions, needsVersion, singleVersion } from './precondition.js';
import { refuseTooMany } from './represent.js';
import type { ScimResponse, ServedType } from './service.js';
import { readCurrent, writeChange } from './update.js';
import { memberChange, refuseLarge, retryOnConflict, storedPart } from './write.js';

/**
 * PUT (RFC 7644 3.5.1): the body replaces the resource; what it leaves out is cleared.
 *
 * Read-only and write-only attributes stay when they are left out, and so does `active`: an omission neither suspends
 * nor reactivates a user (standards reading 11). A type without immutable attributes takes one store call.
 */
export async function replace(sent: ResourceCall, body: unknown): Promise<ScimResponse> {
  const permitted = authorize(sent, 'replace', sent.id);
  if (isThenable(permitted)) await permitted;
  const readable = withReadableResponse(sent, sent.id);
  const call = isThenable(readable) ? await readable : readable;
  const { service, served, ctx, ifMatch } = call;
  const { type } = served;
  const mistakes = new ValueMistakes();
  const how = { limits: service.limits, work: ctx.work, mistakes, replaces: true };
  const asserted = await readResourceInParts(type, body, ctx.useQuirk, how);
  const paused = ctx.work.pause();
  if (isThenable(paused)) await paused;
  const validated = served.validator.resource(asserted, mistakes);
  if (isThenable(validated)) await validated;
  const projection = served.projections.ofWrite(call.parameters, ctx, () => assertedPaths(type, asserted));
  const { members: assertedMembers, ...others } = asserted;
  const resource = served.memberDeltas ? others : asserted;
  const members = served.memberDeltas ? memberChange(service, assertedMembers, true) : undefined;
  if (members !== undefined && projection.shows('members')) refuseTooMany(service, 'members', members.add.length);
  return retryOnConflict(ctx, ifMatch !== undefined, () => attempt(call, resource, members, projection));
}

async function attempt(
  call: ResourceCall,
  resource: Attributes,
  members: MemberChange | undefined,
  projection: Projection,
): Promise<ScimResponse> {
  const { served } = call;
  const readsFirst = needsVersion(call) || served.carriesOver;
  const current = readsFirst ? await readCurrent(call, served.fullSelection) : undefined;
  if (current !== undefined) checkPreconditions(call, current);
  const set = current === undefined ? resource : carryOver(served.type, current, resource);
  refuseLarge(call, set, current && storedPart(served, current));
  const ifVersion = current?.meta.version ?? singleVersion(call);
  const unset = clearedNames(served, set);
  return writeChange(call, { operation: 'replace', set, unset, members, ifVersion, current }, projection);
}

/** Attributes that a PUT of `set` clears. */
function clearedNames(served: ServedType, set: Attributes): string[] {
  const names: string[] = [];
  for (const { name, mutability } of served.type.attributes) {
    if (mutability === 'readOnly' || mutability === 'writeOnly') continue;
    if (name === 'schemas' || Object.hasOwn(set, name)) continue;
    if (served.memberDeltas && name === 'members') continue;
    if (name === 'active' && served.type.name === 'User') continue;
    names.push(name);
  }
  return names;
}
