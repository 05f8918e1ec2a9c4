// Costs that must not grow with the data: each is measured in a small and a large store, in turns, in one run.
// `npm run bench:quick`. It fails only where the large one costs more than three times the small one.
import { groupSchemas, patch, seedUsers } from './data.mjs';
import { startServer } from './server.mjs';

const sizes = { small: 100, large: 10_000 };
const groupSizes = { small: 50, large: 50_000 };
const rounds = 7;
const requests = 120;
const most = 3;

const servers = {};
for (const [name, size] of Object.entries(sizes)) {
  const server = await startServer('ours');
  const ids = await seedUsers(server, size);
  // Members that are no users yet are kept as members like others, so the group can be larger than the store.
  const members = Array.from({ length: groupSizes[name] }, (_, i) => ({ value: ids[i - 1] ?? `pending-${i}` }));
  const group = await server.send('POST', '/Groups?excludedAttributes=members', {
    schemas: groupSchemas,
    displayName: 'Everybody',
    members,
  });
  servers[name] = { server, ids, size, group: group.id };
}

const work = {
  'GET by id': ({ server, ids }, i) => server.send('GET', `/Users/${ids[i % ids.length]}`),
  'userName eq': ({ server, size }, i) =>
    server.send('GET', `/Users?filter=${encodeURIComponent(`userName eq "USER${i % size}@example.com"`)}`),
  'emails.value eq': ({ server, size }, i) =>
    server.send(
      'GET',
      `/Users?filter=${encodeURIComponent(`emails[type eq "work" and value eq "user${i % size}@example.com"]`)}`,
    ),
  'last page of 10': ({ server, size }) => server.send('GET', `/Users?startIndex=${size - 9}&count=10`),
  'PATCH active': ({ server, ids }, i) =>
    server.send(
      'PATCH',
      `/Users/${ids[i % ids.length]}`,
      patch({ op: 'Replace', path: 'active', value: i % 2 === 0 ? 'False' : 'True' }),
    ),
  'add and remove a member': ({ server, ids, group }, i) =>
    server.send(
      'PATCH',
      `/Groups/${group}`,
      patch({ op: i % 2 === 0 ? 'Add' : 'Remove', path: 'members', value: [{ value: ids.at(-1) }] }),
    ),
};

const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
let failed = 0;
console.log(
  `microseconds a request, median of ${rounds} rounds of ${requests}; ${sizes.small} and ${sizes.large} users, groups of ${groupSizes.small} and ${groupSizes.large}`,
);
for (const [name, send] of Object.entries(work)) {
  const times = { small: [], large: [] };
  for (let round = 0; round <= rounds; round++) {
    for (const size of Object.keys(sizes)) {
      const began = performance.now();
      for (let i = 0; i < requests; i++) await send(servers[size], round * requests + i);
      // The first round warms up.
      if (round > 0) times[size].push(((performance.now() - began) * 1000) / requests);
    }
  }
  const [small, large] = [median(times.small), median(times.large)];
  const ratio = large / small;
  if (ratio > most) failed++;
  console.log(
    `${name.padEnd(26)}${small.toFixed(0).padStart(6)}${large.toFixed(0).padStart(6)}   ratio ${ratio.toFixed(2)}${ratio > most ? '  GROWS' : ''}`,
  );
}
for (const { server } of Object.values(servers)) await server.stop();
process.exit(failed === 0 ? 0 : 1);
