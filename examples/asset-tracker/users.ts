// Questions about members that several rooms ask.
import { type Kysely, sql } from 'kysely';
import type { Tables } from './database.js';

interface Named {
  readonly display_name: string | null;
  readonly first_name: string | null;
  readonly last_name: string | null;
  readonly email: string;
}

/** What a member is called. */
export function nameOf({ display_name, first_name, last_name, email }: Named): string {
  const parts = [first_name, last_name].filter((part) => part !== null && part !== '').join(' ');
  return [display_name, parts].find((name) => name !== null && name.trim() !== '') ?? email;
}

const longestShown = 120;

/** A name as it is told among others; its own page shows it whole. */
export function shortened(name: string): string {
  if (name.length <= longestShown) return name;
  // By characters, so that none is cut in two.
  return `${[...name.slice(0, 2 * longestShown)].slice(0, longestShown - 1).join('')}…`;
}

/** Members who may sign in now: those who take a seat. */
export async function countActive(db: Kysely<Tables>): Promise<number> {
  const { n } = await db
    .selectFrom('members')
    .select(({ fn }) => fn.countAll().as('n'))
    .where('may_sign_in', '=', 1)
    .where('deleted_at', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(n);
}

/** Owners who may sign in, these members left out. */
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

/** Members by address, letter case left aside. */
export function withEmail(db: Kysely<Tables>, email: string) {
  return db
    .selectFrom('members')
    .where(sql<string>`lower(email)`, '=', email.toLowerCase())
    .where('deleted_at', 'is', null);
}
