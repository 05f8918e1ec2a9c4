import { createHash } from 'node:crypto';
import { ConflictError, VersionMismatchError } from '../../../src/errors.js';
import type { Change, Creation, Removal, ResourceStore, UserStore, WriteResult } from '../../../src/contract/store.js';
import type { ChangeEvent } from '../../../src/contract/event.js';
import type { Group, Stored, User } from '../../../src/contract/resource.js';
import type { ListQuery, Page } from '../../../src/contract/filter.js';
import type { ScimContext } from '../../../src/contract/context.js';
import type { Selection } from '../../../src/contract/attribute.js';
import { applyChange } from '../../../src/stores/apply-change.js';
import { selectPage } from '../../../src/stores/select-page.js';
import { type Row, SlowDatabase, type Sql } from './slow-database.js';
import { checkMembers, groupsOf, groupsOfRow, moveMembers, namesOf, rowId } from './sql-members.js';

/** `members` and `teams` are the host's, and know nothing of SCIM; the other three are added beside them. */
const schema = `
  create table members (id integer primary key autoincrement, org text not null, login text not null collate nocase,
    full_name text, job_title text, disabled integer not null default 0, unique (org, login));
  create table teams (id integer primary key autoincrement, org text not null, title text not null);
  create table team_members (team_id integer not null references teams on delete cascade,
    member_id integer not null references members on delete cascade, primary key (team_id, member_id));
  create table scim_side (kind text not null, row_id integer not null, org text not null, external_id text, login_key text,
    revision integer not null, created text not null, modified text not null, rest text not null,
    primary key (kind, row_id), unique (org, login_key));
  create index scim_side_external on scim_side (org, external_id);
  create table scim_outbox (id integer primary key autoincrement, event text not null);`;

/** How a resource type lies in the host's table: attribute -> column; ids carry a letter, so that they differ over types. */
interface Mapping {
  readonly kind: 'u' | 'g';
  readonly table: 'members' | 'teams';
  readonly columns: Readonly<Record<string, string>>;
}
const users: Mapping = {
  kind: 'u',
  table: 'members',
  columns: { userName: 'login', displayName: 'full_name', title: 'job_title', active: 'disabled' },
};
const groups: Mapping = { kind: 'g', table: 'teams', columns: { displayName: 'title' } };

type Values = Readonly<Record<string, unknown>>;

export function createSqlStore(): {
  store: UserStore;
  breakAt(nth: number | undefined, permanently?: boolean): void;
  outbox(): Promise<readonly ChangeEvent[]>;
  database: SlowDatabase;
} {
  const database = new SlowDatabase(schema);
  return {
    store: {
      ...new Resources<User>(database, users).methods(),
      namesOf: (ids, ctx) => namesOf(database, ids, ctx),
      groups: {
        ...new Resources<Group>(database, groups).methods(),
        groupsOf: (ids, ctx) => groupsOf(database, ids, ctx),
      },
    },
    breakAt: (nth, permanently) => database.breakAt(nth, permanently),
    outbox: () =>
      database.transaction(async (sql) =>
        (await sql.all('select event from scim_outbox order by id')).map(
          ({ event }) => JSON.parse(String(event)) as ChangeEvent,
        ),
      ),
    database,
  };
}

class Resources<R extends object> {
  readonly #database: SlowDatabase;
  readonly #mapping: Mapping;

  constructor(database: SlowDatabase, mapping: Mapping) {
    this.#database = database;
    this.#mapping = mapping;
  }

  methods(): ResourceStore<R> {
    return {
      supports: { outbox: true, pendingMembers: false, keys: ['userName'] },
      create: (creation, ctx) => this.#database.transaction((sql) => this.#create(sql, creation, ctx)),
      get: (id, selection, ctx) => this.#database.transaction((sql) => this.#get(sql, id, selection, ctx)),
      list: (query, ctx) => this.#database.transaction((sql) => this.#list(sql, query, ctx)),
      update: (id, change, ctx) => this.#database.transaction((sql) => this.#update(sql, id, change, ctx)),
      delete: (id, removal, ctx) => this.#database.transaction((sql) => this.#delete(sql, id, removal, ctx)),
    };
  }

  async #create(sql: Sql, creation: Creation<R>, ctx: ScimContext): Promise<WriteResult<R>> {
    const { table, kind } = this.#mapping;
    const { known, ignored } = await checkMembers(sql, creation.members, ctx);
    const values = this.#hostValues(creation.resource as Values);
    const names = ['org', ...Object.keys(values)];
    const { id: row } = await unique(
      sql.run(
        `insert into ${table} (${names.join(', ')}) values (${names.map(() => '?').join(', ')})`,
        ctx.tenant,
        ...Object.values(values),
      ),
    );
    const now = new Date().toISOString();
    await unique(
      sql.run(
        'insert into scim_side values (?, ?, ?, ?, ?, 1, ?, ?, ?)',
        kind,
        row,
        ctx.tenant,
        text((creation.resource as Values)['externalId']),
        creation.keys['userName'] ?? null,
        now,
        now,
        this.#rest(creation.resource as Values),
      ),
    );
    const moved = { ...(await moveMembers(sql, row, known)), ignored };
    return this.#done(sql, creation, {
      resource: await this.#read(sql, row, creation.selection, ctx),
      changed: true,
      ...moved,
    });
  }

  async #get(sql: Sql, id: string, selection: Selection, ctx: ScimContext): Promise<Stored<R> | undefined> {
    const row = rowId(this.#mapping.kind, id);
    const [found] = row === undefined ? [] : await this.#rows(sql, 'm.id = ?', [row], selection, ctx);
    return found;
  }

  async #list(sql: Sql, query: ListQuery<R>, ctx: ScimContext): Promise<Page<R>> {
    const { id, externalId, userName } = query.equals;
    const all = new Set([...query.selection, 'members', 'groups']);
    if (typeof id === 'string')
      return selectPage(query, await this.#rows(sql, 'm.id = ?', [rowId(this.#mapping.kind, id) ?? 0], all, ctx));
    if (typeof externalId === 'string')
      return selectPage(query, await this.#rows(sql, 's.external_id = ?', [externalId], all, ctx));
    // Rows that the host made itself have no prepared login; the database's own folding has to do.
    if (typeof userName === 'string')
      return selectPage(
        query,
        await this.#rows(sql, 'coalesce(s.login_key, lower(m.login)) = ?', [userName], all, ctx),
      );
    return selectPage(query, await this.#rows(sql, 'true', [], all, ctx));
  }

  async #update(sql: Sql, id: string, change: Change<R>, ctx: ScimContext): Promise<WriteResult<R> | undefined> {
    const { table, kind } = this.#mapping;
    const before = await this.#get(sql, id, change.selection, ctx);
    const row = rowId(kind, id);
    if (before === undefined || row === undefined) return undefined;
    if (change.ifVersion !== undefined && change.ifVersion !== before.meta.version) throw new VersionMismatchError();
    const { known, ignored } = await checkMembers(sql, change.members, ctx);
    const { after, changed } = applyChange<Values>(before, change);
    const moved = { ...(await moveMembers(sql, row, known)), ignored };
    if (changed.length === 0 && moved.added.length + moved.removed.length === 0)
      return { resource: before, changed: false, before, ...moved };
    const values = this.#hostValues(after);
    await unique(
      sql.run(
        `update ${table} set ${Object.keys(values)
          .map((name) => `${name} = ?`)
          .join(', ')} where id = ?`,
        ...Object.values(values),
        row,
      ),
    );
    const created = new Date(before.meta.created ?? 0).toISOString();
    await unique(
      sql.run(
        `insert into scim_side values (?, ?, ?, ?, ?, 1, ?, ?, ?) on conflict (kind, row_id) do update set external_id = excluded.external_id,
         login_key = coalesce(excluded.login_key, login_key), revision = revision + 1, modified = excluded.modified, rest = excluded.rest`,
        kind,
        row,
        ctx.tenant,
        text(after['externalId']),
        change.keys['userName'] ?? null,
        created,
        new Date().toISOString(),
        this.#rest(after),
      ),
    );
    return this.#done(sql, change, {
      resource: await this.#read(sql, row, change.selection, ctx),
      changed: true,
      before,
      ...moved,
    });
  }

  async #delete(sql: Sql, id: string, removal: Removal<R>, ctx: ScimContext): Promise<WriteResult<R> | undefined> {
    const { table, kind } = this.#mapping;
    const resource = await this.#get(sql, id, new Set(), ctx);
    const row = rowId(kind, id);
    if (resource === undefined || row === undefined) return undefined;
    if (removal.ifVersion !== undefined && removal.ifVersion !== resource.meta.version)
      throw new VersionMismatchError();
    if (kind === 'u')
      await sql.run(
        `update scim_side set revision = revision + 1, modified = ? where kind = 'g' and row_id in (select team_id from team_members where member_id = ?)`,
        new Date().toISOString(),
        row,
      );
    await sql.run(`delete from ${table} where id = ?`, row);
    await sql.run('delete from scim_side where kind = ? and row_id = ?', kind, row);
    return this.#done(sql, removal, { resource, changed: true });
  }

  async #done(sql: Sql, write: Pick<Removal<R>, 'events'>, result: WriteResult<R>): Promise<WriteResult<R>> {
    for (const event of write.events(result))
      await sql.run('insert into scim_outbox (event) values (?)', JSON.stringify(event));
    return result;
  }

  async #read(sql: Sql, row: number, selection: Selection, ctx: ScimContext): Promise<Stored<R>> {
    const [resource] = await this.#rows(sql, 'm.id = ?', [row], selection, ctx);
    if (resource === undefined) throw new Error('A row that was just written is gone.');
    return resource;
  }

  async #rows(
    sql: Sql,
    where: string,
    values: (string | number)[],
    selection: Selection,
    ctx: ScimContext,
  ): Promise<Stored<R>[]> {
    const { table, kind } = this.#mapping;
    const rows = await sql.all(
      `select m.*, s.external_id, s.revision, s.created, s.modified, s.rest from ${table} m left join scim_side s on s.kind = '${kind}' and s.row_id = m.id where m.org = ? and ${where}`,
      ctx.tenant,
      ...values,
    );
    const resources = rows.map((row) => this.#toScim(row));
    if (kind === 'g' && selection.has('members')) {
      for (const resource of resources) {
        const found = await sql.all(
          'select member_id from team_members where team_id = ?',
          Number(resource.id.slice(1)),
        );
        Object.assign(resource, { members: found.map(({ member_id }) => ({ value: `u${member_id}`, type: 'User' })) });
      }
    } else if (kind === 'u' && selection.has('groups')) {
      for (const resource of resources)
        Object.assign(resource, { groups: await groupsOfRow(sql, Number(resource.id.slice(1))) });
    }
    return resources;
  }

  #toScim(row: Row): Stored<R> {
    const { columns, kind } = this.#mapping;
    const resource: Record<string, unknown> = {
      ...(JSON.parse(String(row['rest'] ?? '{}')) as object),
      id: `${kind}${row['id']}`,
    };
    for (const [name, column] of Object.entries(columns)) {
      if (name === 'active') resource[name] = row[column] === 0;
      else if (row[column] !== null) resource[name] = row[column];
    }
    if (typeof row['external_id'] === 'string') resource['externalId'] = row['external_id'];
    // The revision tells SCIM's writes, and never comes back; the hash tells those of the host.
    const hash = createHash('sha256')
      .update(JSON.stringify(Object.values(columns).map((column) => row[column])))
      .digest('base64url');
    resource['meta'] = {
      created: row['created'] ?? '1970-01-01T00:00:00.000Z',
      lastModified: row['modified'] ?? '1970-01-01T00:00:00.000Z',
      version: `${row['revision'] ?? 0}.${hash.slice(0, 16)}`,
    };
    return resource as Stored<R>;
  }

  #hostValues(resource: Values): Record<string, string | number | null> {
    const entries = Object.entries(this.#mapping.columns).map(
      ([name, column]) =>
        [column, name === 'active' ? Number(resource[name] === false) : text(resource[name])] as const,
    );
    return Object.fromEntries(entries);
  }

  #rest(resource: Values): string {
    const elsewhere = new Set([...Object.keys(this.#mapping.columns), 'id', 'meta', 'externalId', 'members', 'groups']);
    return JSON.stringify(Object.fromEntries(Object.entries(resource).filter(([name]) => !elsewhere.has(name))));
  }
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

async function unique<T>(written: Promise<T>): Promise<T> {
  try {
    return await written;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'SQLITE_CONSTRAINT_UNIQUE') throw new ConflictError('userName');
    throw error;
  }
}
