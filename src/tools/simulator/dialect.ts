import type { Mapping } from './attribute.js';
import type { DirectoryUser, Team } from './directory.js';
import type { Outgoing } from './session.js';
import type { JsonObject } from '../wire/json.js';

/** A user as the client sends it: from the directory, and from what the client stores. */
export interface Subject {
  readonly user: DirectoryUser;
  readonly active: boolean;
  /** The manager as the client sends it, where its body contains one. */
  readonly manager: { readonly value: string; readonly displayName: string } | undefined;
}

/** A member as the client names it. */
export interface Member {
  /** ID that the server assigned. */
  readonly id: string;
  readonly userName: string;
}

/** Members to add to a group and to remove from it. */
export interface MemberChange {
  readonly add: readonly Member[];
  readonly remove: readonly Member[];
  /** All members after the change. */
  readonly all: readonly Member[];
}

/** The requests of a client. */
export interface Dialect {
  /** Path and query that find a user. */
  readonly matchUser: (user: DirectoryUser) => string;
  /** Looks the user up before it creates; otherwise only after a 409. */
  readonly looksUpFirst: boolean;
  readonly readUser: (id: string) => string;
  /** What the client compares in each cycle, except `active` and the manager. */
  readonly mapping: (user: DirectoryUser) => Mapping;
  readonly createUser: (subject: Subject) => Outgoing;
  /** @param changed the values that differ from the server; @param current the resource, where the client read it */
  readonly updateUser: (id: string, subject: Subject, changed: Mapping, current: JsonObject | undefined) => Outgoing;
  readonly setActive: (id: string, subject: Subject, current: JsonObject | undefined) => Outgoing;
  /** `separate`: in a separate request, by ID, when both exist. `in body`: sent with the user. */
  readonly manager: 'separate' | 'in body' | 'none';
  readonly setManager?: ((id: string, managerId: string) => Outgoing) | undefined;
  readonly deleteUser?: ((id: string) => Outgoing) | undefined;
  readonly groups?: GroupDialect | undefined;
  /** Reads the resource again before each update. */
  readonly readsBeforeUpdate: boolean;
}

/** The requests of a client for groups. */
export interface GroupDialect {
  readonly matchGroup: ((team: Team) => string) | undefined;
  readonly readGroup: (id: string) => string;
  /** `members` are those of the first request: some clients add them later. */
  readonly createGroup: (team: Team, members: readonly Member[]) => Outgoing;
  readonly createsWithMembers: boolean;
  readonly rename: (id: string, team: Team, members: readonly Member[]) => Outgoing;
  /** Several requests where the client splits the change. */
  readonly changeMembers: (id: string, team: Team, change: MemberChange) => readonly Outgoing[];
  /** The client sends several changes of one group at the same time. */
  readonly bursts: boolean;
  /** The first members of a group join in one change, also where `bursts` is true. */
  readonly joinsAtOnce?: boolean | undefined;
  /** After a request of a change failed, the client does not send the rest of that change. */
  readonly stopsAtFailure?: boolean | undefined;
  readonly deleteGroup: (id: string) => Outgoing;
}
