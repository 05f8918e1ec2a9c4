// What the hand-written app asks of its database. Each driver has a file of its own, without layers in between.
import type { BenchUser } from '../data.js';

/** A user as the app writes it: `active` has a column of its own, so that a PATCH of it does not rewrite the JSON. */
export interface UserRow {
  readonly id: string;
  readonly attributes: object;
  readonly active: boolean;
  readonly version: number;
  readonly created: Date;
  readonly lastModified: Date;
}

type FoundBy = 'user_name' | 'external_id' | 'work_email';

export interface HandWrittenDatabase {
  /** Creates the tables. */
  migrate(): Promise<void>;
  get(id: string): Promise<UserRow | undefined>;
  findBy(column: FoundBy, value: string): Promise<UserRow | undefined>;
  page(offset: number, limit: number): Promise<{ readonly rows: readonly UserRow[]; readonly total: number }>;
  pageAfter(id: string, limit: number): Promise<readonly UserRow[]>;
  setActive(id: string, active: boolean): Promise<UserRow | undefined>;
  setAttribute(id: string, name: string, value: string): Promise<UserRow | undefined>;
  replace(id: string, user: BenchUser): Promise<UserRow | undefined>;
  create(user: BenchUser): Promise<UserRow>;
  /** All in one transaction. */
  createAll(users: readonly BenchUser[]): Promise<readonly UserRow[]>;
  createGroup(displayName: string, members: readonly string[]): Promise<{ readonly id: string }>;
  /** @returns the new version of the group */
  addMember(group: string, member: string): Promise<number>;
  removeMember(group: string, member: string): Promise<number>;
}

/** The columns of a user. */
export interface UserColumns {
  readonly userName: string;
  readonly externalId: string;
  readonly displayName: string;
  readonly workEmail: string | null;
  readonly active: boolean;
  /** JSON of everything but `active`. */
  readonly attributes: string;
}

export function columnsOf({ active, ...attributes }: BenchUser): UserColumns {
  const { userName, externalId, displayName, emails } = attributes;
  return {
    userName,
    externalId,
    displayName,
    workEmail: emails.find(({ type }) => type === 'work')?.value ?? null,
    active,
    attributes: JSON.stringify(attributes),
  };
}

/** The row of a user that was just created. */
export function createdRow(id: string, { active, ...attributes }: BenchUser, now: Date): UserRow {
  return { id, attributes, active, version: 1, created: now, lastModified: now };
}
