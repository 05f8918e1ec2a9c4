// The section of docs/performance.md about the SQL stores, from bench/results/http-sql.json. A figure that no run has
// measured is shown as such.
import { measured, ratio, table, verdict } from './markdown.mjs';
import { figure } from './results.mjs';

const missing = 'not measured';
const engines = [
  { engine: 'postgres', title: 'PostgreSQL', storage: 3_500, scan: 1 },
  { engine: 'mariadb', title: 'MariaDB', storage: 4_500, scan: 1_000 },
  { engine: 'sqlite', title: 'SQLite', storage: 3_500, scan: 250 },
];
const lookupMilliseconds = 1;
const outboxTarget = 0.8;
const bulkTarget = 1.5;
// The size that the targets of the database are about, and how much slower still is noise.
const targetSize = 100_000;
const sameWithinNoise = 1 / 1.2;

const many = (count) => count.toLocaleString('en');
const resultOf = (row, name) => row.results.find((result) => result.name === name);
const atLeast = (value, target) =>
  value === undefined ? missing : verdict(`at least ${target.toFixed(2)}`, value >= target);
const under = (value, target, unit) =>
  value === undefined ? missing : verdict(`under ${many(target)} ${unit}`, value < target);

const kinds = [
  { title: 'lookups', names: ['get', 'userName', 'externalId', 'email'] },
  { title: 'pages of 100', names: ['page', 'deep', 'cursor'] },
  { title: 'PATCH and PUT', names: ['active', 'attribute', 'put'] },
  { title: 'members', names: ['member', 'member50000'] },
  { title: 'creations', names: ['create'] },
];
const stores = [
  { name: 'built-in', title: 'built-in tables' },
  { name: 'mapped', title: 'mapped tables' },
];

/** What the SQL runs mean for a reader, in one table. */
export function sqlSummary(runs) {
  const largest = engines.flatMap(({ engine, title }) => {
    const own = runs.filter((run) => run.engine === engine).sort((a, b) => b.size - a.size);
    return own.length === 0 ? [] : [{ title, run: own[0] }];
  });
  if (largest.length === 0) return '';
  const lines = largest.flatMap(({ title, run }) =>
    stores.map((store) => [
      `${title}, ${store.title}`,
      ...kinds.map(({ names }) => {
        const results = run.rows
          .filter(({ name }) => names.includes(name))
          .map((row) => resultOf(row, store.name))
          .filter((result) => result?.ratio !== undefined);
        if (results.length === 0) return missing;
        return `${range(results.map((each) => each.ratio))} (${range(results.map((each) => each.rate))}/s)`;
      }),
    ]),
  );
  return table(['store', ...kinds.map(({ title }) => `>${title}`)], lines);
}

function range(values) {
  const [least, most] = [Math.min(...values), Math.max(...values)].map((value) => figure(value));
  return least === most ? least : `${least} to ${most}`;
}

/** @param runs the kept runs, one for each engine and size */
export function sqlSection(runs) {
  const sections = engines.map(({ engine, ...limits }) => {
    const own = runs.filter((run) => run.engine === engine).sort((a, b) => a.size - b.size);
    if (own.length === 0) return `### ${limits.title}\n\nNot measured.`;
    return own.map((run) => runSection(run, limits)).join('\n\n');
  });
  return `## SQL stores

\`npm run bench:http-sql\` compares four servers over HTTP:

| server   | what it is                                                                                                    |
| -------- | ------------------------------------------------------------------------------------------------------------- |
| baseline | a hand-written Express app: one row per user, prepared statements, and indexes for exactly these requests      |
| Kysely   | a second baseline: the same app over the query builder that the library uses, without a line of SQL for a driver |
| ours     | the router with \`sqlStore\` on its built-in tables, without an outbox unless a row says so                      |
| mapped   | the router with \`mappedStore\` on the tables of the baseline                                                   |

All of them use the same driver, the same connection pool, and return the same JSON. Each server runs in its own process, on the
same cores as the load generator, which uses 10 connections. Before each work, each server warms up for 5 s. In each round the
servers take turns in short slices. Rates are medians; a ratio is the median of the ratios of the rounds. The databases do not wait
for the disk (\`fsync\` off, \`innodb_flush_log_at_trx_commit\` 0, \`synchronous\` normal) and hold all tables in memory
(\`shared_buffers\`, \`innodb_buffer_pool_size\` and \`mmap_size\` of 1 GB), so that the disk does not hide the work of either side.

${sections.join('\n\n')}`;
}

function runSection(run, { title, storage, scan }) {
  const how = `${run.version}, ${many(run.size)} users of about 1 KB of JSON, medians of ${run.rounds} rounds of ${run.milliseconds / 1_000} s, ${run.engine === 'sqlite' ? 'one connection to the database' : `${run.pool} connections to the database`}.`;
  return [
    `### ${title}, ${many(run.size)} users`,
    measured(run, how),
    works(run),
    '#### Other targets',
    others(run, { storage }),
    '#### Equality at the database',
    equality(run, scan),
    ...failures(run),
  ].join('\n\n');
}

function works({ rows }) {
  const lines = rows.map((row) => {
    const [baseline, kysely, ours, mapped] = ['hand-written', 'hand-written-kysely', 'built-in', 'mapped'].map((name) =>
      resultOf(row, name),
    );
    const against = ours?.ratio;
    return [
      row.title,
      rate(baseline),
      kysely?.ratio === undefined ? missing : ratio(kysely.ratio),
      rate(ours),
      against === undefined ? missing : ratio(against),
      against === undefined ? '' : `${ratio(ours.least)} to ${ratio(ours.most)}`,
      against === undefined ? missing : verdict(row.target?.toFixed(2), against >= row.target),
      ours === undefined || baseline === undefined ? '' : `${figure(ours.processor)} / ${figure(baseline.processor)}`,
      rate(mapped),
      mapped?.ratio === undefined ? missing : ratio(mapped.ratio),
    ];
  });
  const heads = [
    'work',
    '>baseline, requests/s',
    '>ratio of Kysely',
    '>ours',
    '>ratio',
    'rounds',
    'target',
    'µs of the process, ours / baseline',
    '>mapped',
    '>ratio of mapped',
  ];
  return table(heads, lines);
}

const rate = (result) => (result === undefined ? missing : figure(result.rate));

function others(run, { storage }) {
  const { rows, size } = run;
  const writes = rows.filter((row) => row.writes);
  const outbox = writes.map((row) => {
    const value = resultOf(row, 'built-in-outbox')?.outbox;
    return [`rate with an outbox to without: ${row.title}`, ratioOr(value), atLeast(value, outboxTarget)];
  });
  const [bulk, create] = ['bulk', 'create'].map((name) => {
    const row = rows.find((each) => each.name === name);
    const result = row && resultOf(row, 'built-in');
    return result && result.rate * (row.creates ?? 1);
  });
  const bulkRatio = bulk === undefined || create === undefined ? undefined : bulk / create;
  const bytes = run.storage['built-in'];
  const growth = rows.flatMap((row) => {
    const value = resultOf(row, 'built-in')?.growth;
    if (value === undefined) return [];
    const met = size >= targetSize ? atLeast(value, sameWithinNoise) : '';
    return [[`rate with ${many(size)} users to 1,000: ${row.title}`, ratio(value), met]];
  });
  const first = run.first && (1_000 * run.first.users) / run.first.milliseconds;
  return table(
    ['what', '>figure', 'target'],
    [
      ...outbox,
      ['users per second in bulk to single creations', ratioOr(bulkRatio), atLeast(bulkRatio, bulkTarget)],
      [
        'bytes per user, indexes included: ours',
        bytes === undefined ? missing : figure(bytes),
        bytes === undefined ? missing : verdict(`at most ${many(storage)}`, bytes <= storage),
      ],
      ['bytes per user: the hand-written tables', figureOr(run.storage['hand-written']), ''],
      ...(growth.length > 0 ? growth : [[`rate with ${many(size)} users to 1,000`, missing, missing]]),
      [
        `first synchronization by the Entra simulation${run.first ? ` of ${many(run.first.users)} users` : ''}, users/s`,
        figureOr(first),
        '',
      ],
    ],
  );
}

const ratioOr = (value) => (value === undefined ? missing : ratio(value));
const figureOr = (value) => (value === undefined ? missing : figure(value));

function equality({ equality: rows, size, engine }, scan) {
  const note = `The time of all statements of one request for a filter that matches one user, as the driver sees it, one request at
a time.${size < targetSize ? ` The targets are for ${many(targetSize)} users.` : ''}`;
  if (rows.length === 0) return `${note}\n\nNot measured.`;
  const lines = rows.map(({ title, isLookup, milliseconds, statements }) => {
    const target = isLookup || engine === 'postgres' ? lookupMilliseconds : scan;
    return [title, figure(milliseconds), statements, size >= targetSize ? under(milliseconds, target, 'ms') : ''];
  });
  return `${note}\n\n${table(['attribute', '>ms', '>statements', 'target'], lines)}`;
}

function failures({ failures: all }) {
  if (all.length === 0) return [];
  // A reason may hold text of a response.
  const reason = (text) => text.replace(/\s+/g, ' ').replaceAll('`', "'").slice(0, 200);
  return [`Failed, and therefore not measured:\n\n${all.map((each) => `- \`${reason(each)}\``).join('\n')}`];
}
