import { afterAll, describe, expect, it } from '@jest/globals';
import { pglite } from '../../soak/pglite.js';
import { databases } from '../databases.js';
import { type Arena, memoryArena, races, run, sqlArena, uncheckedArena } from './races.js';

/** How often each race is run: a few times in every run, 20 times in `.ci/run`, 100 times in `npm run soak`. */
const rounds = Number(process.env['SCIM_TEST_ROUNDS'] ?? 4);

let count = 0;
const nextPrefix = (): string => `g${String(process.pid)}_${String(++count)}_`;
let single: ReturnType<typeof pglite> | undefined;
const engines: readonly (readonly [string, rounds: number, open: () => Promise<Arena>])[] = [
  ['memory', rounds, async () => memoryArena()],
  ['a store without checks', rounds, async () => uncheckedArena()],
  ...databases.map(([name, make]) => [name, rounds, () => sqlArena(make().db, nextPrefix())] as const),
  // It takes seconds to start.
  ...(rounds < 20
    ? []
    : [['PGlite, which has one connection', 10, () => sqlArena((single ??= pglite()), nextPrefix())] as const]),
];

afterAll(() => single?.destroy());

describe.each(engines)('guards under 30 parallel requests on %s', (_, times, open) => {
  const opened: Arena[] = [];
  afterAll(async () => {
    for (const arena of opened) await arena.close();
  });

  it.each(Object.entries(races))(
    '%s',
    async (__, race) => {
      const arena = await open();
      opened.push(arena);
      expect(await run(arena, race, times)).toEqual([]);
    },
    600_000,
  );
});
