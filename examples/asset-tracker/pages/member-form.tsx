// The form for a member. Fields that the identity provider manages are locked, in the page and on the server.
import { type Kysely, sql } from 'kysely';
import type { Request } from 'express';
import type { Role, Tables } from '../database.js';
import { countActive, countOwners, shortened, withEmail } from '../users.js';
import type { Administrator } from '../sessions.js';
import { field, key, type Problem } from './frame.js';
import { Icon } from './icons.js';
import { Csrf, Name } from './page.js';

const roles = ['viewer', 'technician', 'admin', 'owner'] as const;

/** The fields that provisioning fills. */
export interface ManagedFields {
  readonly email: string;
  readonly first_name: string | null;
  readonly last_name: string | null;
  readonly display_name: string | null;
  readonly title: string | null;
  readonly phone: string | null;
  readonly employee_number: string | null;
  readonly department: string | null;
  readonly location: string | null;
  readonly manager_id: number | null;
  readonly may_sign_in: number;
}

const texts = [
  ['display_name', 'Display name'],
  ['email', 'E-mail'],
  ['first_name', 'First name'],
  ['last_name', 'Last name'],
  ['title', 'Title'],
  ['phone', 'Phone'],
  ['employee_number', 'Employee number'],
  ['department', 'Department'],
  ['location', 'Location'],
] as const;

export function MemberForm({
  csrf,
  action,
  values,
  localValues,
  locked,
  managers,
  administrator,
}: {
  readonly csrf: string;
  readonly action: string;
  readonly values: ManagedFields;
  readonly localValues: { readonly may_hold_assets: number; readonly role: Role; readonly role_source: string };
  readonly locked: boolean;
  readonly managers: readonly { readonly id: number; readonly name: string }[];
  readonly administrator: Administrator;
}) {
  const manager = managers.find(({ id }) => id === values.manager_id);
  return (
    <form method="post" action={action}>
      <Csrf token={csrf} />
      {locked && (
        <p class="locked-note">
          <Icon name="lock" /> Managed by SCIM. Change the locked fields in the identity provider.
        </p>
      )}
      <fieldset class="fields" disabled={locked}>
        <legend class="hidden">{locked ? 'Fields managed by the identity provider' : 'Details'}</legend>
        {texts.map(([name, label]) => (
          <label>
            <span>
              {label} {locked && <Icon name="lock" />}
            </span>
            {name === 'email' ? (
              <input type="email" name={name} required value={values[name]} maxlength={250} />
            ) : (
              <input type="text" name={name} value={values[name] ?? ''} dir="auto" maxlength={250} />
            )}
          </label>
        ))}
        <label>
          <span>Manager {locked && <Icon name="lock" />}</span>
          <select name="manager_id">
            <option value="">Nobody</option>
            {(locked ? managers.filter((each) => each === manager) : managers).map(({ id, name }) => (
              <option value={String(id)} selected={id === values.manager_id}>
                {shortened(name)}
              </option>
            ))}
          </select>
        </label>
        <label class="check">
          <input type="checkbox" name="may_sign_in" value="1" checked={values.may_sign_in === 1} />
          <span>May sign in {locked && <Icon name="lock" />}</span>
        </label>
      </fieldset>
      <fieldset class="fields">
        <legend>Managed here</legend>
        <label class="check">
          <input type="checkbox" name="may_hold_assets" value="1" checked={localValues.may_hold_assets === 1} />
          <span>May hold assets</span>
        </label>
        <label>
          <span>Role</span>
          <select name="role">
            <option value="" selected={localValues.role_source !== 'hand'}>
              From teams{localValues.role_source === 'hand' ? '' : ` (${localValues.role})`}
            </option>
            {roles
              .filter((role) => role !== 'owner' || administrator.role === 'owner' || localValues.role === 'owner')
              .map((role) => (
                <option value={role} selected={localValues.role_source === 'hand' && localValues.role === role}>
                  {role}, assigned here
                </option>
              ))}
          </select>
        </label>
      </fieldset>
      <button class="primary">Save</button>
    </form>
  );
}

/** Members who can be chosen as the manager. The list is limited, and always contains the current manager. */
export async function possibleManagers(db: Kysely<Tables>, except: number, now: number | null) {
  const rows = await db
    .selectFrom('members')
    .select(['id', sql<string>`coalesce(display_name, email)`.as('name')])
    .where('deleted_at', 'is', null)
    .where('id', '<>', except)
    .orderBy(sql`case when id = ${now ?? 0} then 0 else 1 end`)
    .orderBy(sql`lower(coalesce(display_name, email))`)
    .limit(1_000)
    .execute();
  return rows;
}

/**
 * Saves the form. Locked fields are not changed.
 *
 * @returns the ID of the member, or why it cannot be saved
 */
export async function saveMember(
  db: Kysely<Tables>,
  req: Request,
  id: number | undefined,
  context: { readonly locked: boolean; readonly administrator: Administrator; readonly seats: number },
): Promise<number | Problem> {
  const body: unknown = req.body;
  const before =
    id === undefined ? undefined : await db.selectFrom('members').selectAll().where('id', '=', id).executeTakeFirst();
  if (id !== undefined && before === undefined) return 'gone';
  const chosen = roles.find((role) => role === field(body, 'role'));
  const role = chosen ?? (before?.role_source === 'hand' ? 'viewer' : (before?.role ?? 'viewer'));
  const source =
    chosen !== undefined ? 'hand' : before?.role_source === 'hand' ? 'default' : (before?.role_source ?? 'default');
  const localValues = { may_hold_assets: field(body, 'may_hold_assets') === '1' ? 1 : 0, role, role_source: source };
  const touchesOwner = before?.role === 'owner' || localValues.role === 'owner';
  if (touchesOwner && context.administrator.role !== 'owner') return 'owners-only';

  const maySignIn = context.locked ? (before?.may_sign_in ?? 1) : field(body, 'may_sign_in') === '1' ? 1 : 0;
  const leaves =
    before?.role === 'owner' && before.may_sign_in === 1 && (localValues.role !== 'owner' || maySignIn === 0);
  if (leaves && (await countOwners(db, [before.id])) === 0) return 'last-owner';
  if (context.locked && id !== undefined) {
    await db.updateTable('members').set(localValues).where('id', '=', id).execute();
    return id;
  }

  const email = field(body, 'email');
  if (email === '') return 'email-needed';
  const namesake = await withEmail(db, email).select('id').executeTakeFirst();
  if (namesake !== undefined && namesake.id !== id) return 'email-taken';
  if (maySignIn === 1 && before?.may_sign_in !== 1 && (await countActive(db)) >= context.seats) return 'no-seat';
  const manager = key(field(body, 'manager_id'));
  const text = (name: string): string | null => (field(body, name) === '' ? null : field(body, name));
  const values = {
    ...localValues,
    email,
    display_name: text('display_name'),
    first_name: text('first_name'),
    last_name: text('last_name'),
    title: text('title'),
    phone: text('phone'),
    employee_number: text('employee_number'),
    department_id: await idOf(db, 'departments', text('department')),
    location_id: await idOf(db, 'locations', text('location')),
    manager_id: manager === 0 || manager === id ? null : manager,
    may_sign_in: maySignIn,
  };
  if (id !== undefined) {
    // A new address is not verified.
    const verified = email.toLowerCase() === before?.email.toLowerCase() ? before.email_verified : 0;
    await db
      .updateTable('members')
      .set({ ...values, email_verified: verified })
      .where('id', '=', id)
      .execute();
    return id;
  }
  const made = await db
    .insertInto('members')
    .values({ ...values, created_at: new Date().toISOString(), deleted_at: null })
    .returning('id')
    .executeTakeFirstOrThrow();
  return made.id;
}

async function idOf(
  db: Kysely<Tables>,
  table: 'departments' | 'locations',
  name: string | null,
): Promise<number | null> {
  if (name === null) return null;
  const existing = await db
    .selectFrom(table)
    .select('id')
    .where(sql<string>`lower(name)`, '=', name.toLowerCase())
    .executeTakeFirst();
  return existing?.id ?? (await db.insertInto(table).values({ name }).returning('id').executeTakeFirstOrThrow()).id;
}

/** The origin of a role, in words. */
export function RoleSource({ source, team }: { readonly source: string; readonly team: string | null | undefined }) {
  if (source === 'hand') return <>assigned by an administrator</>;
  if (!source.startsWith('team:')) return <>the default role</>;
  return (
    <>
      from team <Name>{team ?? '(deleted)'}</Name>
    </>
  );
}
