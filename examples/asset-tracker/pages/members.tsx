// The list of members.
import { Router } from 'express';
import { sql } from 'kysely';
import type { Database } from '../database.js';
import { nameOf } from '../users.js';
import type { Services } from '../services.js';
import { field, frameOf, key } from './frame.js';
import { Icon } from './icons.js';
import { Badge, Empty, Name, Page, MemberLink, sendPage } from './page.js';

const pageSize = 50;

const shows = {
  all: 'All members',
  managed: 'Managed by SCIM',
  local: 'Managed here',
  'signed-out': 'May not sign in',
  deleted: 'Deleted',
} as const;
type Show = keyof typeof shows;

interface MemberSearch {
  readonly words: string;
  readonly show: Show;
  readonly page: number;
}

function membersLike({ db }: Database, { words, show }: MemberSearch) {
  let query = db
    .selectFrom('members')
    .leftJoin('departments', 'departments.id', 'members.department_id')
    .leftJoin('locations', 'locations.id', 'members.location_id')
    .leftJoin('scim_side_users', 'scim_side_users.row_id', 'members.id')
    .where('members.deleted_at', show === 'deleted' ? 'is not' : 'is', null);
  if (words !== '') {
    const like = `%${words.toLowerCase().replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
    query = query.where(
      sql<boolean>`lower(coalesce(members.display_name, '') || ' ' || coalesce(members.first_name, '') || ' ' ||
        coalesce(members.last_name, '') || ' ' || members.email || ' ' || coalesce(departments.name, ''))
        like ${like} escape '\\'`,
    );
  }
  if (show === 'managed') query = query.where('scim_side_users.row_id', 'is not', null);
  if (show === 'local') query = query.where('scim_side_users.row_id', 'is', null);
  if (show === 'signed-out') query = query.where('members.may_sign_in', '=', 0);
  return query;
}

async function listMembers(database: Database, search: MemberSearch) {
  const total = await membersLike(database, search)
    .select(({ fn }) => fn.countAll().as('n'))
    .executeTakeFirstOrThrow();
  const rows = await membersLike(database, search)
    .selectAll('members')
    .select(['departments.name as department', 'locations.name as location', 'scim_side_users.row_id as managed'])
    .select(({ selectFrom }) =>
      selectFrom('checkouts')
        .select(({ fn }) => fn.countAll().as('n'))
        .whereRef('checkouts.member_id', '=', 'members.id')
        .where('checkouts.returned_at', 'is', null)
        .as('held'),
    )
    .orderBy(sql`lower(coalesce(members.display_name, members.email))`)
    .orderBy('members.id')
    .limit(pageSize)
    .offset(search.page * pageSize)
    .execute();
  return { total: Number(total.n), rows };
}

type Row = Awaited<ReturnType<typeof listMembers>>['rows'][number];

function Members({
  rows,
  total,
  search,
}: {
  readonly rows: readonly Row[];
  readonly total: number;
  readonly search: MemberSearch;
}) {
  const { words, show, page } = search;
  const link = (to: number): string =>
    `/members?${new URLSearchParams({ q: words, show, page: String(to) }).toString()}`;
  return (
    <>
      <div class="heading">
        <h1>Members</h1>
        <a class="button" href="/members/new">
          Add a member
        </a>
      </div>
      <form class="filters" method="get" role="search">
        <label class="grow">
          <span class="hidden">Search by name, e-mail or department</span>
          <Icon name="search" />
          <input type="search" name="q" value={words} placeholder="Name, e-mail or department" />
        </label>
        <label>
          <span class="hidden">Show</span>
          <select name="show">
            {Object.entries(shows).map(([value, label]) => (
              <option value={value} selected={value === show}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <button>Show</button>
      </form>
      <div data-live>
        {rows.length === 0 ? (
          <Empty>No members match.</Empty>
        ) : (
          <div class="card table">
            <table>
              <caption class="hidden">Members</caption>
              <thead>
                <tr>
                  <th scope="col">Member</th>
                  <th scope="col">Department</th>
                  <th scope="col">Role</th>
                  <th scope="col">May sign in</th>
                  <th scope="col">May hold assets</th>
                  <th scope="col" class="number">
                    Holds
                  </th>
                  <th scope="col">Managed</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <tr id={`member-${String(row.id)}`}>
                    <td>
                      <MemberLink id={row.id} name={nameOf(row)} note={row.email} />
                    </td>
                    <td data-label="Department" class="words">
                      <Name>{row.department ?? '—'}</Name>
                      <small>
                        <Name>{row.location ?? ''}</Name>
                      </small>
                    </td>
                    <td data-label="Role">
                      <span class="role">{row.role}</span>
                    </td>
                    <td data-label="May sign in">
                      {row.may_sign_in === 1 ? <Badge tone="good">Yes</Badge> : <Badge tone="bad">No</Badge>}
                    </td>
                    <td data-label="May hold assets">
                      {row.may_hold_assets === 1 ? <Badge tone="good">Yes</Badge> : <Badge>No</Badge>}
                    </td>
                    <td data-label="Holds" class="number">
                      {Number(row.held)}
                    </td>
                    <td data-label="Managed">
                      {row.managed === null ? (
                        <span class="faint">Here</span>
                      ) : (
                        <Badge tone="blue" icon="lock">
                          SCIM
                        </Badge>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
        <p class="pages">
          {total} {total === 1 ? 'member' : 'members'}
          {page > 0 && <a href={link(page - 1)}>Previous</a>}
          {(page + 1) * pageSize < total && <a href={link(page + 1)}>Next</a>}
        </p>
      </div>
    </>
  );
}

export function members({ database }: Services): Router {
  const router = Router();
  router.get('/', async (req, res) => {
    const show = field(req.query, 'show');
    const search: MemberSearch = {
      words: field(req.query, 'q'),
      show: Object.hasOwn(shows, show) ? (show as Show) : 'all',
      page: key(field(req.query, 'page')),
    };
    const { rows, total } = await listMembers(database, search);
    const frame = await frameOf(req, res, database, 'Members');
    sendPage(
      res,
      <Page {...frame}>
        <Members rows={rows} total={total} search={search} />
      </Page>,
    );
  });
  return router;
}
