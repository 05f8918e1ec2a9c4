// Queries about members that several modules share.
import { type Kysely, sql } from 'kysely';
import type { Tables } from './database.js';

interface Named {
  readonly display_name: string | null;
  readonly first_name: string | null;
  readonly last_name: string | null;
  readonly email: string;
}

/** The name of a member for display. */
export function nameOf({ display_name, first_name, last_name, email }: Named): string {
  const parts = [first_name, last_name].filter((part) => part !== null && part !== '').join(' ');
  return [display_name, parts].find((name) => name !== null && name.trim() !== '') ?? email;
}

const maxNameLength = 120;

/** A name for lists and messages; the page of the member shows the whole name. */
export function shortened(name: string): string {
  if (name.length <= maxNameLength) return name;
  // By code points, so that no character is cut in two.
  return `${[...name.slice(0, 2 * maxNameLength)].slice(0, maxNameLength - 1).join('')}…`;
}

/** Number of members who may sign in: the seats in use. */
export async function countActive(db: Kysely<Tables>): Promise<number> {
  const { n } = await db
    .selectFrom('members')
    .select(({ fn }) => fn.countAll().as('n'))
    .where('may_sign_in', '=', 1)
    .where('deleted_at', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(n);
}

/** Number of owners who may sign in, without these members. */
export async function countOwners(db: Kysely<Tables>, without: readonly number[]): Promise<number> {
  let query = db
    .selectFrom('members')
    .select(({ fn }) => fn.countAll().as('n'))
    .where('role', '=', 'owner')
    .where('may_sign_in', '=', 1)
    .where('deleted_at', 'is', null);
  if (without.length > 0) query = query.where('id', 'not in', without);
  return Number((await query.executeTakeFirstOrThrow()).n);
}

/** Members with this email address, ignoring case. */
export function withEmail(db: Kysely<Tables>, email: string) {
  return db
    .selectFrom('members')
    .where(sql<string>`lower(email)`, '=', email.toLowerCase())
    .where('deleted_at', 'is', null);
}
