// Sample data: Fernhill Instruments, a company with two dozen members and the assets that they have borrowed.
import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Role, Tables } from './database.js';
import { groupId } from './mapping.js';
import { assets, departments, locations, members, teams } from './seed-data.js';
import { tenant } from './services.js';

const day = 86_400_000;

/** Fills empty tables. @param today milliseconds since 1970; the history ends at this time */
export async function seed(db: Kysely<Tables>, today = Date.now()): Promise<void> {
  const ago = (days: number): string => new Date(today - days * day - (days % 7) * 3_600_000).toISOString();
  await db
    .insertInto('departments')
    .values(departments.map((name) => ({ name })))
    .execute();
  await db
    .insertInto('locations')
    .values(locations.map((name) => ({ name })))
    .execute();
  const departmentIds = await idsOf(db, 'departments');
  const locationIds = await idsOf(db, 'locations');
  const memberIds = new Map<string, number>();
  for (const [index, member] of members.entries()) {
    const [first, last, title, department, location, manager, options = {}] = member;
    const name = `${first} ${last}`;
    const { id } = await db
      .insertInto('members')
      .values({
        email: `${slug(first)}.${slug(last)}@${options.outside === true ? 'contractors.example' : 'fernhill.example'}`,
        email_verified: options.outside === true ? 0 : 1,
        first_name: first,
        last_name: last,
        display_name: name,
        title,
        phone: `+44 20 7946 0${String(100 + index)}`,
        employee_number: options.outside === true ? null : `F${String(1001 + index * 7)}`,
        department_id: departmentIds.get(department) ?? null,
        location_id: locationIds.get(location) ?? null,
        manager_id: manager === undefined ? null : (memberIds.get(manager) ?? null),
        may_sign_in: options.signIn === false ? 0 : 1,
        may_hold_assets: options.holds === false ? 0 : 1,
        role: options.role ?? 'viewer',
        role_source: options.role === undefined ? 'default' : 'hand',
        created_at: ago(900 - index * 31),
        deleted_at: null,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    memberIds.set(name, id);
  }
  await seedTeams(db, memberIds, ago(400));
  await seedAssets(db, memberIds, ago);
  for (const [label, owner] of [
    ['Barcode scanner, goods-in', 'Tomasz Wilk'],
    ['Nightly stock report', 'Priya Raman'],
  ] as const) {
    const digest = createHash('sha256').update(`sample key that nobody has: ${label}`).digest('hex');
    const member_id = memberIds.get(owner) ?? 0;
    await db
      .insertInto('api_keys')
      .values({ member_id, label, digest, created_at: ago(120), revoked_at: null, revoked_by: null })
      .execute();
  }
}

async function seedTeams(db: Kysely<Tables>, memberIds: ReadonlyMap<string, number>, created: string): Promise<void> {
  for (const { name, lead, role, members: teamMembers } of teams) {
    const { id } = await db
      .insertInto('teams')
      .values({ name, lead_id: memberIds.get(lead) ?? null, created_at: created })
      .returning('id')
      .executeTakeFirstOrThrow();
    const rows = [...new Set([lead, ...teamMembers])].map((member) => ({
      team_id: id,
      member_id: memberIds.get(member) ?? 0,
    }));
    await db.insertInto('team_members').values(rows).execute();
    if (role === undefined) continue;
    const mapping = { tenant, group_id: groupId(id), role, set_by: 'Robin Hale', set_at: created, connection: null };
    await db.insertInto('scim_role_mappings').values(mapping).execute();
    for (const { member_id } of rows) {
      await db
        .updateTable('members')
        .set({ role: role satisfies Role, role_source: `team:${String(id)}` })
        .where('id', '=', member_id)
        .where('role_source', '=', 'default')
        .execute();
    }
  }
}

async function seedAssets(
  db: Kysely<Tables>,
  memberIds: ReadonlyMap<string, number>,
  ago: (days: number) => string,
): Promise<void> {
  const holders = members
    .filter(([, , , , , , options]) => options?.holds !== false)
    .map(([first, last]) => `${first} ${last}`);
  for (const [index, [tag, name, category, holder]] of assets.entries()) {
    const serial = createHash('sha256').update(tag).digest('hex').slice(0, 10).toUpperCase();
    const { id } = await db
      .insertInto('assets')
      .values({ tag, name, category, serial })
      .returning('id')
      .executeTakeFirstOrThrow();
    const out = (member: string, from: number, to: number | undefined) => ({
      asset_id: id,
      member_id: memberIds.get(member) ?? 0,
      checked_out_at: ago(from),
      checked_out_by: 'Tomasz Wilk',
      returned_at: to === undefined ? null : ago(to),
      returned_by: to === undefined ? null : 'Priya Raman',
    });
    // Every third asset was held by another member before.
    const earlier = holders[(index * 5) % holders.length];
    if (index % 3 === 0 && earlier !== undefined) {
      await db
        .insertInto('checkouts')
        .values(out(earlier, 420 - index, 300 - index))
        .execute();
    }
    if (holder !== undefined)
      await db
        .insertInto('checkouts')
        .values(out(holder, 20 + ((index * 17) % 230), undefined))
        .execute();
  }
}

async function idsOf(db: Kysely<Tables>, table: 'departments' | 'locations'): Promise<ReadonlyMap<string, number>> {
  const rows = await db.selectFrom(table).select(['id', 'name']).execute();
  return new Map(rows.map(({ id, name }) => [name, id]));
}

function slug(name: string): string {
  return name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z]/g, '');
}
