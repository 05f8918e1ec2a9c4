// Check out and check in of assets. A unique index prevents two concurrent check-outs of the same asset.
import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Tables } from './database.js';

const now = (): string => new Date().toISOString();

/** Checks an asset out to a member. It requires the right to hold assets, not the right to sign in. */
export async function checkOut(
  db: Kysely<Tables>,
  assetId: number,
  memberId: number,
  by: string,
): Promise<'done' | 'taken' | 'may-not-hold' | 'gone'> {
  return db.transaction().execute(async (transaction) => {
    const asset = await transaction.selectFrom('assets').select('id').where('id', '=', assetId).executeTakeFirst();
    const member = await transaction
      .selectFrom('members')
      .select('may_hold_assets')
      .where('id', '=', memberId)
      .where('deleted_at', 'is', null)
      .executeTakeFirst();
    if (asset === undefined || member === undefined) return 'gone';
    if (member.may_hold_assets !== 1) return 'may-not-hold';
    const { numInsertedOrUpdatedRows } = await transaction
      .insertInto('checkouts')
      .values({
        ...{ asset_id: assetId, member_id: memberId, checked_out_at: now(), checked_out_by: by },
        ...{ returned_at: null, returned_by: null },
      })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow();
    return numInsertedOrUpdatedRows === 1n ? 'done' : 'taken';
  });
}

/** Checks an asset in and clears its flag. */
export async function checkIn(db: Kysely<Tables>, assetId: number, by: string): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await transaction
      .updateTable('checkouts')
      .set({ returned_at: now(), returned_by: by })
      .where('asset_id', '=', assetId)
      .where('returned_at', 'is', null)
      .execute();
    await transaction
      .updateTable('flags')
      .set({ cleared_at: now(), cleared_by: by })
      .where('subject', '=', 'asset')
      .where('subject_id', '=', assetId)
      .where('cleared_at', 'is', null)
      .execute();
  });
}

/**
 * Requests the return of an asset. Off-boarding does not change such a flag.
 *
 * @returns false if the asset is already flagged, or if nobody holds it
 */
export async function requestReturn(db: Kysely<Tables>, assetId: number, reason: string, by: string): Promise<boolean> {
  const holder = await db
    .selectFrom('checkouts')
    .innerJoin('members', 'members.id', 'checkouts.member_id')
    .select(['members.id', 'members.manager_id'])
    .where('checkouts.asset_id', '=', assetId)
    .where('checkouts.returned_at', 'is', null)
    .executeTakeFirst();
  if (holder === undefined) return false;
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('flags')
    .values({
      ...{ id: randomUUID(), subject: 'asset', subject_id: assetId, member_id: holder.id, manager_id: null },
      ...{ label: 'return due', reason: reason === '' ? 'Return requested.' : reason, origin: 'hand', set_by: by },
      ...{ set_at: now(), cleared_at: null, cleared_by: null },
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}
