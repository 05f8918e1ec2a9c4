// The baseline: the Express app that somebody would write who needs only these requests. It knows their exact form,
// validates nothing, and returns the same JSON as the library.
import { createServer } from 'node:http';
import express from 'express';
import type { BenchUser } from '../data.js';
import type { HandWrittenDatabase, UserRow } from '../hand-written/contract.js';
import { kyselyDatabase } from '../hand-written/kysely.js';
import { mariadbDatabase } from '../hand-written/mariadb.js';
import { postgresDatabase } from '../hand-written/postgres.js';
import { sqliteDatabase } from '../hand-written/sqlite.js';
import { readServerOptions } from '../server-options.js';
import { serve } from './control.js';

interface PatchBody {
  readonly Operations: readonly [{ readonly op: string; readonly path: string; readonly value: unknown }];
}
interface BulkBody {
  readonly Operations: readonly { readonly bulkId: string; readonly data: BenchUser }[];
}
interface GroupBody {
  readonly displayName: string;
  readonly members?: readonly { readonly value: string }[];
}

const options = readServerOptions();
const overDriver = { postgres: postgresDatabase, mariadb: mariadbDatabase, sqlite: sqliteDatabase }[options.engine];
const database: HandWrittenDatabase = (options.store === 'kysely' ? kyselyDatabase : overDriver)(options);
await database.migrate();

const app = express();
const authorization = `Bearer ${options.key}`;
app.disable('x-powered-by');
app.disable('etag');
app.use((req, res, next) => (req.headers.authorization === authorization ? next() : res.sendStatus(401)));
app.use(express.json({ type: 'application/scim+json', limit: '8mb' }));

const listSchemas = ['urn:ietf:params:scim:api:messages:2.0:ListResponse'];
let baseUrl = '';
const versionOf = (version: number): string => `W/"${String(version)}"`;

function resourceOf({ id, attributes, active, version, created, lastModified }: UserRow): object {
  const location = `${baseUrl}/Users/${id}`;
  const meta = { resourceType: 'User', created, lastModified, location, version: versionOf(version) };
  return { ...attributes, id, active, meta };
}

function send(res: express.Response, row: UserRow | undefined, status = 200): void {
  if (row === undefined) {
    res.sendStatus(404);
    return;
  }
  res.set('ETag', versionOf(row.version)).set('Location', `${baseUrl}/Users/${row.id}`);
  res.status(status).type('application/scim+json').json(resourceOf(row));
}

const filters = [
  [/^userName eq "([^"]*)"$/i, 'user_name'],
  [/^externalId eq "([^"]*)"$/i, 'external_id'],
  [/^emails\[type eq "work" and value eq "([^"]*)"\]$/i, 'work_email'],
] as const;

app.get('/scim/v2/Users/:id', async (req, res) => send(res, await database.get(req.params.id)));

app.get('/scim/v2/Users', async (req, res) => {
  const { filter, cursor, startIndex = '1', count = '100' } = req.query;
  res.type('application/scim+json');
  if (typeof filter === 'string') {
    for (const [form, column] of filters) {
      const value = form.exec(filter)?.[1];
      if (value === undefined) continue;
      const row = await database.findBy(column, value);
      const Resources = row === undefined ? [] : [resourceOf(row)];
      const itemsPerPage = Resources.length;
      res.json({ schemas: listSchemas, totalResults: itemsPerPage, startIndex: 1, itemsPerPage, Resources });
      return;
    }
    res.sendStatus(400);
    return;
  }
  const limit = Number(count);
  if (typeof cursor === 'string') {
    const rows = await database.pageAfter(cursor, limit);
    const last = rows.length < limit ? undefined : rows.at(-1)?.id;
    const Resources = rows.map(resourceOf);
    res.json({ schemas: listSchemas, nextCursor: last, itemsPerPage: rows.length, Resources });
    return;
  }
  const { rows, total } = await database.page(Number(startIndex) - 1, limit);
  const Resources = rows.map(resourceOf);
  res.json({
    schemas: listSchemas,
    totalResults: total,
    startIndex: Number(startIndex),
    itemsPerPage: rows.length,
    Resources,
  });
});

app.post('/scim/v2/Users', async (req, res) => send(res, await database.create(req.body as BenchUser), 201));

app.put('/scim/v2/Users/:id', async (req, res) =>
  send(res, await database.replace(req.params.id, req.body as BenchUser)),
);

app.patch('/scim/v2/Users/:id', async (req, res) => {
  const [{ path, value }] = (req.body as PatchBody).Operations;
  const { id } = req.params;
  send(
    res,
    path === 'active'
      ? await database.setActive(id, value === 'True')
      : await database.setAttribute(id, path, String(value)),
  );
});

app.post('/scim/v2/Bulk', async (req, res) => {
  const { Operations } = req.body as BulkBody;
  const rows = await database.createAll(Operations.map(({ data }) => data));
  const results = rows.map(({ id, version }, i) => ({
    method: 'POST',
    bulkId: Operations[i]?.bulkId,
    version: versionOf(version),
    location: `${baseUrl}/Users/${id}`,
    status: '201',
  }));
  res
    .type('application/scim+json')
    .json({ schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkResponse'], Operations: results });
});

app.post('/scim/v2/Groups', async (req, res) => {
  const { displayName, members = [] } = req.body as GroupBody;
  const { id } = await database.createGroup(
    displayName,
    members.map(({ value }) => value),
  );
  res.status(201).type('application/scim+json').json({ id, displayName });
});

app.patch('/scim/v2/Groups/:id', async (req, res) => {
  const [{ op, value }] = (req.body as PatchBody).Operations;
  const { id } = req.params;
  const [{ value: member }] = value as [{ readonly value: string }];
  const version = await (op === 'Add' ? database.addMember(id, member) : database.removeMember(id, member));
  res.set('ETag', versionOf(version)).set('Location', `${baseUrl}/Groups/${id}`).status(204).end();
});

const server = createServer(app);
server.once('listening', () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  baseUrl = `http://127.0.0.1:${String(port)}/scim/v2`;
});
serve(server);
server.listen(0, '127.0.0.1');
