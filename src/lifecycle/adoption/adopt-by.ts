import { callHook } from '../../contract/hook-source.js';
import type { Awaitable } from '../../contract/awaitable.js';
import type { User } from '../../contract/resource.js';
import type { ConflictCandidate, ConflictStore } from '../conflicts/conflicts.js';
import { type Adopt, type Adoption, type AdoptionCandidate, type ExistingAccount, neverAdopted } from './adoption.js';
import type { Guard } from '../guards/guards.js';
import { parseAccounts } from './parse-account.js';
import { reviewGuard } from './review-guard.js';
import { employeeNumberOf, fingerprintOf, primaryEmailOf, summaryOf } from '../identity.js';
import { checkOptions, type OptionRules, usageError } from '../../contract/option-mistakes.js';

/**
 * An identifier by which a user is matched with an account, the strongest first. `verifiedEmail` matches the primary
 * e-mail address, or the only one, with addresses that an account has proved to own.
 *
 * @example
 * import type { AdoptionRule } from 'express-scim/lifecycle';
 *
 * export const rules: readonly AdoptionRule[] = ['externalId', 'verifiedEmail'];
 */
export type AdoptionRule = 'externalId' | 'employeeNumber' | 'verifiedEmail';

/**
 * One lookup among the accounts of your app. A lookup by `userName` finds accounts that block the name; it never links.
 *
 * @example
 * import type { AdoptionKey } from 'express-scim/lifecycle';
 *
 * export const key: AdoptionKey = { by: 'employeeNumber', value: '1815' };
 */
export interface AdoptionKey {
  readonly by: AdoptionRule | 'userName';
  readonly value: string;
}

/**
 * Options of `adoptBy`.
 *
 * @example
 * import { type AdoptByOptions, memoryConflictStore } from 'express-scim/lifecycle';
 *
 * export const options: AdoptByOptions = { find: () => [], conflicts: memoryConflictStore(), rules: ['externalId'] };
 */
export interface AdoptByOptions {
  /**
   * Finds the accounts of the tenant that have exactly this value. For `verifiedEmail`, return only accounts that have
   * proved to own the address. Compare e-mail addresses and userNames as the login of your app does.
   */
  find(tenant: string, key: AdoptionKey): Awaitable<readonly ExistingAccount[]>;
  /**
   * Finds the account with this ID, for `guard`; undefined if the app has none. Its `review` and `externalId` count.
   */
  account?(tenant: string, id: string): Awaitable<ExistingAccount | undefined>;
  /** The rules that may link an account. Default `['externalId', 'employeeNumber']`. */
  readonly rules?: readonly AdoptionRule[] | undefined;
  /** Where ambiguous cases wait for an administrator. */
  readonly conflicts: ConflictStore;
  /** The tombstones of `offboarding`: deleted users return by externalId or employeeNumber. Default: none. */
  readonly tombstones?: { find(tenant: string, key: AdoptionKey): Awaitable<readonly ConflictCandidate[]> } | undefined;
  /** Attributes that the account takes from the resource when it is linked, besides externalId. Default: none. */
  readonly attributes?: readonly string[] | undefined;
  /** For `verifiedEmail`: the domains that the tenant has proved to own. Default: all domains. */
  readonly domains?: ((tenant: string) => Awaitable<readonly string[]>) | undefined;
}

/** Prefix of a candidate's ID when the candidate is a deleted user. */
const tombstonePrefix = 'tombstone:';

const ruleNames: readonly string[] = ['externalId', 'employeeNumber', 'verifiedEmail'];

/**
 * What `adoptBy` returns: the hook for `options.adopt`, with the guard that belongs to it.
 *
 * @example
 * import type { AccountAdoption } from 'express-scim/lifecycle';
 *
 * export const optionsOf = (adopt: AccountAdoption) => ({ adopt, beforeChange: adopt.guard });
 */
export interface AccountAdoption extends Adopt {
  /**
   * Keeps PUT, PATCH and DELETE from reaching what POST must not: put it first in `guards`. Accounts that are under review
   * and not linked are closed until an administrator links them, and the change that links an account changes neither its
   * userName nor its primary e-mail address or password.
   *
   * The guard throws ForbiddenError (403). Reading it throws TypeError without `options.account`.
   */
  readonly guard: Guard;
}

/**
 * Makes an `adopt` hook that links users with accounts that existed before provisioning.
 *
 * An account is linked when it is the only one that the rules find, and it either has no externalId yet or is
 * deactivated and was found by externalId or employeeNumber (a re-hire). Everything else is added to `conflicts`:
 * several matches, contradicting rules, an account under review, and an unlinked or deactivated account with the same
 * userName. A userName alone never links, because it may have been reassigned to a new user.
 *
 * Pass its `guard` to `beforeChange` as well: without it a client can reach an account under review by PATCH.
 *
 * @throws TypeError at creation, when `rules` or `attributes` would give a client access to accounts
 *
 * @example
 * import { adoptBy, type ExistingAccount, memoryConflictStore } from 'express-scim/lifecycle';
 *
 * const accounts: (ExistingAccount & { readonly employeeNumber: string })[] = [];
 * export const adopt = adoptBy({
 *   account: (_tenant, id) => accounts.find((account) => account.id === id),
 *   find: (_tenant, { by, value }) =>
 *     accounts.filter((account) => (by === 'externalId' || by === 'employeeNumber') && account[by] === value),
 *   conflicts: memoryConflictStore(),
 * });
 * export const beforeChange = adopt.guard;
 */
export function adoptBy(options: AdoptByOptions): AccountAdoption {
  checkOptions(options, optionRules, ({ rules: ruleList, attributes: names }) => [
    ...mistakesOfRules(ruleList),
    ...forbiddenAttributes(names),
  ]);
  const { rules = ['externalId', 'employeeNumber'], attributes } = options;
  const adopt: Adopt = async (candidate) => {
    const finding = await match(options, rules, candidate);
    if (finding.kind === 'none') return undefined;
    const fingerprint = fingerprintOf(candidate.resource);
    const { decision } = (await options.conflicts.find(candidate.ctx.tenant, fingerprint)) ?? {};
    if (decision?.action === 'refuse') return { refused: true };
    if (decision?.action === 'create') return undefined;
    // The accounts may have changed since the decision: only one that still matches is linked.
    if (decision?.action === 'link' && finding.candidates.some(({ id }) => id === decision.id)) {
      return linkTo(decision.id, attributes, true);
    }
    if (finding.kind === 'match') return linkTo(finding.id, attributes, finding.relink);
    await options.conflicts.add({
      tenant: candidate.ctx.tenant,
      kind: 'adopt',
      fingerprint,
      summary: finding.reason,
      candidates: finding.candidates,
      resource: summaryOf(candidate.resource),
    });
    return { ambiguous: finding.candidates.map(({ id }) => id), reason: finding.reason };
  };
  return Object.defineProperty(adopt, 'guard', { get: () => guardOf(options) }) as AccountAdoption;
}

const page = 'lifecycle.md#existing-accounts-adopt';

const optionRules: OptionRules<keyof AdoptByOptions> = {
  of: 'adoptBy',
  page,
  required: ['find', 'conflicts'],
  kinds: {
    find: 'function',
    account: 'function',
    rules: 'list',
    conflicts: 'object',
    tombstones: 'object',
    attributes: 'list',
    domains: 'function',
  },
};

function mistakesOfRules(rules: unknown): readonly string[] {
  if (!Array.isArray(rules) || rules.every((rule) => ruleNames.includes(rule as string))) return [];
  const reason = rules.includes('userName')
    ? ', not userName: a reassigned userName would give a new user the account of the previous one'
    : '';
  return [`rules may contain ${ruleNames.join(', ')}${reason}`];
}

function forbiddenAttributes(attributes: unknown): readonly string[] {
  if (!Array.isArray(attributes)) return [];
  const forbidden = neverAdopted.filter((name) => attributes.includes(name));
  return forbidden.length === 0
    ? []
    : [`attributes must not contain ${forbidden.join(', ')}, which cannot change when an account is linked`];
}

function guardOf({ account, conflicts }: AdoptByOptions): Guard {
  if (account === undefined) {
    throw usageError('adoptBy', 'guard needs the option account, which finds the account with an ID', page);
  }
  return reviewGuard({ account, conflicts });
}

type Finding =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'match';
      readonly id: string;
      readonly relink: boolean;
      readonly candidates: readonly ConflictCandidate[];
    }
  | { readonly kind: 'ambiguous'; readonly reason: string; readonly candidates: readonly ConflictCandidate[] };

async function match(
  options: AdoptByOptions,
  rules: readonly AdoptionRule[],
  { resource, ctx }: AdoptionCandidate,
): Promise<Finding> {
  const keys = await keysFor(options, rules, resource, ctx.tenant);
  const { externalId } = resource;
  const found = new Map<string, { readonly account: ExistingAccount; readonly by: AdoptionRule }>();
  for (const key of keys) {
    for (const account of parseAccounts(await callHook('adoptBy.find', () => options.find(ctx.tenant, key)))) {
      if (!found.has(account.id)) found.set(account.id, { account, by: key.by });
    }
  }
  if (found.size > 1) {
    const candidates = [...found.values()].map(({ account }) => candidateOf(account));
    return { kind: 'ambiguous', reason: 'Several accounts match the new user.', candidates };
  }
  for (const { account, by } of found.values()) {
    const candidates = [candidateOf(account)];
    const active = account.active !== false;
    // This user is already provisioned and active: an ordinary duplicate, which the store refuses. The router calls
    // `adopt` only for users with an externalId, so two missing ones are never equal here.
    if (account.externalId === externalId && active) return { kind: 'none' };
    if (account.review === true) {
      return {
        kind: 'ambiguous',
        reason: 'The matching account is privileged. Only an administrator can link it.',
        candidates,
      };
    }
    if (account.externalId === undefined || account.externalId === externalId) {
      return { kind: 'match', id: account.id, relink: false, candidates };
    }
    if (!active && by !== 'verifiedEmail') return { kind: 'match', id: account.id, relink: true, candidates };
    return { kind: 'ambiguous', reason: 'The matching account is linked with another user.', candidates };
  }
  return (await matchDeleted(options, keys, ctx.tenant)) ?? matchUserName(options, resource, ctx.tenant);
}

async function matchDeleted(
  { tombstones }: AdoptByOptions,
  keys: readonly (AdoptionKey & { readonly by: AdoptionRule })[],
  tenant: string,
): Promise<Finding | undefined> {
  if (tombstones === undefined) return undefined;
  const found = new Map<string, ConflictCandidate>();
  for (const key of keys) {
    // The address may have been reassigned to somebody else.
    if (key.by === 'verifiedEmail') continue;
    for (const each of await tombstones.find(tenant, key)) found.set(each.id, each);
  }
  const candidates = [...found.values()].map(({ id, label }) => ({ id: tombstonePrefix + id, label }));
  const [only, ...others] = candidates;
  if (only === undefined) return undefined;
  if (others.length === 0) return { kind: 'match', id: only.id, relink: false, candidates };
  return { kind: 'ambiguous', reason: 'Several deleted users match the new user.', candidates };
}

async function matchUserName({ find }: AdoptByOptions, resource: User, tenant: string): Promise<Finding> {
  const named = parseAccounts(
    await callHook('adoptBy.find', () => find(tenant, { by: 'userName', value: resource.userName })),
  );
  const blocking = named.filter((account) => account.externalId === undefined || account.active === false);
  if (blocking.length === 0) return { kind: 'none' };
  return {
    kind: 'ambiguous',
    reason: 'An account has the userName of the new user, but nothing else confirms that it belongs to the same user.',
    candidates: blocking.map(candidateOf),
  };
}

async function keysFor(
  { domains }: AdoptByOptions,
  rules: readonly AdoptionRule[],
  resource: Readonly<User>,
  tenant: string,
): Promise<(AdoptionKey & { readonly by: AdoptionRule })[]> {
  const keys: (AdoptionKey & { readonly by: AdoptionRule })[] = [];
  const email = primaryEmailOf(resource);
  const values = { externalId: resource.externalId, employeeNumber: employeeNumberOf(resource), verifiedEmail: email };
  for (const by of rules) {
    const value = values[by];
    if (value === undefined || value.trim() === '') continue;
    if (by === 'verifiedEmail' && domains !== undefined) {
      const domain = value.slice(value.lastIndexOf('@') + 1).toLowerCase();
      const owned = await callHook('adoptBy.domains', () => domains(tenant));
      if (!owned.some((each) => each.toLowerCase() === domain)) continue;
    }
    keys.push({ by, value });
  }
  return keys;
}

function linkTo(id: string, attributes: readonly string[] | undefined, relink: boolean): Adoption {
  if (id.startsWith(tombstonePrefix)) return { tombstone: id.slice(tombstonePrefix.length) };
  return { id, attributes, relink };
}

function candidateOf({ id, label }: ExistingAccount): ConflictCandidate {
  return { id, label };
}
