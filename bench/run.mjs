// Speed against the floor, in interleaved rounds: `npm run bench`. Writes docs/performance.md.
//
//   node bench/run.mjs [--rounds 5] [--seconds 2] [--sizes 1000,10000,100000] [--only get,create] [--no-write]
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';
import { bulkCreation, groupSchemas, patch, seedUsers, user } from './data.mjs';
import { key, startServer } from './server.mjs';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    sizes: { type: 'string', default: '1000,10000,100000' },
    only: { type: 'string' },
    'no-write': { type: 'boolean', default: false },
  },
});
const rounds = Number(options.rounds);
const sizes = options.sizes.split(',').map(Number);
const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/scim+json' };
const json = (body) => JSON.stringify(body);
const filter = (text) => `/Users?filter=${encodeURIComponent(text)}`;

const department = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department';

let fresh = 1_000_000;

/** What is measured: `target` is what ours must reach against the floor. */
const work = {
  get: { title: 'get by id', target: 1.1, request: (s) => ({ path: `/Users/${s.ids[5]}` }) },
  eq: { title: '`userName eq`', target: 1.1, request: () => ({ path: filter('userName eq "USER77@example.com"') }) },
  email: {
    title: '`emails[type eq "work" and value eq ...]`',
    only: ['ours', 'rival'],
    request: () => ({ path: filter('emails[type eq "work" and value eq "user77@example.com"]') }),
  },
  page: { title: 'page of 100', target: 1, request: () => ({ path: '/Users?startIndex=1&count=100' }) },
  deep: {
    title: 'page of 100 at the end',
    target: 1,
    request: (s) => ({ path: `/Users?startIndex=${s.size - 99}&count=100` }),
  },
  create: {
    title: 'create',
    target: 0.9,
    request: () => ({ method: 'POST', path: '/Users', setupRequest: (r) => ({ ...r, body: json(user(fresh++)) }) }),
  },
  active: {
    title: 'PATCH active',
    target: 1,
    request: (s) => {
      let on = false;
      const body = () => json(patch({ op: 'Replace', path: 'active', value: (on = !on) }));
      return { method: 'PATCH', path: `/Users/${s.ids[7]}`, setupRequest: (r) => ({ ...r, body: body() }) };
    },
  },
  pathless: {
    title: 'PATCH without path, with URN keys',
    request: (s) => {
      let n = 0;
      const body = () => {
        const value = { displayName: `Name ${n}`, [department]: `Department ${n++}` };
        return json(patch({ op: 'replace', value }));
      };
      return { method: 'PATCH', path: `/Users/${s.ids[9]}`, setupRequest: (r) => ({ ...r, body: body() }) };
    },
  },
  put: {
    title: 'PUT',
    target: 1,
    request: (s) => {
      let n = 0;
      const body = () => json({ ...user(8), title: `Title ${n++}` });
      return { method: 'PUT', path: `/Users/${s.ids[8]}`, setupRequest: (r) => ({ ...r, body: body() }) };
    },
  },
  cursor: {
    title: 'walk by cursor, pages of 100',
    only: ['ours'],
    request: () => {
      let cursor = '';
      return {
        setupRequest: (r) => ({ ...r, path: `/Users?count=100&cursor=${encodeURIComponent(cursor)}` }),
        onResponse: (_, body) => (cursor = JSON.parse(body).nextCursor ?? ''),
      };
    },
  },
  bulk: {
    title: 'bulk of 100 creations',
    only: ['floor', 'ours'],
    request: () => {
      const body = () => json(bulkCreation(Array.from({ length: 100 }, () => fresh++)));
      return { method: 'POST', path: '/Bulk', setupRequest: (r) => ({ ...r, body: body() }) };
    },
  },
  member50: { title: 'add and remove a member, group of 50', target: 1, request: (s) => member(s, 50) },
  memberMost: {
    title: 'add and remove a member, group of half of all users',
    target: 1,
    request: (s) => member(s, s.size / 2),
  },
};

function member(s, size) {
  let n = 0;
  const body = () =>
    json(patch({ op: n++ % 2 === 0 ? 'Add' : 'Remove', path: 'members', value: [{ value: s.ids.at(-1) }] }));
  return { method: 'PATCH', path: `/Groups/${s.groups[size]}`, setupRequest: (r) => ({ ...r, body: body() }) };
}

async function prepare(name, size) {
  const server = await startServer(name);
  const empty = name === 'rival' ? undefined : await server.memory();
  const ids = name === 'floor' || name === 'rival' ? await seedOneByOne(server, size) : await seedUsers(server, size);
  const perUser = empty === undefined ? undefined : ((await server.memory()) - empty) / size;
  const groups = {};
  for (const members of new Set([50, size / 2])) {
    const body = {
      schemas: groupSchemas,
      displayName: `Group of ${members}`,
      members: ids.slice(0, members).map((value) => ({ value })),
    };
    groups[members] = (await server.send('POST', '/Groups', body)).id;
  }
  return { name, server, ids, groups, size, perUser };
}

async function seedOneByOne(server, size) {
  const ids = [];
  for (let i = 0; i < size; i++) ids.push((await server.send('POST', '/Users', user(i))).id);
  return ids;
}

async function measure(s, make) {
  const result = await autocannon({
    url: s.server.baseUrl,
    connections: 10,
    duration: Number(options.seconds),
    requests: [{ method: 'GET', headers, ...make(s) }],
  });
  if (result.non2xx > 0) throw new Error(`${s.name} answered ${result.non2xx} requests with an error`);
  return { rate: result.requests.average, p50: result.latency.p50, p99: result.latency.p99 };
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
const chosen = Object.entries(work).filter(
  ([name]) => options.only === undefined || options.only.split(',').includes(name),
);
const rows = [];
/** Bytes of heap that a user takes. */
const memory = [];
for (const size of sizes) {
  // The rival needs minutes for what it cannot do in time; at the smallest size it can be compared.
  const names = size === sizes[0] ? ['floor', 'ours', 'rival'] : ['floor', 'ours'];
  const servers = [];
  for (const name of names) servers.push(await prepare(name, size));
  for (const [, { title, target, request, only }] of chosen) {
    const runs = Object.fromEntries(names.map((name) => [name, []]));
    for (let round = 0; round < rounds; round++) {
      for (const s of servers)
        if (only === undefined || only.includes(s.name)) runs[s.name].push(await measure(s, request));
    }
    const of = (name, what) => (runs[name]?.length ? median(runs[name].map((run) => run[what])) : undefined);
    const row = {
      size,
      title,
      target,
      floor: of('floor', 'rate'),
      ours: of('ours', 'rate'),
      rival: of('rival', 'rate'),
    };
    row.ratio = row.floor === undefined ? undefined : row.ours / row.floor;
    row.p50 = of('ours', 'p50');
    row.p99 = of('ours', 'p99');
    row.floor99 = of('floor', 'p99');
    rows.push(row);
    console.log(
      `${String(size).padStart(7)}  ${title.padEnd(52)} floor ${fixed(row.floor)}  ours ${fixed(row.ours)}  rival ${fixed(row.rival)}  ratio ${ratio(row.ratio)}  p99 ${row.p99} (${row.floor99})`,
    );
  }
  const [floor, ours] = servers;
  memory.push({ size, floor: floor.perUser, ours: ours.perUser });
  console.log(`${String(size).padStart(7)}  bytes a user: floor ${fixed(floor.perUser)}, ours ${fixed(ours.perUser)}`);
  for (const { server } of servers) await server.stop();
}
if (!options['no-write']) writeFileSync(new URL('../docs/performance.md', import.meta.url), report());

function fixed(rate) {
  return rate === undefined ? '-' : rate.toFixed(0);
}

function ratio(value) {
  return value === undefined ? '-' : value.toFixed(2);
}

function report() {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const table = rows.map(
    (row) =>
      `| ${row.size} | ${row.title} | ${fixed(row.floor)} | ${fixed(row.ours)} | ${ratio(row.ratio)} | ${row.target === undefined || row.ratio === undefined ? '' : `${row.target} ${row.ratio >= row.target ? 'met' : 'not met'}`} | ${row.p50} / ${row.p99} | ${row.floor99 ?? ''} | ${fixed(row.rival)} |`,
  );
  return `# Performance

Written by \`npm run bench\` at ${commit} (version ${version}) on ${new Date().toISOString().slice(0, 10)}: ${os.cpus()[0]?.model ?? 'unknown processor'},
${os.cpus().length} cores shared by server and load, Node ${process.versions.node}. Medians of ${rounds} rounds of ${options.seconds} s with 10 connections, the servers in turns.

The floor is a hand-written Express app that does the same jobs with a Map and \`res.json\`, and no SCIM in it. The rival
is scimmy with scimmy-routers over a Map with a userName index; it is measured at the smallest size only. Rates are
requests a second, times milliseconds.

| users | work | floor | ours | ratio | target | p50 / p99 | floor's p99 | rival |
| ---: | --- | ---: | ---: | ---: | --- | --- | ---: | ---: |
${table.join('\n')}

| users | bytes of heap a user: floor | ours | ratio | target: at most 1.6 |
| ---: | ---: | ---: | ---: | --- |
${memory.map((row) => `| ${row.size} | ${fixed(row.floor)} | ${fixed(row.ours)} | ${ratio(row.ours / row.floor)} | ${row.ours <= 1.6 * row.floor ? 'met' : 'not met'} |`).join('\n')}

The users of the first page are in two groups, which our answers show (\`User.groups\`) and the floor's do not; those of
the page at the end are in none. Our bodies also carry \`schemas\`, \`meta.location\` and \`meta.version\`.

Machines like this one are noisy: compare within one run, and read a difference of a tenth as none.

${readFileSync(new URL('not-met.md', import.meta.url), 'utf8')}`;
}
