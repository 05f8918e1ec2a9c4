import type { RequestContext } from './request-context.js';
import { ConflictError, ScimError } from '../errors.js';
import { neverAdopted, type Adoption } from '../lifecycle/adoption/adoption.js';
import type { Attributes } from '../contract/attribute.js';
import type { User } from '../contract/resource.js';
import { assertedPaths } from './asserted.js';
import type { SelectionParameters } from './projection-cache.js';
import { responseWith } from './represent.js';
import { type ScimResponse, authorize, type ServedType, type Service } from './service.js';
import { eventsOf, guard, keysOf, untilWritten } from './write.js';

type Link = Extract<Adoption, { readonly id: string }>;

/**
 * Asks `options.adopt` what becomes of a user that is about to be created.
 *
 * Asked only where there is an externalId: without one a linked account could not be told from an unlinked one, and every
 * repetition of the request would succeed.
 *
 * @returns undefined: create it
 * @throws ScimError 409 uniqueness where an administrator has to decide, or has refused
 */
export async function askToAdopt(
  service: Service,
  served: ServedType,
  asserted: Attributes,
  ctx: RequestContext,
): Promise<Exclude<Adoption, { readonly ambiguous: unknown } | { readonly refused: unknown }> | undefined> {
  if (service.adopt === undefined || served.type.name !== 'User' || asserted['externalId'] === undefined) {
    return undefined;
  }
  const { password: _, ...resource } = asserted;
  const asked = service.adopt({ resourceType: 'User', resource: resource as unknown as User, ctx });
  const adoption = await service.deadlines.bound(asked, ctx);
  if (adoption === undefined || 'id' in adoption || 'tombstone' in adoption) return adoption;
  throw new ScimError(
    409,
    'refused' in adoption
      ? 'An administrator of the application has refused this user.'
      : 'An existing account may be this person. An administrator of the application has to settle this; then send the request again.',
    { scimType: 'uniqueness' },
  );
}

/**
 * Links an account that was there before (docs/decisions/0007-adopt.md).
 *
 * It gets the externalId and what the host lists, in one compare-and-swap, and nothing else.
 *
 * @returns 201 with the account as it is then, and its Location
 * @throws ConflictError where the account is linked with another externalId
 */
export async function adopt(
  service: Service,
  served: ServedType,
  link: Link,
  asserted: Attributes,
  requested: SelectionParameters,
  ctx: RequestContext,
): Promise<ScimResponse> {
  const { id } = link;
  const access = { operation: 'patch', resourceType: served.type.name, id } as const;
  await authorize(service, access, ctx);
  const set = taken(served, link, asserted);
  const projection = served.projections.ofWrite(requested, () => assertedPaths(served.type, set));
  return untilWritten(
    async () => {
      const current = await service.deadlines.bound(served.store.get(id, served.everything, ctx), ctx);
      if (current === undefined) throw new Error('options.adopt named an id that the store does not know.');
      const linked = current['externalId'];
      if (linked !== undefined && linked !== set['externalId'] && link.relink !== true) {
        throw new ConflictError('externalId', 'The account of this person is linked with another externalId.');
      }
      const { version } = current.meta;
      await guard(service, served, { ...access, set, unset: [], members: undefined }, current, ctx);
      const events = eventsOf(service, served, { operation: 'adopt', set, unset: [] }, ctx);
      const change = { ifVersion: version, set, unset: [], keys: keysOf(served, set), selection: projection.selection };
      const result = await service.deadlines.bound(
        served.store.update(id, { ...change, events: events.events }, ctx),
        ctx,
      );
      if (result === undefined) throw new Error('options.adopt named a user that is deleted.');
      events.publish(result);
      return responseWith(service, served, 201, result.resource, projection, ctx);
    },
    false,
    ctx,
  );
}

function taken(served: ServedType, { attributes = [] }: Link, asserted: Attributes): Attributes {
  const set: Record<string, unknown> = { externalId: asserted['externalId'] };
  for (const name of attributes) {
    if (neverAdopted.includes(name) || served.type.attributes.get(name)?.name !== name) {
      throw new Error(`options.adopt lists ${JSON.stringify(name)}, which an adoption cannot change.`);
    }
    if (asserted[name] !== undefined) set[name] = asserted[name];
  }
  return set;
}
