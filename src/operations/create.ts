import type { Attributes } from '../contract/attribute.js';
import { isThenable } from '../contract/awaitable.js';
import { ForbiddenError } from '../errors.js';
import { readResourceInParts } from '../schema/read-resource.js';
import { ValueMistakes } from '../schema/value-mistakes.js';
import { adopt, proposeAdoption } from './adopt.js';
import { assertedPaths } from './asserted.js';
import { authorize, withReadableResponse } from './authorize.js';
import type { Call } from './call.js';
import { decideBeforeWrite, writeWithCheck } from './checked-write.js';
import { writeMembers } from './member-errors.js';
import { refuseTooMany, respondWith } from './represent.js';
import type { ScimResponse } from './service.js';
import { eventsOf, keysOf, memberChange, refuseLarge } from './write.js';

/**
 * POST to the endpoint of a resource type (RFC 7644 3.3).
 *
 * @returns 201 with the resource as stored, or with the account that `options.adopt` linked instead
 * @throws InvalidSyntaxError, InvalidValueError for a body that does not fit the schema
 * @throws ConflictError for a unique value that is taken
 */
export async function create(sent: Call, body: unknown): Promise<ScimResponse> {
  const permitted = authorize(sent, 'create');
  if (isThenable(permitted)) await permitted;
  refuseIncomplete(sent);
  const readable = withReadableResponse(sent, undefined);
  const call = isThenable(readable) ? await readable : readable;
  const { service, served, ctx } = call;
  const mistakes = new ValueMistakes();
  const { limits } = service;
  const asserted = await readResourceInParts(served.type, body, ctx.useQuirk, { limits, work: ctx.work, mistakes });
  const projection = served.projections.ofWrite(call.parameters, ctx, () => assertedPaths(served.type, asserted));
  const paused = ctx.work.pause();
  if (isThenable(paused)) await paused;
  const validated = served.validator.resource(asserted, mistakes);
  if (isThenable(validated)) await validated;
  if (needsActive(call, asserted)) asserted['active'] = true;
  const adoption = service.adopt === undefined ? undefined : await proposeAdoption(call, asserted);
  if (adoption !== undefined && 'id' in adoption) return adopt(call, adoption, asserted);
  const { members: assertedMembers, ...others } = asserted;
  const set = served.memberDeltas ? others : asserted;
  refuseLarge(call, set, undefined);
  const members = served.memberDeltas ? memberChange(service, assertedMembers, false) : undefined;
  // A response that cannot be given is refused before anything is written.
  if (members !== undefined && projection.shows('members')) refuseTooMany(service, 'members', members.add.length);
  const proposal = { operation: 'create', resourceType: served.type.name, set, unset: [], members } as const;
  const deciding = decideBeforeWrite(call, proposal, undefined);
  const { check } = isThenable(deciding) ? await deciding : deciding;
  const events = eventsOf(call, { operation: 'create', set, unset: [], tombstone: adoption?.tombstone });
  const write = () =>
    writeWithCheck(call, check, { id: undefined, ifVersion: undefined }, (inside) =>
      served.store.create(
        {
          resource: set,
          members,
          keys: keysOf(served.stored, set),
          selection: projection.selection,
          caseExact: served.stored.caseExact,
          events: events.events,
          check: inside,
        },
        ctx,
      ),
    );
  const created = members === undefined ? write() : writeMembers(call, write);
  const result = isThenable(created) ? await created : created;
  events.publish(result);
  return respondWith(call, 201, result.resource, projection);
}

/** True for a user without `active`, where `options.activeByDefault` is on and the store keeps the attribute. */
function needsActive({ service, served: { stored } }: Call, asserted: Attributes): boolean {
  if (!service.activeByDefault || stored.name !== 'User' || asserted['active'] !== undefined) return false;
  return stored.attributes.get('active') !== undefined;
}

/** @throws ForbiddenError where `options.access` keeps the client from writing what every resource of the type needs */
function refuseIncomplete({ served: { restricted, type } }: Call): void {
  if (restricted === undefined || restricted.missing.length === 0) return;
  throw new ForbiddenError(`This client cannot create a ${type.name}: it may not write all attributes that one needs.`);
}
