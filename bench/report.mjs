// Writes docs/performance.md from bench/results and bench/not-met.md: `npm run bench:report`.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { sqlSection, sqlSummary } from './http-sql-section.mjs';
import { measured, ratio, table, verdict } from './markdown.mjs';
import { figure, kept, median } from './results.mjs';

const file = fileURLToPath(new URL('../docs/performance.md', import.meta.url));
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

const kilobytes = (bytes) => (bytes === undefined ? '-' : (bytes / 1000).toFixed(1));

const sections = {
  requests(result) {
    const rows = result.rows.map((row) => {
      const against = row.baseline === undefined ? undefined : row.ours / row.baseline;
      // Latencies are whole milliseconds.
      const tail = row.baselineP99 === undefined ? undefined : Math.max(row.p99, 1) / Math.max(row.baselineP99, 1);
      return [
        row.size,
        row.title,
        figure(row.baseline),
        figure(row.ours),
        ratio(against),
        against === undefined ? '' : verdict(row.target, against >= row.target),
        `${row.p50} / ${row.p99}`,
        tail === undefined ? '' : `${ratio(tail)} ${tail <= 1.5 ? 'met' : 'not met'}`,
        `${figure(row.processor)} / ${figure(row.baselineProcessor)}`,
        `${kilobytes(row.bytes)} / ${kilobytes(row.baselineBytes)}`,
        `${figure(row.scimmy)}${row.scimmyOneByOne ? '†' : ''}`,
        figure(row.raw),
      ];
    });
    const heads = [
      '>users',
      'work',
      '>baseline',
      '>ours',
      '>ratio',
      'target',
      'p50 / p99',
      'p99 to baseline, at most 1.5',
      'µs ours / baseline',
      'kB ours / baseline',
      '>scimmy',
      '>raw node:http',
    ];
    return `## Requests with the memory store

${measured(result, `medians of ${result.roundCount} rounds of ${result.seconds} s with 10 connections, the servers alternating, on the same cores as the load generator. Each round begins with a full garbage collection.`)}

| column        | contents                                                                                                        |
| ------------- | --------------------------------------------------------------------------------------------------------------- |
| baseline      | a hand-written Express app that does the same work with Maps and \`res.json\`, without SCIM; requests per second |
| ours          | the router with \`MemoryStore\`; requests per second                                                             |
| p50 / p99     | latency of ours in milliseconds                                                                                 |
| µs            | processor time of all threads of the server per request                                                         |
| kB            | size of the response body                                                                                       |
| scimmy        | scimmy with scimmy-routers over a Map with a userName index, only at the smallest size; requests per second     |
| raw node:http | a server that returns the same buffer with one user for every request; requests per second                      |

† marks work that scimmy cannot do ten times in a round. The rate is then that of single requests, one after another.

${table(heads, rows)}

Users are in no group except in the rows that say so. In those rows our responses contain the groups (\`User.groups\`), and
the responses of the baseline do not. Our responses also contain \`schemas\`, \`meta.location\` and \`meta.version\`.

Measurements on such a machine are noisy: compare within one run, and ignore differences of up to 10 %.

### Memory

${table(
  ['>users', '>bytes of heap per user: baseline', '>ours', '>ratio', 'target: at most 1.6'],
  result.memory.map((row) => [
    row.size,
    figure(row.baseline),
    figure(row.ours),
    ratio(row.ours / row.baseline),
    row.ours <= 1.6 * row.baseline ? 'met' : 'not met',
  ]),
)}

${growth(result)}`;
  },

  million(result) {
    const [first] = result.heaps;
    const last = result.heaps.at(-1);
    return `## Memory over a million requests

${measured(result, `${result.users} users, then ${result.heaps.length} times ${result.each} requests, ten at a time: ${result.mix}. The heap in use after a collection:`)}

${table(
  ['>requests', '>MB of heap'],
  result.heaps.map((heap, i) => [(i + 1) * result.each, (heap / 1e6).toFixed(2)]),
)}

Before the first request the heap was ${(result.seeded / 1e6).toFixed(2)} MB. The first ${result.each} requests fill the bounded caches; from then to the
end the heap grew by ${((100 * (last - first)) / first).toFixed(1)} % (target: at most 5 %: ${last <= 1.05 * first ? 'met' : 'not met'}).`;
  },

  start(result) {
    const mb = (bytes) => (bytes / 1e6).toFixed(2);
    return `## Start

${measured(result, `the packed package in a separate folder, medians of ${result.processes} fresh processes of each kind.`)}

${table(
  ['what', '>ms', '>least', '>most', 'target: under'],
  result.rows.map((row) => [
    row.title,
    figure(row.milliseconds),
    figure(row.least),
    figure(row.most),
    verdict(row.target, row.milliseconds < row.target),
  ]),
)}

Installed without peers: ${mb(result.bytes)} MB (target: under 6 MB ${result.bytes < 6e6 ? 'met' : 'not met'}): ${result.packages
      .sort((a, b) => b.bytes - a.bytes)
      .slice(0, 4)
      .map(({ name, bytes }) => `${name} ${mb(bytes)}`)
      .join(', ')} and ${result.packages.length - 4} more.`;
  },

  micro(result) {
    const groups = [...new Set(result.rows.map(({ group }) => group))];
    const parts = groups.map((group) => {
      const rows = result.rows.filter((row) => row.group === group);
      const lines = rows.map(({ title, nanoseconds }) => [
        title,
        nanoseconds.toFixed(0),
        ratio(nanoseconds / rows[0].nanoseconds),
      ]);
      return `### ${group}\n\n${table(['what', '>ns per run', '>relative to the first row'], lines)}`;
    });
    return `## Parts

${measured(result, `tinybench, medians of ${result.roundCount} rounds of ${result.milliseconds} ms, the rows alternating. The body is a user of ${result.bytes} bytes.`)}

${parts.join('\n\n')}`;
  },
};

/** What should cost the same for little and much data, relative to the baseline of the same round. */
function growth({ rows }) {
  const sizes = [...new Set(rows.map(({ size }) => size))];
  const [small, large] = [Math.min(...sizes), Math.max(...sizes)];
  const find = (name, size) => rows.find((row) => row.name === name && row.size === size);
  const pairs = ['get', 'eq', 'eqNew', 'email', 'deep', 'active', 'put'].map((name) => [
    `${find(name, small)?.title}, ${large} users to ${small}`,
    find(name, small),
    find(name, large),
  ]);
  pairs.push([`add and remove a member, group of 50000 to 50`, find('member50', large), find('member50000', large)]);
  const lines = pairs.flatMap(([title, from, to]) => {
    if (from === undefined || to === undefined || from === to) return [];
    const cost = (row) => row.rounds.ours.map((microseconds, i) => microseconds / row.rounds.baseline[i]);
    const each = cost(to).map((value, i) => value / cost(from)[i]);
    const middle = median(each);
    const met = middle <= 1.2;
    return [
      [title, ratio(middle), `${ratio(Math.min(...each))} to ${ratio(Math.max(...each))}`, met ? 'met' : 'not met'],
    ];
  });
  return `### Growth

How processor time per request grows with the amount of data. Each figure is relative to the baseline of the same round and
size, so the cost of a larger heap in Node itself does not count. A median of at most 1.2 is equal within noise; the range
over the rounds shows the noise.

${table(['what', '>median', 'rounds', 'target: the same within noise'], lines)}`;
}

const sqlRuns = kept('http-sql')?.runs ?? [];
const text = `# Performance

This page says how fast the endpoint is, first for readers who decide, then in detail and with the method. What you can expect:

- **The endpoint is rarely the bottleneck.** Identity providers send at most tens of requests per second: Microsoft requires that an
  endpoint accepts 25 for each tenant. The table below shows what one process can do.
- **The built-in tables are somewhat slower** than hand-written code for exactly these requests. In return, every
  attribute can be filtered, each write is atomic and has a version, and tenants are kept apart.
- **Mapped tables are slower still**, because each change locks and reads your row, and each response is assembled from your columns.
- **The number of users matters little**: lookups, pages by cursor and changes find their rows by an index.
- **The library starts quickly and is small**: see [Start](#start).

Requests per second relative to a hand-written Express app on the same database, and in absolute figures on two cores that also
run the database and the load generator:

${sqlSummary(sqlRuns)}

This page is generated (\`npm run bench:report\`, version ${version}). Decision records explain the design of
[a request](decisions/0009-speed-of-a-request.md) and of [the tables](decisions/0010-sql-columns-and-statements.md). To measure on
your machine, clone the repository and run \`npm run bench:http-sql\`, \`npm run bench\` and \`npm run bench:million\`.

${[
  sqlSection(sqlRuns),
  ...Object.entries(sections)
    .map(([name, write]) => [kept(name), write])
    .filter(([result]) => result !== undefined)
    .map(([result, write]) => write(result)),
].join('\n\n')}

${readFileSync(new URL('not-met.md', import.meta.url), 'utf8')}`;
writeFileSync(file, await format(text, { ...(await resolveConfig(file)), parser: 'markdown' }));
console.log(`wrote ${file}`);
