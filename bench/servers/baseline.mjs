// The baseline: plain Express handlers that do the same jobs with a Map and res.json, and no SCIM in them.
import { randomUUID } from 'node:crypto';
import express from 'express';
import './figures.mjs';

const users = new Map();
/** Ids in the order of creation, so that no page copies all users. */
const order = [];
const byName = new Map();
const byMail = new Map();
const groups = new Map();
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const department = `${enterprise}:department`;
const app = express();
const key = process.env['SCIM_KEY'] ?? 'bench-key-of-some-length';

app.disable('x-powered-by');
app.use((req, res, next) => (req.headers.authorization === `Bearer ${key}` ? next() : res.sendStatus(401)));
app.use(express.json({ type: ['application/json', 'application/scim+json'], limit: '50mb' }));

function create(body) {
  const id = randomUUID();
  const now = new Date().toISOString();
  order.push(id);
  return save({ ...body, id, meta: { created: now, lastModified: now } });
}

function save(user) {
  users.set(user.id, user);
  byName.set(user.userName.toLowerCase(), user);
  for (const { type, value } of user.emails ?? []) if (type === 'work') byMail.set(value.toLowerCase(), user);
  return user;
}

app.post('/Users', (req, res) => res.status(201).json(create(req.body)));
app.post('/Bulk', (req, res) => {
  const created = req.body.Operations.map(({ method, bulkId, data }) => {
    const { id } = create(data);
    return { method, bulkId, location: `/Users/${id}`, status: '201' };
  });
  res.json({ Operations: created });
});
app.get('/Users', (req, res) => {
  const { filter, startIndex = '1', count = '100' } = req.query;
  if (typeof filter === 'string') {
    const value = /"([^"]*)"\]?$/.exec(filter)?.[1]?.toLowerCase() ?? '';
    const user = (filter.startsWith('emails') ? byMail : byName).get(value);
    res.json({ totalResults: user ? 1 : 0, Resources: user ? [user] : [] });
    return;
  }
  const from = Number(startIndex) - 1;
  const page = order.slice(from, from + Number(count)).map((id) => users.get(id));
  res.json({ totalResults: order.length, Resources: page });
});
app.get('/Users/:id', (req, res) => res.json(users.get(req.params.id)));
app.put('/Users/:id', (req, res) => {
  const old = users.get(req.params.id);
  const user = { ...req.body, id: old.id, meta: { created: old.meta.created, lastModified: new Date().toISOString() } };
  res.json(save(user));
});
app.patch('/Users/:id', (req, res) => {
  const old = users.get(req.params.id);
  const { path, value } = req.body.Operations[0];
  const { [department]: newDepartment, ...others } = path === undefined ? value : { active: value === 'True' };
  const user = {
    ...old,
    ...others,
    ...(newDepartment === undefined ? {} : { [enterprise]: { ...old[enterprise], department: newDepartment } }),
    meta: { ...old.meta, lastModified: new Date().toISOString() },
  };
  res.json(save(user));
});
app.post('/Groups', (req, res) => {
  const id = randomUUID();
  groups.set(id, { ...req.body, id, members: new Set((req.body.members ?? []).map((member) => member.value)) });
  res.status(201).json({ id });
});
app.patch('/Groups/:id', (req, res) => {
  const { members } = groups.get(req.params.id);
  for (const { op, value } of req.body.Operations) {
    for (const member of value) {
      if (op.toLowerCase() === 'add') members.add(member.value);
      else members.delete(member.value);
    }
  }
  res.status(204).end();
});

process.on('SIGTERM', () => process.exit(0));
const server = app.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1', () => {
  console.log(JSON.stringify({ baseUrl: `http://127.0.0.1:${server.address().port}` }));
});
