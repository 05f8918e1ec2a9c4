// Speed against the baseline, in interleaved rounds: `npm run bench:requests`. Keeps bench/results/requests.json.
//
//   node bench/run.mjs [--rounds 5] [--seconds 2] [--sizes 1000,10000,100000] [--only get,create] [--no-keep]
//
// The servers of all sizes run side by side, so that a round compares them within seconds; one at a time has work.
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';
import { bulkCreation, groupSchemas, patch, seedUsers, user } from './data.mjs';
import { figure, keep, measuredAt, median } from './results.mjs';
import { key, startServer } from './server.mjs';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    sizes: { type: 'string', default: '1000,10000,100000' },
    only: { type: 'string' },
    'no-keep': { type: 'boolean', default: false },
  },
});
const rounds = Number(options.rounds);
const seconds = Number(options.seconds);
const sizes = options.sizes.split(',').map(Number);
const groupSizes = [50, 1_000, 50_000];
const at = measuredAt();
const began = performance.now();
const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/scim+json' };
const json = (body) => JSON.stringify(body);
const filtered = (text) => `/Users?filter=${encodeURIComponent(text)}`;
const department = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department';

let fresh = 1_000_000;

/** A request whose body is made anew each time. */
const sending = (method, path, body) => ({
  method,
  path,
  setupRequest: (request) => ({ ...request, body: json(body()) }),
});

/** The same request for 200 users spread over the store, made before the round. */
const spread = (s, path) =>
  Array.from({ length: 200 }, (_, i) => ({ path: path(Math.floor(((i * 7919) % 200) * (s.size / 200))) }));

/**
 * What is measured: `target` is what ours must reach against the baseline. `raw` where the response is one user, which a
 * server with a ready buffer can also return.
 */
const work = {
  get: { title: 'get by id', target: 1.1, raw: true, requests: (s) => spread(s, (i) => `/Users/${s.ids[i]}`) },
  eq: {
    title: '`userName eq`',
    target: 1.1,
    requests: (s) => spread(s, (i) => filtered(`userName eq "USER${i}@example.com"`)),
  },
  eqNew: {
    title: '`userName eq`, a filter never seen before',
    requests: (s) => {
      let n = 0;
      // The case of the letters is another each time, so that no cache of filters knows the text.
      const name = () => `${cased('USER', fresh++)}${(n++ * 7919) % s.size}@example.com`;
      return [{ setupRequest: (request) => ({ ...request, path: filtered(`userName eq "${name()}"`) }) }];
    },
  },
  email: {
    title: '`emails[type eq "work" and value eq ...]`',
    requests: (s) => spread(s, (i) => filtered(`emails[type eq "work" and value eq "user${i}@example.com"]`)),
  },
  page: { title: 'page of 100', target: 1, requests: () => [{ path: '/Users?startIndex=1&count=100' }] },
  deep: {
    title: 'page of 100 at the end',
    target: 1,
    requests: (s) => [{ path: `/Users?startIndex=${s.size - 99}&count=100` }],
  },
  cursor: {
    title: 'walk by cursor, pages of 100',
    only: ['ours'],
    requests: () => {
      let cursor = '';
      return [
        {
          setupRequest: (request) => ({ ...request, path: `/Users?count=100&cursor=${encodeURIComponent(cursor)}` }),
          onResponse: (_, body) => (cursor = /"nextCursor":"([^"]*)"/.exec(body)?.[1] ?? ''),
        },
      ];
    },
  },
  active: {
    title: 'PATCH active',
    target: 1,
    raw: true,
    requests: (s) => {
      let on = false;
      return [
        sending('PATCH', `/Users/${s.ids[7]}`, () => patch({ op: 'Replace', path: 'active', value: (on = !on) })),
      ];
    },
  },
  pathless: {
    title: 'PATCH without path, with URN keys',
    raw: true,
    requests: (s) => {
      let n = 0;
      const value = () => ({ displayName: `Name ${n}`, [department]: `Department ${n++}` });
      return [sending('PATCH', `/Users/${s.ids[9]}`, () => patch({ op: 'replace', value: value() }))];
    },
  },
  put: {
    title: 'PUT',
    target: 1,
    raw: true,
    requests: (s) => {
      let n = 0;
      return [sending('PUT', `/Users/${s.ids[8]}`, () => ({ ...user(8), title: `Title ${n++}` }))];
    },
  },
  ...Object.fromEntries(groupSizes.map((size) => [`member${size}`, member(size)])),
  pageGrouped: {
    title: 'page of 100, all of them in groups',
    grouped: true,
    requests: () => [{ path: '/Users?startIndex=1&count=100' }],
  },
  // Last, since they make the stores larger.
  create: {
    title: 'create',
    target: 0.9,
    raw: true,
    requests: () => [sending('POST', '/Users', () => user(fresh++))],
  },
  bulk: {
    title: 'bulk of 100 creations',
    only: ['baseline', 'ours'],
    requests: () => [sending('POST', '/Bulk', () => bulkCreation(Array.from({ length: 100 }, () => fresh++)))],
  },
};

function member(size) {
  return {
    title: `add and remove a member, group of ${size}`,
    target: 1,
    grouped: true,
    fits: (s) => size <= s.size,
    requests: (s) => {
      let n = 0;
      const op = () => (n++ % 2 === 0 ? 'Add' : 'Remove');
      return [
        sending('PATCH', `/Groups/${s.groups[size]}`, () =>
          // The last user of a group that holds them all is in it at first; from then on no turn differs.
          patch({ op: op(), path: 'members', value: [{ value: s.ids.at(-1) }] }),
        ),
      ];
    },
  };
}

/** The letters in one of the ways of writing them, by number. */
function cased(letters, number) {
  return [...letters].map((letter, i) => ((number >> i) & 1 ? letter : letter.toLowerCase())).join('');
}

async function startSeeded(name, size) {
  const server = await startServer(name);
  if (name === 'raw') return { name, server, size, ids: [], groups: {} };
  const empty = name === 'scimmy' ? undefined : await server.memory();
  const ids = name === 'scimmy' ? await seedOneByOne(server, size) : await seedUsers(server, size);
  const perUser = empty === undefined ? undefined : ((await server.memory()) - empty) / size;
  return { name, server, size, ids, groups: {}, perUser };
}

/** Makes the groups. Before, no user is in one, so that both return the same for each size. */
async function makeGroups({ server, size, ids, groups }) {
  if (Object.keys(groups).length > 0) return;
  for (const count of groupSizes.filter((each) => each <= size)) {
    const members = ids.slice(0, count).map((value) => ({ value }));
    const body = { schemas: groupSchemas, displayName: `Group of ${count}`, members };
    groups[count] = (await server.send('POST', '/Groups?excludedAttributes=members', body)).id;
  }
}

async function seedOneByOne(server, size) {
  const ids = [];
  for (let i = 0; i < size; i++) ids.push((await server.send('POST', '/Users', user(i))).id);
  return ids;
}

async function measure(s, make, how = { duration: seconds }) {
  // A collection of all garbage takes as long as thousands of requests where there are 100,000 users, and would hit
  // some rounds and not others: each begins with one.
  await s.server.memory();
  const used = await s.server.processor();
  const result = await autocannon({
    url: s.server.baseUrl,
    connections: 10,
    ...how,
    requests: make(s).map((request) => ({ method: 'GET', headers, ...request })),
  });
  const failed = result.non2xx + result.errors + result.timeouts;
  if (failed > 0) throw new Error(`${s.name} failed ${failed} requests`);
  return {
    rate: result.requests.total / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
    // A tenth of a noisy machine's rate is noise; its processor time for a request is steadier.
    processor: ((await s.server.processor()) - used) / result.requests.total,
  };
}

/** Milliseconds of one request, and the bytes of its response. */
async function once(s, request) {
  const { method = 'GET', path, body } = request.setupRequest?.(request) ?? request;
  const start = performance.now();
  const response = await fetch(s.server.baseUrl + path, { method, headers, ...(body === undefined ? {} : { body }) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${s.name} returned ${response.status}: ${text}`);
  request.onResponse?.(response.status, text);
  return { milliseconds: performance.now() - start, bytes: Buffer.byteLength(text) };
}

const slow = 200;

/**
 * The rate of a server that needs long for one request, from at least three of them, one after another: in a round of
 * seconds none of ten at a time would end. Undefined where one takes less than 0.2 s.
 */
async function slowRate(s, make) {
  const [request] = make(s);
  await once(s, request);
  const start = performance.now();
  const times = [(await once(s, request)).milliseconds];
  if (times[0] < slow) return undefined;
  while (times.length < 3 || (times.length < rounds && performance.now() - start < 60_000)) {
    times.push((await once(s, request)).milliseconds);
  }
  return 1000 / median(times);
}

const servers = [];
for (const size of sizes) {
  // scimmy needs minutes at larger sizes; at the smallest size it can be compared.
  for (const name of size === sizes[0] ? ['baseline', 'ours', 'scimmy', 'raw'] : ['baseline', 'ours']) {
    const start = performance.now();
    servers.push(await startSeeded(name, size));
    console.log(`${name} has ${size} users after ${((performance.now() - start) / 1000).toFixed(1)} s`);
  }
}

/** Bytes of heap that a user takes. */
const memory = sizes.map((size) => {
  const of = (name) => servers.find((s) => s.name === name && s.size === size).perUser;
  return { size, baseline: of('baseline'), ours: of('ours') };
});
for (const { size, baseline, ours } of memory) {
  console.log(`${String(size).padStart(7)}  bytes a user: baseline ${figure(baseline)}, ours ${figure(ours)}`);
}

const rows = [];
for (const [name, { title, target, requests, only, raw, fits, grouped }] of Object.entries(work)) {
  if (options.only !== undefined && !options.only.split(',').includes(name)) continue;
  const takesPart = (s) =>
    (fits === undefined || s.name === 'raw' || fits(s)) &&
    (s.name === 'raw' ? raw === true : only === undefined || only.includes(s.name));
  const taking = servers.filter(takesPart);
  if (grouped === true) for (const s of taking) await makeGroups(s);
  const runs = new Map(taking.map((s) => [s, []]));
  const oneByOne = new Map();
  for (const s of taking) if (s.name === 'scimmy') oneByOne.set(s, await slowRate(s, requests));
  const inRounds = taking.filter((s) => oneByOne.get(s) === undefined);
  // V8 compiles what runs often; without this the first round would be another measure than the rest.
  for (const s of inRounds) await measure(s, requests, { amount: name === 'bulk' ? 20 : 500 });
  for (let round = 0; round < rounds; round++) {
    for (const s of inRounds) runs.get(s).push(await measure(s, requests));
  }
  for (const size of sizes) {
    const find = (who) => taking.find((s) => s.name === who && s.size === size);
    const each = (who, what) => (runs.get(find(who)) ?? []).map((run) => run[what]);
    const of = (who, what) => {
      const values = each(who, what);
      return values.length === 0 ? undefined : median(values);
    };
    const ours = find('ours');
    if (ours === undefined) continue;
    const bytes = async (s) => (s === undefined ? undefined : (await once(s, requests(s)[0])).bytes);
    const row = {
      name,
      size,
      title,
      target,
      baseline: of('baseline', 'rate'),
      ours: of('ours', 'rate'),
      scimmy: oneByOne.get(find('scimmy')) ?? of('scimmy', 'rate'),
      scimmyOneByOne: oneByOne.get(find('scimmy')) !== undefined,
      raw: of('raw', 'rate'),
      p50: of('ours', 'p50'),
      p99: of('ours', 'p99'),
      baselineP99: of('baseline', 'p99'),
      processor: of('ours', 'processor'),
      baselineProcessor: of('baseline', 'processor'),
      bytes: await bytes(ours),
      baselineBytes: await bytes(find('baseline')),
      // Of each round, for what is compared between sizes.
      rounds: { baseline: each('baseline', 'processor'), ours: each('ours', 'processor') },
    };
    rows.push(row);
    console.log(
      `${String(size).padStart(7)}  ${title.padEnd(44)} baseline ${figure(row.baseline)}  ours ${figure(row.ours)}  scimmy ${figure(row.scimmy)}  raw ${figure(row.raw)}  ratio ${row.baseline === undefined ? '-' : (row.ours / row.baseline).toFixed(2)}  p99 ${row.p99} (${row.baselineP99 ?? '-'})  µs ${figure(row.processor)} (${figure(row.baselineProcessor)})`,
    );
  }
}
for (const { server } of servers) await server.stop();
const minutes = (performance.now() - began) / 60_000;
console.log(`${minutes.toFixed(1)} minutes`);
if (!options['no-keep']) keep('requests', { at, roundCount: rounds, seconds, minutes, memory, rows });
