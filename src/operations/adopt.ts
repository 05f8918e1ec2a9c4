import type { Attributes } from '../contract/attribute.js';
import type { Awaitable } from '../contract/awaitable.js';
import { callHook } from '../contract/hook-source.js';
import type { User } from '../contract/resource.js';
import { ConflictError, ScimError } from '../errors.js';
import { type Adoption, neverAdopted } from '../lifecycle/adoption/adoption.js';
import type { ResourceType } from '../schema/resource-type.js';
import { assertedPaths } from './asserted.js';
import { authorize, withReadableResponse } from './authorize.js';
import { bounded, type Call } from './call.js';
import { parseAdoption } from './parse-hooks.js';
import { decideBeforeWrite, writeWithCheck } from './checked-write.js';
import { respondWith } from './represent.js';
import type { ScimResponse } from './service.js';
import { keptBy } from './update.js';
import { changedKeysOf, eventsOf, retryOnConflict } from './write.js';

/** The account that `options.adopt` found for the user. */
type LinkedAccount = Extract<Adoption, { readonly id: string }>;
/** What a creation goes on with. */
type UsableAdoption = LinkedAccount | Extract<Adoption, { readonly tombstone: string }>;

/**
 * Calls `options.adopt` for a user that is about to be created.
 *
 * Only users with an externalId can be adopted: without one, a linked account looks like an unlinked one, and every
 * repetition of the request would succeed.
 *
 * @returns undefined where the user is to be created
 * @throws ScimError 409 uniqueness where an administrator has to decide, or has refused
 */
export async function proposeAdoption(call: Call, asserted: Attributes): Promise<UsableAdoption | undefined> {
  const { service, served } = call;
  if (service.adopt === undefined || served.type.name !== 'User' || asserted['externalId'] === undefined) {
    return undefined;
  }
  const adoption = parseAdoption(await boundedAdopt(call, candidate(asserted)));
  if (adoption === undefined || 'id' in adoption || 'tombstone' in adoption) return adoption;
  throw new ScimError(
    409,
    'refused' in adoption
      ? 'An administrator of the application has refused this user.'
      : 'This user may already have an account. Ask an administrator of the application to decide; then send the request again.',
    { scimType: 'uniqueness' },
  );
}

/** Bounded like a call of the store, which it usually is. */
function boundedAdopt(call: Call, resource: Readonly<User>): Awaitable<unknown> {
  const { service, ctx } = call;
  return bounded(
    call,
    callHook('adopt', () => service.adopt?.({ resourceType: 'User', resource, ctx })),
  );
}

/** The user without its password. The validator has checked it against the schema of User. */
function candidate({ password: _, ...user }: Attributes): Readonly<User> {
  return user as Attributes & User;
}

/**
 * Links an account that existed before provisioning (docs/decisions/0007-adopt.md).
 *
 * The account gets the externalId and the attributes that `options.adopt` lists, in one compare-and-swap.
 *
 * @returns 201 with the account as it is then, and its Location
 * @throws ConflictError where the account is linked with another externalId
 */
export async function adopt(call: Call, account: LinkedAccount, asserted: Attributes): Promise<ScimResponse> {
  await authorize(call, 'patch', account.id);
  const set = adoptedAttributes(call.served.stored, account, asserted);
  const readable = await withReadableResponse(call, account.id);
  return retryOnConflict(call.ctx, false, () => link(readable, account, set));
}

async function link(call: Call, { id, relink }: LinkedAccount, adopted: Attributes): Promise<ScimResponse> {
  const { served, ctx } = call;
  const current = await bounded(call, served.store.get(id, served.fullSelection, ctx));
  if (current === undefined) throw new Error('options.adopt returned an id that the store does not know.');
  const linked = current['externalId'];
  if (linked !== undefined && linked !== adopted['externalId'] && relink !== true) {
    throw new ConflictError('externalId', 'The account of this user is linked with another externalId.');
  }
  const { set, unset } = keptBy(call, { set: adopted, unset: [], current });
  const proposal = { operation: 'patch', resourceType: served.type.name, id, set, unset } as const;
  const { check } = await decideBeforeWrite(call, { ...proposal, members: undefined, links: true }, current);
  const projection = served.projections.ofWrite(call.parameters, call.ctx, () => assertedPaths(served.type, adopted));
  const { events, publish } = eventsOf(call, { operation: 'adopt', set, unset });
  const ifVersion = current.meta.version;
  const result = await writeWithCheck(call, check, { id, ifVersion }, (inside) =>
    served.store.update(
      id,
      {
        ifVersion,
        set,
        unset,
        keys: changedKeysOf(served.stored, set, unset),
        selection: projection.selection,
        caseExact: served.stored.caseExact,
        events,
        check: inside,
      },
      ctx,
    ),
  );
  if (result === undefined) throw new Error('options.adopt returned the id of a user that is deleted.');
  publish(result);
  return respondWith(call, 201, result.resource, projection);
}

/** @throws Error where `options.adopt` lists an attribute that an adoption must not change */
function adoptedAttributes(type: ResourceType, account: LinkedAccount, asserted: Attributes): Attributes {
  const set: Record<string, unknown> = { externalId: asserted['externalId'] };
  for (const name of account.attributes ?? []) {
    if (neverAdopted.includes(name) || type.attributes.get(name)?.name !== name) {
      throw new Error(`options.adopt lists ${JSON.stringify(name)}, which must not change when an account is linked.`);
    }
    if (asserted[name] !== undefined) set[name] = asserted[name];
  }
  return set;
}
