import type { RequestContext } from './request-context.js';
import { readResource } from '../schema/read-resource.js';
import { adopt, askToAdopt } from './adopt.js';
import { assertedPaths } from './asserted.js';
import { isThenable } from '../contract/awaitable.js';
import type { SelectionParameters } from './projection-cache.js';
import { responseWith, refuseTooMany } from './represent.js';
import { type ScimResponse, authorize, type ServedType, type Service } from './service.js';
import { eventsOf, guard, keysOf, memberChange } from './write.js';

/**
 * POST to a resource type's endpoint (RFC 7644 3.3).
 *
 * @returns 201 with the resource as it was stored, or with the account that `options.adopt` linked in its place
 * @throws InvalidSyntaxError, InvalidValueError for a body that does not fit; ConflictError for a name that is taken
 */
export async function create(
  service: Service,
  served: ServedType,
  body: unknown,
  requested: SelectionParameters,
  ctx: RequestContext,
): Promise<ScimResponse> {
  const permitted = authorize(service, { operation: 'create', resourceType: served.type.name }, ctx);
  if (isThenable(permitted)) await permitted;
  const asserted = readResource(served.type, body, ctx.useQuirk);
  const projection = served.projections.ofWrite(requested, () => assertedPaths(served.type, asserted));
  const fits = served.validator.resource(asserted);
  if (isThenable(fits)) await fits;
  if (service.activeByDefault && served.type.name === 'User' && asserted['active'] === undefined) {
    if (served.type.attributes.get('active') !== undefined) asserted['active'] = true;
  }
  const adoption = service.adopt === undefined ? undefined : await askToAdopt(service, served, asserted, ctx);
  if (adoption !== undefined && 'id' in adoption) return adopt(service, served, adoption, asserted, requested, ctx);
  const { members: given, ...others } = asserted;
  const resource = served.memberDeltas ? others : asserted;
  const members = served.memberDeltas ? memberChange(service, given, false) : undefined;
  // An answer that cannot be given is refused before anything is written.
  if (members !== undefined && projection.shows('members')) refuseTooMany(service, 'members', members.add.length);
  const proposal = { operation: 'create', resourceType: served.type.name, set: resource, unset: [], members } as const;
  if (service.beforeChange !== undefined) await guard(service, served, proposal, undefined, ctx);
  const intended = { operation: 'create', set: resource, unset: [], tombstone: adoption?.tombstone } as const;
  const events = eventsOf(service, served, intended, ctx);
  const created = service.deadlines.bound(
    served.store.create(
      { resource, members, keys: keysOf(served, resource), selection: projection.selection, events: events.events },
      ctx,
    ),
    ctx,
  );
  const result = isThenable(created) ? await created : created;
  events.publish(result);
  return responseWith(service, served, 201, result.resource, projection, ctx);
}
