import type { Stage } from '../client.js';
import { linkedAccounts, type Simulation } from '../simulation.js';
import { isList } from './find.js';

/** Reads all users page by page, as an import does. Every user of the run must be returned once. */
export function importUsers(query: (startIndex: number, count: number) => string): Stage {
  return {
    name: 'import: users page by page',
    async play(simulation) {
      const seen = new Map<string, number>();
      const complete = await readPages(simulation, query, seen);
      const own = linkedAccounts(simulation).map(({ id }) => id);
      const twice = [...seen.values()].filter((times) => times > 1).length;
      const missed = complete ? own.filter((id) => !seen.has(id)).length : 0;
      if (twice === 0 && missed === 0) return;
      const response = await simulation.get('read the first page again', query(1, simulation.pageSize));
      const received = `${String(twice)} were returned twice and ${String(missed)} never`;
      simulation.found('page-unstable', response, 'every user once', { received });
    },
  };
}

/** Pages that are read at most, whatever totalResults says. */
const mostPages = 200;

/** @returns whether the end was reached */
async function readPages(
  simulation: Simulation,
  query: (startIndex: number, count: number) => string,
  seen: Map<string, number>,
): Promise<boolean> {
  let startIndex = 1;
  for (let page = 0; page < mostPages; page++) {
    const response = await simulation.get('read a page of users', query(startIndex, simulation.pageSize));
    if (!simulation.hasStatus(response, [200], 'match-refused') || !isList(simulation, response)) return false;
    const known = seen.size;
    for (const { id } of response.resources) {
      if (typeof id === 'string') seen.set(id, (seen.get(id) ?? 0) + 1);
    }
    // The client continues after what it received: a server may return fewer than requested.
    startIndex += response.resources.length;
    if (response.resources.length === 0 || startIndex > Number(response.get('totalResults'))) return true;
    // A server that returns the same page for every startIndex never comes to an end.
    if (seen.size === known) return false;
  }
  return false;
}

/** Reads all users with `startIndex` and `count` only. */
export const importUserPages: Stage = importUsers(
  (startIndex, count) => `/Users?startIndex=${String(startIndex)}&count=${String(count)}`,
);
