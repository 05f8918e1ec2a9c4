import { type Kysely, sql } from 'kysely';
import type { Tables } from '../database.js';

/** An asset, its check-outs, its flag, and the members who may hold it. */
export async function readAsset(db: Kysely<Tables>, id: number) {
  const asset = await db.selectFrom('assets').selectAll().where('id', '=', id).executeTakeFirst();
  if (asset === undefined) return undefined;
  const checkouts = await db
    .selectFrom('checkouts')
    .innerJoin('members', 'members.id', 'checkouts.member_id')
    .selectAll('checkouts')
    .select(['members.display_name', 'members.first_name', 'members.last_name', 'members.email', 'members.may_sign_in'])
    .where('checkouts.asset_id', '=', id)
    .orderBy('checkouts.checked_out_at', 'desc')
    .orderBy('checkouts.id', 'desc')
    .limit(100)
    .execute();
  const flag = await db
    .selectFrom('flags')
    .selectAll()
    .where('subject', '=', 'asset')
    .where('subject_id', '=', id)
    .where('cleared_at', 'is', null)
    .executeTakeFirst();
  const candidates = await db
    .selectFrom('members')
    .select(['id', 'may_sign_in', sql<string>`coalesce(display_name, email)`.as('name')])
    .where('may_hold_assets', '=', 1)
    .where('deleted_at', 'is', null)
    .orderBy(sql`lower(coalesce(display_name, email))`)
    .limit(2_000)
    .execute();
  return { asset, checkouts, flag, candidates };
}

export type AssetDetails = NonNullable<Awaited<ReturnType<typeof readAsset>>>;
