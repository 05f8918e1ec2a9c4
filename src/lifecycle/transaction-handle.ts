import type { Kysely, Transaction } from 'kysely';
import type { WriteTransaction } from '../contract/store.js';

/** Kysely's transaction of a write, also of another copy of Kysely; undefined for a write of a store without one. */
export function transactionOf(write: WriteTransaction | undefined): Kysely<unknown> | undefined {
  return isTransaction(write?.handle) ? write.handle : undefined;
}

function isTransaction(handle: unknown): handle is Transaction<unknown> {
  return typeof handle === 'object' && handle !== null && 'isTransaction' in handle && handle.isTransaction === true;
}
