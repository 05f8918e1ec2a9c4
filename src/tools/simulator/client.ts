import type { Mapping } from './attribute.js';
import type { DirectoryUser, Team } from './directory.js';
import type { OwnConsequences } from './finding.js';
import type { Outgoing, Policy } from './session.js';
import type { Simulation } from './simulation.js';
import type { JsonObject } from '../wire/json.js';

/**
 * How a program is known: from the vendor's pages, from recorded traffic, from the client's own code, or pieced
 * together from pages about its set-up.
 */
export type Confidence = 'documented' | 'observed' | 'source-code' | 'reconstructed';

/** One client and its life, as a program. */
export interface Client {
  readonly id: string;
  readonly name: string;
  readonly confidence: Confidence;
  /** Parts that are pieced together, whatever the confidence of the rest; empty when none is. */
  readonly reconstructed: readonly string[];
  /** Public documents and code that the program follows. */
  readonly sources: readonly string[];
  readonly policy: Policy;
  readonly dialect: Dialect;
  /** What it does otherwise than the table of rules says. */
  readonly consequences: OwnConsequences;
  /** The life in the order in which it is played. */
  readonly stages: readonly Stage[];
}

/** A part of a client's life. */
export interface Stage {
  readonly name: string;
  /** Needs nothing of earlier stages: played though nobody could be created. */
  readonly first?: boolean | undefined;
  play(simulation: Simulation): Promise<void>;
}

/** A user as the client sends it: what is in the directory, and what the client knows besides. */
export interface Subject {
  readonly user: DirectoryUser;
  readonly active: boolean;
  /** What the client puts in place of the manager, where its body holds one. */
  readonly manager: { readonly value: string; readonly displayName: string } | undefined;
}

/** A member as the client names it. */
export interface Member {
  /** Id that the server gave. */
  readonly id: string;
  readonly userName: string;
}

/** Who belongs to a group, and who does not any more. */
export interface MemberChange {
  readonly add: readonly Member[];
  readonly remove: readonly Member[];
  /** All after the change. */
  readonly all: readonly Member[];
}

/** What a client says on the wire. */
export interface Dialect {
  /** Path and query that find a user. */
  readonly matchUser: (user: DirectoryUser) => string;
  /** Looks up before it creates; otherwise after a 409 only. */
  readonly looksUpFirst: boolean;
  readonly readUser: (id: string) => string;
  /** What the client compares at each cycle; `active` and the manager apart. */
  readonly mapping: (user: DirectoryUser) => Mapping;
  readonly createUser: (subject: Subject) => Outgoing;
  /** @param changed what differs from what the server has; `current` is the resource as it was read, if it was */
  readonly updateUser: (id: string, subject: Subject, changed: Mapping, current: JsonObject | undefined) => Outgoing;
  readonly setActive: (id: string, subject: Subject, current: JsonObject | undefined) => Outgoing;
  /** `separate`: in a request of its own, by id, when both exist. `in body`: sent with the user. */
  readonly manager: 'separate' | 'in body' | 'none';
  readonly setManager?: ((id: string, managerId: string) => Outgoing) | undefined;
  readonly deleteUser?: ((id: string) => Outgoing) | undefined;
  readonly groups?: GroupDialect | undefined;
  /** Reads the resource again before each update. */
  readonly readsBeforeUpdate: boolean;
}

/** What a client says about groups. */
export interface GroupDialect {
  readonly matchGroup: ((team: Team) => string) | undefined;
  readonly readGroup: (id: string) => string;
  /** `members` are those of the first request: some clients add them later. */
  readonly createGroup: (team: Team, members: readonly Member[]) => Outgoing;
  readonly createsWithMembers: boolean;
  readonly rename: (id: string, team: Team, members: readonly Member[]) => Outgoing;
  /** Several where the client splits the change. */
  readonly changeMembers: (id: string, team: Team, change: MemberChange) => readonly Outgoing[];
  /** The client sends several changes of one group at the same time. */
  readonly bursts: boolean;
  readonly deleteGroup: (id: string) => Outgoing;
}
