// The page of a member: details, assets and history.
import { randomBytes } from 'node:crypto';
import { type Request, type Response, Router } from 'express';
import type { Kysely } from 'kysely';
import type { Tables } from '../database.js';
import { memberId, memberPrefix } from '../mapping.js';
import { nameOf } from '../users.js';
import { type Services, tenant } from '../services.js';
import { digest } from '../digest.js';
import { administratorOf, field, frameOf, goTo, key } from './frame.js';
import { Icon } from './icons.js';
import { MemberForm, possibleManagers, RoleSource, saveMember } from './member-form.js';
import { ApiKeys, Custody, Held, History, Notices } from './member-parts.js';
import { Avatar, Badge, Name, Page, sendPage } from './page.js';

const blank = {
  email: '',
  first_name: null,
  last_name: null,
  display_name: null,
  title: null,
  phone: null,
  employee_number: null,
  department: null,
  location: null,
  manager_id: null,
  may_sign_in: 1,
} as const;

async function readMember(db: Kysely<Tables>, id: number) {
  const row = await db
    .selectFrom('members')
    .leftJoin('departments', 'departments.id', 'members.department_id')
    .leftJoin('locations', 'locations.id', 'members.location_id')
    .leftJoin('scim_side_users', 'scim_side_users.row_id', 'members.id')
    .selectAll('members')
    .select(['departments.name as department', 'locations.name as location'])
    .select(['scim_side_users.row_id as managed', 'scim_side_users.external_id as externalId'])
    .where('members.id', '=', id)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const checkouts = await db
    .selectFrom('checkouts')
    .innerJoin('assets', 'assets.id', 'checkouts.asset_id')
    .leftJoin('flags', (join) =>
      join
        .onRef('flags.subject_id', '=', 'assets.id')
        .on('flags.subject', '=', 'asset')
        .on('flags.cleared_at', 'is', null),
    )
    .selectAll('checkouts')
    .select(['assets.tag', 'assets.name', 'flags.label as flag'])
    .where('checkouts.member_id', '=', id)
    .orderBy('checkouts.checked_out_at', 'desc')
    .limit(100)
    .execute();
  const teams = await db
    .selectFrom('team_members')
    .innerJoin('teams', 'teams.id', 'team_members.team_id')
    .select(['teams.id', 'teams.name'])
    .where('team_members.member_id', '=', id)
    .orderBy('teams.name')
    .execute();
  const events = await db
    .selectFrom('events')
    .leftJoin('scim_connection_keys', 'scim_connection_keys.id', 'events.actor')
    .select(['events.id', 'events.time', 'events.type', 'events.changed', 'scim_connection_keys.name as client'])
    .where('resource_id', '=', memberPrefix + String(id))
    .orderBy('place', 'desc')
    .limit(50)
    .execute();
  const notices = await db
    .selectFrom('notices')
    .selectAll()
    .where('member_id', '=', id)
    .orderBy('sent_at', 'desc')
    .limit(20)
    .execute();
  const apiKeys = await db.selectFrom('api_keys').selectAll().where('member_id', '=', id).orderBy('id').execute();
  return { row, checkouts, teams, events, notices, apiKeys };
}

type Found = NonNullable<Awaited<ReturnType<typeof readMember>>>;

export function member({ database, provisioning, configuration, rights }: Services): Router {
  const { db } = database;
  const router = Router();
  const isLocked = async (found: Found): Promise<boolean> =>
    found.row.managed !== null && (await provisioning.isEnabled());

  const show = async (req: Request, res: Response, found: Found, newKey?: string): Promise<void> => {
    const { row, checkouts, teams, events, notices, apiKeys } = found;
    const administrator = administratorOf(res);
    const name = nameOf(row);
    const path = `/members/${String(row.id)}`;
    const locked = await isLocked(found);
    const frame = await frameOf(req, res, database, name);
    sendPage(
      res,
      <Page {...frame}>
        <div class="heading">
          <Avatar id={row.id} name={name} />
          <div>
            <h1>
              <Name>{name}</Name>
            </h1>
            <p class="hint">
              <Name>{row.title ?? 'No title'}</Name>, <Name>{row.department ?? 'no department'}</Name>
            </p>
          </div>
          <p class="badges">
            {row.deleted_at !== null && <Badge tone="bad">Deleted</Badge>}
            {row.may_sign_in === 1 ? <Badge tone="good">May sign in</Badge> : <Badge tone="bad">May not sign in</Badge>}
            {row.may_hold_assets === 1 ? (
              <Badge tone="good">May hold assets</Badge>
            ) : (
              <Badge>May not hold assets</Badge>
            )}
            {row.managed !== null && (
              <Badge tone="blue" icon="lock">
                Managed by SCIM
              </Badge>
            )}
          </p>
        </div>
        <div class="columns">
          <div>
            <Held
              checkouts={checkouts.filter(({ returned_at }) => returned_at === null)}
              csrf={administrator.csrf}
              back={path}
            />
            <Custody checkouts={checkouts.filter(({ returned_at }) => returned_at !== null)} />
            <History events={events} created={row.created_at} />
          </div>
          <div>
            {row.deleted_at === null && (
              <section class="card">
                <h2>Details</h2>
                <MemberForm
                  csrf={administrator.csrf}
                  action={path}
                  values={row}
                  localValues={row}
                  locked={locked}
                  managers={await possibleManagers(db, row.id, row.manager_id)}
                  administrator={administrator}
                />
              </section>
            )}
            <section class="card">
              <h2>Role and teams</h2>
              <p>
                <strong class="role">{row.role}</strong>,{' '}
                <RoleSource
                  source={row.role_source}
                  team={teams.find(({ id }) => row.role_source === `team:${String(id)}`)?.name}
                />
              </p>
              <ul class="chips">
                {teams.map(({ id, name: team }) => (
                  <li>
                    <a href={`/teams#team-${String(id)}`}>
                      <Icon name="team" /> <Name>{team}</Name>
                    </a>
                  </li>
                ))}
              </ul>
            </section>
            <Notices notices={notices} />
            <ApiKeys keys={apiKeys} csrf={administrator.csrf} path={path} made={newKey} />
          </div>
        </div>
      </Page>,
    );
  };

  router.get('/new', async (req, res) => {
    const administrator = administratorOf(res);
    const frame = await frameOf(req, res, database, 'Add a member');
    sendPage(
      res,
      <Page {...frame}>
        <h1>Add a member</h1>
        <section class="card narrow">
          <MemberForm
            csrf={administrator.csrf}
            action="/members/new"
            values={blank}
            localValues={{ may_hold_assets: 1, role: 'viewer', role_source: 'default' }}
            locked={false}
            managers={await possibleManagers(db, 0, null)}
            administrator={administrator}
          />
        </section>
      </Page>,
    );
  });
  router.post('/new', async (req, res) => {
    const context = { locked: false, administrator: administratorOf(res), seats: configuration.seats };
    const saved = await saveMember(db, req, undefined, context);
    if (typeof saved === 'number') goTo(res, `/members/${String(saved)}`, { done: 'created' });
    else goTo(res, '/members/new', { problem: saved });
  });
  router.get('/:id', async (req, res, next) => {
    const found = await readMember(db, key(req.params.id));
    if (found === undefined) next();
    else await show(req, res, found);
  });
  router.post('/:id', async (req, res, next) => {
    const found = await readMember(db, key(req.params.id));
    if (found === undefined || found.row.deleted_at !== null) return next();
    const { id } = found.row;
    const context = { locked: await isLocked(found), administrator: administratorOf(res), seats: configuration.seats };
    const saved = await saveMember(db, req, id, context);
    await rights.reconcile(tenant, [memberId(id)]);
    goTo(res, `/members/${String(id)}`, typeof saved === 'number' ? { done: 'saved' } : { problem: saved });
  });
  router.post('/:id/api-keys', async (req, res, next) => {
    const id = key(req.params.id);
    const before = await readMember(db, id);
    if (before === undefined || before.row.deleted_at !== null) return next();
    const secret = `stock_${randomBytes(24).toString('base64url')}`;
    const label = field(req.body, 'label');
    const revoked = { revoked_at: null, revoked_by: null };
    await db
      .insertInto('api_keys')
      .values({
        member_id: id,
        label: label === '' ? 'API key' : label,
        digest: digest(secret),
        created_at: new Date().toISOString(),
        ...revoked,
      })
      .execute();
    const found = await readMember(db, id);
    if (found !== undefined) await show(req, res, found, secret);
  });
  router.post('/:id/api-keys/:key/revoke', async (req, res) => {
    await db
      .updateTable('api_keys')
      .set({ revoked_at: new Date().toISOString(), revoked_by: administratorOf(res).name })
      .where('id', '=', key(req.params.key))
      .where('member_id', '=', key(req.params.id))
      .where('revoked_at', 'is', null)
      .execute();
    goTo(res, `/members/${req.params.id}`, { done: 'key-revoked' });
  });
  return router;
}
