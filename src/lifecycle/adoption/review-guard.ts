import { ForbiddenError } from '../../errors.js';
import type { Attributes } from '../../contract/attribute.js';
import type { Awaitable } from '../../contract/awaitable.js';
import type { User } from '../../contract/resource.js';
import { isAbsent } from '../../contract/row-values.js';
import type { ScimContext } from '../../contract/context.js';
import type { ProposedChange } from '../../hooks.js';
import { normalizeUserName } from '../../schema/normalize.js';
import type { ConflictStore } from '../conflicts/conflicts.js';
import type { Guard } from '../guards/guards.js';
import { fingerprintOf, primaryEmailOf, summaryOf } from '../identity.js';
import type { ExistingAccount } from './adoption.js';
import { parseAccount } from './parse-account.js';

/** What the guard uses of the options of `adoptBy`. */
interface ReviewOptions {
  account(tenant: string, id: string): Awaitable<ExistingAccount | undefined>;
  readonly conflicts: ConflictStore;
}

/**
 * The guard of `adoptBy`: PUT, PATCH and DELETE reach no account that POST could not link.
 *
 * - An account under review that is not linked is closed. A change that would link it is added to the conflicts, and is
 *   let through once an administrator has decided to link it.
 * - The change that links any account leaves its userName, its primary e-mail address and its password as they are.
 */
export function reviewGuard({ account, conflicts }: ReviewOptions): Guard {
  return async (change, ctx) => {
    const { id } = change;
    if (change.resourceType !== 'User' || id === undefined || change.links) return;
    const current = await change.current();
    if (current === undefined || typeof current['externalId'] === 'string') return;
    const after = change.operation === 'delete' ? undefined : afterChange(current, change);
    const isFirstLink = after !== undefined && typeof after['externalId'] === 'string';
    if (isFirstLink && changesLogin(current, after, change)) {
      throw new ForbiddenError(
        'The userName, e-mail address and password of an account that is not linked yet cannot change in the request that links it with an externalId. Send the externalId alone.',
      );
    }
    const found: unknown = await account(ctx.tenant, id);
    if (isAbsent(found)) return;
    const existing = parseAccount(found, 'account');
    if (existing.externalId !== undefined || existing.review !== true) return;
    if (isFirstLink) {
      if (await isApproved({ id, label: existing.label }, after, conflicts, ctx)) return;
      throw new ForbiddenError(
        'The account is privileged and not linked with the identity provider. Only an administrator of the application can link it; then send the request again.',
      );
    }
    throw new ForbiddenError(
      'The account is privileged and not linked with the identity provider, so the identity provider cannot change or delete it. An administrator of the application has to link it first.',
    );
  };
}

function afterChange(current: Attributes, { set, unset }: ProposedChange): Attributes {
  const kept = Object.entries(current).filter(([name]) => !unset.includes(name));
  return { ...Object.fromEntries(kept), ...set };
}

/** Whether a client that sends this change could log in to the account, or keep its user from doing so. */
function changesLogin(current: Attributes, after: Attributes, change: ProposedChange): boolean {
  const nameOf = ({ userName }: Attributes): string => normalizeUserName(String(userName));
  if (nameOf(current) !== nameOf(after) || change.set['password'] !== undefined) return true;
  const email = primaryEmailOf(current)?.toLowerCase();
  return email !== undefined && email !== primaryEmailOf(after)?.toLowerCase();
}

async function isApproved(
  candidate: { readonly id: string; readonly label: string },
  after: Attributes,
  conflicts: ConflictStore,
  { tenant }: ScimContext,
): Promise<boolean> {
  // `current()` returned a user, and the change was validated against the schema.
  const resource = after as Attributes & User;
  const fingerprint = fingerprintOf(resource);
  const decision = (await conflicts.find(tenant, fingerprint))?.decision;
  if (decision?.action === 'link') return decision.id === candidate.id;
  if (decision !== undefined) return false;
  await conflicts.add({
    tenant,
    kind: 'adopt',
    fingerprint,
    summary: 'The identity provider wants to link a privileged account that exists. Only an administrator can link it.',
    candidates: [candidate],
    resource: summaryOf(resource),
  });
  return false;
}
