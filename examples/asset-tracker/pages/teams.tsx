// Teams: their members, the role they give, and the origin of each member's role.
import { Router } from 'express';
import type { Kysely } from 'kysely';
import type { Role, Tables } from '../database.js';
import { nameOf } from '../users.js';
import { memberId } from '../mapping.js';
import { teamRoles } from '../roles.js';
import { type Services, tenant } from '../services.js';
import { administratorOf, field, frameOf, goTo, key } from './frame.js';
import { RoleSource } from './member-form.js';
import { Badge, Csrf, Empty, Name, Page, MemberLink, sendPage, When } from './page.js';

async function readTeams(db: Kysely<Tables>) {
  const teams = await db
    .selectFrom('teams')
    .leftJoin('team_roles', 'team_roles.team_id', 'teams.id')
    .leftJoin('members as lead', 'lead.id', 'teams.lead_id')
    .leftJoin('scim_side_groups', 'scim_side_groups.row_id', 'teams.id')
    .select(['teams.id', 'teams.name', 'team_roles.role', 'team_roles.set_by', 'team_roles.set_at'])
    .select([
      'scim_side_groups.row_id as managed',
      'lead.id as lead_id',
      'lead.display_name as lead_name',
      'lead.email as lead_email',
    ])
    .orderBy('teams.name')
    .execute();
  const members = await db
    .selectFrom('team_members')
    .innerJoin('members', 'members.id', 'team_members.member_id')
    .select(['team_members.team_id', 'members.id', 'members.role', 'members.role_source', 'members.may_sign_in'])
    .select(['members.display_name', 'members.first_name', 'members.last_name', 'members.email'])
    .orderBy('members.display_name')
    .orderBy('members.id')
    .execute();
  const names = new Map(teams.map(({ id, name }) => [`team:${String(id)}`, name]));
  return teams.map((team) => ({
    ...team,
    members: members
      .filter(({ team_id }) => team_id === team.id)
      .map((each) => ({ ...each, name: nameOf(each), source: names.get(each.role_source) })),
  }));
}

type Team = Awaited<ReturnType<typeof readTeams>>[number];

function TeamCard({ team, csrf }: { readonly team: Team; readonly csrf: string }) {
  const { id, name, role, set_by, set_at, managed, members } = team;
  const label = `role-of-${String(id)}`;
  return (
    <section class="card" id={`team-${String(id)}`}>
      <div class="heading small">
        <h2>
          <Name>{name}</Name>
        </h2>
        <p class="badges">
          {managed === null ? (
            <Badge>Managed here</Badge>
          ) : (
            <Badge tone="blue" icon="lock">
              SCIM
            </Badge>
          )}
        </p>
      </div>
      <p class="hint">
        {team.lead_id === null ? (
          'No lead.'
        ) : (
          <>
            Led by{' '}
            <a href={`/members/${String(team.lead_id)}`}>
              <Name>{team.lead_name ?? team.lead_email ?? ''}</Name>
            </a>
          </>
        )}
      </p>
      <form class="inline" method="post" action={`/teams/${String(id)}/role`}>
        <Csrf token={csrf} />
        <label for={label}>Role of members</label>
        <select id={label} name="role">
          <option value="" selected={role === null}>
            no role
          </option>
          {teamRoles.map((each) => (
            <option value={each} selected={each === role}>
              {each}
            </option>
          ))}
        </select>
        <button>Update</button>
        {set_by !== null && set_at !== null && (
          <small>
            set by <Name>{set_by}</Name>, <When at={set_at} />
          </small>
        )}
      </form>
      {members.length === 0 ? (
        <Empty>No members.</Empty>
      ) : (
        <ul class="rows">
          {members.map((member) => (
            <li id={`team-${String(id)}-member-${String(member.id)}`}>
              <MemberLink id={member.id} name={member.name} />
              <span class="end">
                <strong class="role">{member.role satisfies Role}</strong>
                <small>
                  <RoleSource source={member.role_source} team={member.source} />
                </small>
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

export function teams({ database, rights }: Services): Router {
  const { db } = database;
  const router = Router();
  router.get('/', async (req, res) => {
    const frame = await frameOf(req, res, database, 'Teams');
    const all = await readTeams(db);
    sendPage(
      res,
      <Page {...frame}>
        <h1>Teams</h1>
        <p class="hint">
          The identity provider decides who is in a team. Here you choose the role that the team gives. A team cannot
          give the owner role.
        </p>
        <div class="grid" data-live>
          {all.map((team) => (
            <TeamCard team={team} csrf={frame.administrator.csrf} />
          ))}
        </div>
      </Page>,
    );
  });
  router.post('/:id/role', async (req, res) => {
    const id = key(req.params.id);
    const role = teamRoles.find((each) => each === field(req.body, 'role'));
    const team = await db.selectFrom('teams').select('id').where('id', '=', id).executeTakeFirst();
    if (team === undefined) return goTo(res, '/teams', { problem: 'gone' });
    await db.transaction().execute(async (transaction) => {
      await transaction.deleteFrom('team_roles').where('team_id', '=', id).execute();
      const mapping = { team_id: id, set_by: administratorOf(res).name, set_at: new Date().toISOString() };
      if (role !== undefined)
        await transaction
          .insertInto('team_roles')
          .values({ ...mapping, role })
          .execute();
    });
    const members = await db.selectFrom('team_members').select('member_id').where('team_id', '=', id).execute();
    await rights.reconcile(
      tenant,
      members.map(({ member_id }) => memberId(member_id)),
    );
    goTo(res, '/teams', { done: 'role-saved' });
  });
  return router;
}
