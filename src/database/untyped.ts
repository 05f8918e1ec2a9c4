import type { Kysely, Transaction } from 'kysely';

/**
 * An instance of Kysely without the types of its tables, for statements over tables that the app's own types do not
 * list. Kysely is invariant in its database type, so this cast is unavoidable; it is made here only.
 */
export function untyped<DB>(db: Kysely<DB>): Kysely<unknown> {
  return db as unknown as Kysely<unknown>;
}

/** A transaction with the types of the app's tables, for the app's own functions: the inverse of `untyped`. */
export function typedTransaction<DB>(transaction: Transaction<unknown>): Transaction<DB> {
  return transaction as unknown as Transaction<DB>;
}
