import type { Kysely } from 'kysely';

/**
 * An instance of Kysely without the types of its tables, for statements over tables that the app's own types do not
 * list. Kysely is invariant in its database type, so this cast is unavoidable; it is made here only.
 */
export function untyped<DB>(db: Kysely<DB>): Kysely<unknown> {
  return db as unknown as Kysely<unknown>;
}
