// Teams: their members, the role they give, and the origin of each member's role.
import { Router } from 'express';
import type { GroupRole } from 'express-scim/lifecycle';
import type { Kysely } from 'kysely';
import type { Role, Tables } from '../database.js';
import { groupId } from '../mapping.js';
import { panelPath } from '../provisioning.js';
import { nameOf } from '../users.js';
import { type Services, tenant } from '../services.js';
import { frameOf } from './frame.js';
import { RoleSource } from './member-form.js';
import { Badge, Empty, Name, Page, MemberLink, sendPage, When } from './page.js';

async function readTeams(db: Kysely<Tables>, roles: readonly GroupRole[]) {
  const teams = await db
    .selectFrom('teams')
    .leftJoin('members as lead', 'lead.id', 'teams.lead_id')
    .leftJoin('scim_side_groups', 'scim_side_groups.row_id', 'teams.id')
    .select(['teams.id', 'teams.name'])
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
    roles: roles.filter((mapping) => mapping.groupId === groupId(team.id)),
    members: members
      .filter(({ team_id }) => team_id === team.id)
      .map((each) => ({ ...each, name: nameOf(each), source: names.get(each.role_source) })),
  }));
}

type Team = Awaited<ReturnType<typeof readTeams>>[number];

function TeamCard({ team }: { readonly team: Team }) {
  const { id, name, roles, managed, members } = team;
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
      <p>
        Role of members: {roles.length === 0 ? <strong>no role</strong> : null}
        {roles.map(({ role, setBy, setAt }) => (
          <>
            <strong>{role}</strong>{' '}
            <small>
              set by <Name>{setBy}</Name>, <When at={setAt} />
            </small>{' '}
          </>
        ))}
      </p>
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

export function teams({ database, roleMappings }: Services): Router {
  const { db } = database;
  const router = Router();
  router.get('/', async (req, res) => {
    const frame = await frameOf(req, res, database, 'Teams');
    const all = await readTeams(db, await roleMappings.list(tenant, { limit: 1_000 }));
    sendPage(
      res,
      <Page {...frame}>
        <h1>Teams</h1>
        <p class="hint">
          The identity provider decides who is in a team.{' '}
          <a href={`${panelPath}/roles`}>Choose the role that each team gives</a>. A team cannot give the owner role.
        </p>
        <div class="grid" data-live>
          {all.map((team) => (
            <TeamCard team={team} />
          ))}
        </div>
      </Page>,
    );
  });
  return router;
}
