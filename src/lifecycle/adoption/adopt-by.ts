import type { Awaitable } from '../../contract/awaitable.js';
import type { User } from '../../contract/resource.js';
import { type Adopt, type Adoption, type AdoptionCandidate, neverAdopted } from './adopt.js';
import type { Candidate, ConflictStore } from '../conflicts/conflicts.js';
import { employeeNumberOf, fingerprintOf, primaryEmailOf, summaryOf } from '../identity.js';

/** By what a person is known again; in the order of how much it proves. */
export type AdoptionRule = 'externalId' | 'employeeNumber' | 'verifiedEmail';

/** One question to the host's accounts. `userName` is asked to find what stands in the way, never to link it. */
export interface AdoptionKey {
  readonly by: AdoptionRule | 'userName';
  readonly value: string;
}

/** An account of the host, as `find` knows it. */
export interface Account extends Candidate {
  /** The externalId that it is linked with. */
  readonly externalId?: string | undefined;
  /** False: switched off. Default true. */
  readonly active?: boolean | undefined;
  /** True: never linked by a rule, only by an administrator. For owners and other privileged accounts. */
  readonly review?: boolean | undefined;
}

/** Options of `adoptBy`. */
export interface AdoptByOptions {
  /**
   * Accounts of the tenant that have exactly this value; by `verifiedEmail` only those that proved to own the address.
   * Compare e-mail and userName as the host's own login does.
   */
  find(tenant: string, key: AdoptionKey): Awaitable<readonly Account[]>;
  /** Which rules link. Default `['externalId', 'employeeNumber']`. */
  readonly rules?: readonly AdoptionRule[] | undefined;
  /** Where doubtful cases wait for an administrator. */
  readonly conflicts: ConflictStore;
  /** Deleted users, who come back by externalId or employeeNumber: the tombstones of `offboarding`. */
  readonly tombstones?: { find(tenant: string, key: AdoptionKey): Awaitable<readonly Candidate[]> } | undefined;
  /** Attributes that the account takes over in the call that links, beside externalId. Default: none. */
  readonly attributes?: readonly string[] | undefined;
  /** With `verifiedEmail`: domains that the tenant has proved to own. Default: all. */
  readonly domains?: ((tenant: string) => Awaitable<readonly string[]>) | undefined;
}

/** What the id of a candidate begins with that is a deleted person. */
export const tombstonePrefix = 'tombstone:';

const ruleNames: readonly string[] = ['externalId', 'employeeNumber', 'verifiedEmail'];

/**
 * An `adopt` that links accounts which were there before provisioning.
 *
 * An account is linked where all rules that find anything find this one. It is linked without asking if nobody is
 * linked with it yet, or if it is switched off and was found by externalId or employeeNumber (a re-hire). All else is
 * queued in `conflicts`: several matches, rules that contradict each other, an account under review, and a userName
 * that an unlinked or switched-off account has. A userName alone never links: it may be a new person's who got the name
 * of one who left.
 *
 * @throws TypeError at creation, for rules and attributes that would give accounts away
 *
 * @example
 * adopt: adoptBy({ find: (tenant, { by, value }) => accounts.findBy(tenant, by, value), conflicts });
 */
export function adoptBy(options: AdoptByOptions): Adopt {
  const { rules = ['externalId', 'employeeNumber'], attributes } = options;
  for (const rule of rules as readonly string[]) {
    if (ruleNames.includes(rule)) continue;
    const why =
      rule === 'userName' ? ': a userName that is used again would give a new person the old one’s account' : '';
    throw new TypeError(`adoptBy: rules must be of ${ruleNames.join(', ')}${why}.`);
  }
  const taboo = attributes?.find((name) => neverAdopted.includes(name));
  if (taboo !== undefined) throw new TypeError(`adoptBy: ${taboo} cannot change in the call that links an account.`);
  return async (candidate) => {
    const finding = await look(options, rules, candidate);
    if (finding.kind === 'nobody') return undefined;
    const fingerprint = fingerprintOf(candidate.resource);
    const { decision } = (await options.conflicts.find(candidate.ctx.tenant, fingerprint)) ?? {};
    if (decision?.action === 'refuse') return { refused: true };
    if (decision?.action === 'create') return undefined;
    // Accounts may have come and gone since: only one that still fits is linked.
    if (decision?.action === 'link' && finding.candidates.some(({ id }) => id === decision.id)) {
      return linkTo(decision.id, attributes, true);
    }
    if (finding.kind === 'found') return linkTo(finding.id, attributes, finding.relink);
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
}

type Finding =
  | { readonly kind: 'nobody' }
  | {
      readonly kind: 'found';
      readonly id: string;
      readonly relink: boolean;
      readonly candidates: readonly Candidate[];
    }
  | { readonly kind: 'doubt'; readonly reason: string; readonly candidates: readonly Candidate[] };

async function look(
  options: AdoptByOptions,
  rules: readonly AdoptionRule[],
  { resource, ctx }: AdoptionCandidate,
): Promise<Finding> {
  const keys = await keysFor(options, rules, resource, ctx.tenant);
  const { externalId } = resource;
  const found = new Map<string, { readonly account: Account; readonly by: AdoptionRule }>();
  for (const key of keys) {
    for (const account of await options.find(ctx.tenant, key)) {
      if (!found.has(account.id)) found.set(account.id, { account, by: key.by });
    }
  }
  if (found.size > 1) {
    const candidates = [...found.values()].map(({ account }) => candidateOf(account));
    return { kind: 'doubt', reason: 'Several accounts fit the new person.', candidates };
  }
  for (const { account, by } of found.values()) {
    const candidates = [candidateOf(account)];
    const active = account.active !== false;
    // This person is here already and at work: an ordinary duplicate, which the store answers.
    if (account.externalId !== undefined && account.externalId === externalId && active) return { kind: 'nobody' };
    if (account.review === true) {
      return { kind: 'doubt', reason: 'The account that fits is privileged; it is linked by hand only.', candidates };
    }
    if (account.externalId === undefined || account.externalId === externalId) {
      return { kind: 'found', id: account.id, relink: false, candidates };
    }
    if (!active && by !== 'verifiedEmail') return { kind: 'found', id: account.id, relink: true, candidates };
    return { kind: 'doubt', reason: 'The account that fits is linked with another person.', candidates };
  }
  return (await lookAmongDeleted(options, keys, ctx.tenant)) ?? lookForTheName(options, resource, ctx.tenant);
}

async function lookAmongDeleted(
  { tombstones }: AdoptByOptions,
  keys: readonly (AdoptionKey & { readonly by: AdoptionRule })[],
  tenant: string,
): Promise<Finding | undefined> {
  if (tombstones === undefined) return undefined;
  const found = new Map<string, Candidate>();
  for (const key of keys) {
    // An address may belong to somebody else by now.
    if (key.by === 'verifiedEmail') continue;
    for (const each of await tombstones.find(tenant, key)) found.set(each.id, each);
  }
  const candidates = [...found.values()].map(({ id, label }) => ({ id: tombstonePrefix + id, label }));
  const [only, ...others] = candidates;
  if (only === undefined) return undefined;
  if (others.length === 0) return { kind: 'found', id: only.id, relink: false, candidates };
  return { kind: 'doubt', reason: 'Several users who were deleted fit the new person.', candidates };
}

async function lookForTheName({ find }: AdoptByOptions, resource: User, tenant: string): Promise<Finding> {
  const named = await find(tenant, { by: 'userName', value: resource.userName });
  const inTheWay = named.filter((account) => account.externalId === undefined || account.active === false);
  if (inTheWay.length === 0) return { kind: 'nobody' };
  return {
    kind: 'doubt',
    reason: 'An account has the userName of the new person, and nothing else says that it is the same person.',
    candidates: inTheWay.map(candidateOf),
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
      const owned = await domains(tenant);
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

function candidateOf({ id, label }: Account): Candidate {
  return { id, label };
}
