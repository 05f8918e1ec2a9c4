import type { Dialect, Member, Subject } from './dialect.js';
import { type Directory, fullName, type DirectoryUser, type Team } from './directory.js';
import type { RuleId, Severity } from './rules.js';
import { describeResponse, type Outgoing, type ClientResponse, type Session } from './session.js';
import type { JsonObject } from '../wire/json.js';

/** A user of the directory, and what the client stores about its resource. */
export interface Account {
  /** The current state in the directory. */
  user: DirectoryUser;
  /** ID that the server assigned; undefined before the creation and after the deletion. */
  id: string | undefined;
  active: boolean;
  /** ID of the manager that was sent; undefined where none was. */
  managerId: string | undefined;
}

/** A group of the directory, and what the client stores about its resource. */
export interface Linked {
  team: Team;
  id: string | undefined;
  /** Keys of its members. */
  members: Set<string>;
}

/** The state of a client during a simulation. */
export interface Simulation {
  readonly dialect: Dialect;
  readonly directory: Directory;
  readonly accounts: ReadonlyMap<string, Account>;
  readonly groups: readonly Linked[];
  /** Resources in a page of an import. */
  readonly pageSize: number;
  readonly signal: AbortSignal;
  send(step: string, request: Outgoing): Promise<ClientResponse>;
  get(step: string, path: string): Promise<ClientResponse>;
  /** Reports a wrong response, unless the session has already reported it. */
  found(rule: RuleId, response: ClientResponse, expected: string, more?: FoundMore): void;
  /** Whether the status is one of these; otherwise reports the rule. */
  hasStatus(response: ClientResponse, allowed: readonly number[], rule: RuleId): boolean;
  /** For all items, as concurrently as the session allows. */
  each<T>(items: Iterable<T>, act: (item: T) => Promise<void>): Promise<void>;
}

interface FoundMore {
  /** Default: status and detail of the response. */
  readonly received?: string | undefined;
  readonly about?: string | undefined;
  readonly severity?: Severity | undefined;
}

/** The state before the first stage: no resources exist on the server. */
export function newSimulation(
  dialect: Dialect,
  directory: Directory,
  session: Session,
  { pageSize, signal }: { readonly pageSize: number; readonly signal: AbortSignal },
): Simulation {
  const accounts = new Map(
    directory.users.map((user): [string, Account] => [
      user.key,
      { user, id: undefined, active: true, managerId: undefined },
    ]),
  );
  const groups = directory.teams.map((team): Linked => ({ team, id: undefined, members: new Set() }));
  const found: Simulation['found'] = (rule, response, expected, { received, about, severity } = {}) => {
    if (response.reported) return;
    session.found({
      rule,
      step: response.step,
      sent: response.sent,
      expected,
      received: received ?? describeResponse(response),
      about,
      severity,
    });
  };
  return {
    dialect,
    directory,
    accounts,
    groups,
    pageSize,
    signal,
    send: session.send,
    get: (step, path) => session.send(step, { method: 'GET', path }),
    found,
    hasStatus(response, allowed, rule) {
      if (allowed.includes(response.status)) return true;
      found(rule, response, allowed.join(' or '), { about: String(response.status) });
      return false;
    },
    async each(items, act) {
      const results = await Promise.allSettled([...items].map((item) => act(item)));
      for (const result of results) if (result.status === 'rejected') throw result.reason;
    },
  };
}

/** The accounts that are on the server. */
export function linkedAccounts(simulation: Simulation): readonly (Account & { id: string })[] {
  return [...simulation.accounts.values()].filter((account) => isLinked(account));
}

export function isLinked<T extends { id: string | undefined }>(entry: T): entry is T & { id: string } {
  return entry.id !== undefined;
}

/** A user as the dialect expects it. */
export function subjectOf(simulation: Simulation, { user, active }: Account): Subject {
  const manager = user.managerKey === undefined ? undefined : simulation.accounts.get(user.managerKey)?.user;
  return {
    user,
    active,
    manager:
      simulation.dialect.manager === 'in body' && manager !== undefined
        ? { value: manager.externalId, displayName: fullName(manager) }
        : undefined,
  };
}

/** The users of a group, as far as they are on the server. */
export function membersOf(simulation: Simulation, keys: Iterable<string>): readonly Member[] {
  return [...keys].flatMap((key) => {
    const account = simulation.accounts.get(key);
    return account?.id === undefined ? [] : [{ id: account.id, userName: account.user.userName }];
  });
}

/** The resource of a list response with this ID. */
export function resourceOf(response: ClientResponse, id: string): JsonObject | undefined {
  return response.resources.find((resource) => resource['id'] === id);
}
