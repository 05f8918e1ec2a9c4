// The parts of a request, each against the least that could do its job and against other libraries:
// `npm run bench:micro`. Keeps bench/results/micro.json.
//
//   node bench/micro.mjs [--rounds 5] [--milliseconds 200] [--no-keep]
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { parse as parseWithScim2ParseFilter } from 'scim2-parse-filter';
import { scimPatch } from 'scim-patch';
import SCIMMY from 'scimmy';
import { Bench } from 'tinybench';
import { build } from 'tsup';
import { patch as patchOp, user } from './data.mjs';
import { keep, measuredAt, median } from './results.mjs';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    milliseconds: { type: 'string', default: '200' },
    'no-keep': { type: 'boolean', default: false },
  },
});
const rounds = Number(options.rounds);
const milliseconds = Number(options.milliseconds);
const at = measuredAt();

// Built as the package is, since the parts are not exported, and where Ajv is found.
const folder = fileURLToPath(new URL('../node_modules/.cache/express-scim-bench', import.meta.url));
await build({
  entry: { parts: fileURLToPath(new URL('micro/parts.ts', import.meta.url)) },
  outDir: folder,
  format: ['esm'],
  target: 'node20',
  config: false,
  silent: true,
  clean: true,
});
const parts = await import(pathToFileURL(`${folder}/parts.js`).href);
await parts.ready();

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser, false);
SCIMMY.Resources.declare(SCIMMY.Resources.User);

const text = JSON.stringify(user(77));
const parsed = JSON.parse(text);
const now = new Date().toISOString();
const stored = (i) => ({
  ...parts.read(user(i)),
  id: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
  meta: { created: now, lastModified: now, version: '1' },
});
const one = stored(77);
const [shown] = parts.show(one);
const plain = () => ({
  ...JSON.parse(text),
  id: one.id,
  meta: { resourceType: 'User', created: now, lastModified: now },
});
const thousand = Array.from({ length: 1_000 }, (_, i) => stored(i));
const thousandPlain = thousand.map((each) => JSON.parse(JSON.stringify(each)));
const scimmyUser = new SCIMMY.Schemas.User(plain(), 'in');

// In the case that is stored: scimmy compares no other.
const byName = 'userName eq "user77@example.com"';
const byMail = 'emails[type eq "work" and value eq "user77@example.com"]';
const matchesName = parts.filter(byName);
const matchesMail = parts.filter(byMail);
const scimmyName = new SCIMMY.Types.Filter(byName);
const scimmyMail = new SCIMMY.Types.Filter(byMail);

for (const found of [
  thousand.filter(matchesName),
  thousand.filter(matchesMail),
  scimmyName.match(thousandPlain),
  scimmyMail.match(thousandPlain),
]) {
  if (found.length !== 1) throw new Error(`a filter found ${found.length} users in place of one`);
}

let n = 0;
/** Requests that differ each time, so that each changes the state. */
const patches = {
  'PATCH active, as Entra ID sends it': {
    body: () => patchOp({ op: 'Replace', path: 'active', value: n++ % 2 === 0 ? 'False' : 'True' }),
    // The others take no text for a boolean.
    typed: () => patchOp({ op: 'replace', path: 'active', value: n++ % 2 === 0 }),
    handWritten: (current, { Operations: [{ value }] }) => ({ ...current, active: value === 'True' }),
  },
  'PATCH of one value: emails[type eq "work"].display': {
    body: () => patchOp({ op: 'replace', path: 'emails[type eq "work"].display', value: `Display ${n++}` }),
    handWritten: (current, { Operations: [{ value }] }) => ({
      ...current,
      emails: current.emails.map((each) => (each.type === 'work' ? { ...each, display: value } : each)),
    }),
  },
  'PATCH without path: two attributes and one of an extension': {
    body: () =>
      patchOp({
        op: 'replace',
        value: { displayName: `Name ${n++}`, title: 'Engineer', [enterprise]: { department: `Department ${n}` } },
      }),
    handWritten: (current, { Operations: [{ value }] }) => ({
      ...current,
      displayName: value.displayName,
      title: value.title,
      [enterprise]: { ...current[enterprise], department: value[enterprise].department },
    }),
  },
};

/** Groups of rows: each is held against the first of its group. */
const groups = {
  'A body of POST or PUT': {
    'JSON.parse': () => JSON.parse(text),
    'ours: canonical form and validation of the parsed body': () => parts.read(parsed),
    'scimmy: `new Schemas.User` of the parsed body': () => new SCIMMY.Schemas.User(parsed, 'in'),
  },
  'A response': {
    'JSON.stringify of the finished response': () => JSON.stringify(shown),
    'ours: representation and projection': () => parts.show(one),
    'ours: representation, projection and JSON.stringify': () => JSON.stringify(parts.show(one)[0]),
    'scimmy: `new Schemas.User` and JSON.stringify': () =>
      JSON.stringify(new SCIMMY.Schemas.User(one, 'out', '/Users')),
  },
  ...Object.fromEntries(
    [byName, byMail].map((filter) => [
      `Reading \`${filter}\``,
      {
        'scim2-parse-filter: the tree alone': () => parseWithScim2ParseFilter(filter),
        'ours, never seen before: read, bound to the schema, compiled': () => parts.filter(filter),
        'ours, seen before': () => parts.knownFilter(filter),
        'scimmy: `new Types.Filter`': () => new SCIMMY.Types.Filter(filter),
      },
    ]),
  ),
  [`\`${byName}\` over 1,000 users, without an index`]: {
    'hand-written': () => thousand.filter((each) => each.userName.toLowerCase() === 'user77@example.com'),
    ours: () => thousand.filter(matchesName),
    'scimmy: `Filter.match`': () => scimmyName.match(thousandPlain),
  },
  [`\`${byMail}\` over 1,000 users, without an index`]: {
    'hand-written': () =>
      thousand.filter((each) =>
        each.emails.some(
          ({ type, value }) => type.toLowerCase() === 'work' && value.toLowerCase() === 'user77@example.com',
        ),
      ),
    ours: () => thousand.filter(matchesMail),
    'scimmy: `Filter.match`': () => scimmyMail.match(thousandPlain),
  },
  ...Object.fromEntries(
    Object.entries(patches).map(([title, { body, typed = body, handWritten }]) => {
      const mine = plain();
      return [
        title,
        {
          'ours: message read against the schema, applied, validated': () => parts.patch(body(), one),
          'hand-written, without validation': () => handWritten(one, body()),
          'scim-patch, in place and without a schema': () => scimPatch(mine, typed().Operations),
          'scimmy: `PatchOp.apply`': async () => new SCIMMY.Messages.PatchOp(typed()).apply(scimmyUser),
        },
      ];
    }),
  ),
};

/** Runs long enough for the clock, and gives nanoseconds a turn. */
async function measure(tasks) {
  const bench = new Bench({ time: milliseconds, warmupTime: milliseconds / 4 });
  for (const [title, { turn, batch, waits }] of Object.entries(tasks)) {
    bench.add(
      title,
      waits
        ? async () => {
            for (let i = 0; i < batch; i++) sink = await turn();
          }
        : () => {
            for (let i = 0; i < batch; i++) sink = turn();
          },
    );
  }
  await bench.run();
  return bench.tasks.map(({ name, result }) => {
    if (result.state !== 'completed') throw new Error(`${name}: ${result.error?.stack ?? result.state}`);
    return { title: name, nanoseconds: (result.latency.p50 * 1e6) / tasks[name].batch };
  });
}

/** Where results go, so that no turn is left out as useless. */
let sink;

/** How many turns take some tenth of a millisecond; whether they wait. */
async function sized(turn) {
  const waits = typeof turn()?.then === 'function';
  const began = performance.now();
  for (let i = 0; i < 20; i++) sink = waits ? await turn() : turn();
  const each = (performance.now() - began) / 20;
  return { turn, waits, batch: Math.max(1, Math.min(1_000, Math.round(0.2 / each))) };
}

const rows = [];
for (const [group, turns] of Object.entries(groups)) {
  const tasks = {};
  for (const [title, turn] of Object.entries(turns)) tasks[title] = await sized(turn);
  const measured = [];
  for (let round = 0; round < rounds; round++) measured.push(await measure(tasks));
  console.log(group);
  for (const [i, title] of Object.keys(turns).entries()) {
    const nanoseconds = median(measured.map((round) => round[i].nanoseconds));
    rows.push({ group, title, nanoseconds });
    const first = rows.find((row) => row.group === group).nanoseconds;
    console.log(`  ${title.padEnd(64)}${nanoseconds.toFixed(0).padStart(10)} ns  ${(nanoseconds / first).toFixed(2)}`);
  }
}
if (sink === undefined) throw new Error('nothing was measured');
if (!options['no-keep']) keep('micro', { at, roundCount: rounds, milliseconds, bytes: Buffer.byteLength(text), rows });
