// How long the database takes for equality on attributes of all kinds: the statements of single requests, one at a time.
import { median } from '../results.mjs';
import { userAt } from './data.js';
import { sendOnce } from './load.js';
import type { Statements } from './servers/control.js';
import type { BenchServer } from './start-server.js';

/** The time that the database takes for a filter. */
export interface EqualityFigure {
  readonly title: string;
  /** Whether each engine has an index for it. PostgreSQL has one for all attributes. */
  readonly isLookup: boolean;
  /** Median, for all statements of a request. */
  readonly milliseconds: number;
  readonly statements: number;
}

interface Equality {
  readonly title: string;
  readonly isLookup: boolean;
  filter(i: number): string;
}

const employeeNumber = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber';

// Each matches one user.
const equalities: readonly Equality[] = [
  { title: '`userName`', isLookup: true, filter: (i) => `userName eq "User.${String(i)}@example.com"` },
  { title: '`externalId`', isLookup: true, filter: (i) => `externalId eq "${userAt(i).externalId}"` },
  { title: '`emails.value`', isLookup: true, filter: (i) => `emails.value eq "user.${String(i)}@home.example"` },
  {
    title: '`emails[type eq "work" and value eq ...]`',
    isLookup: true,
    filter: (i) => `emails[type eq "work" and value eq "user.${String(i)}@example.com"]`,
  },
  {
    title: '`employeeNumber` of the enterprise extension',
    isLookup: true,
    filter: (i) => `${employeeNumber} eq "${String(100_000 + i)}"`,
  },
  { title: '`nickName`', isLookup: false, filter: (i) => `nickName eq "nick${String(i)}"` },
  { title: '`name.familyName`', isLookup: false, filter: (i) => `name.familyName eq "family${String(i)}"` },
  {
    title: '`phoneNumbers.value`',
    isLookup: false,
    filter: (i) => `phoneNumbers.value eq "+44 20 ${String(i).padStart(7, '0')}"`,
  },
];

/** @param server one with `isTimed`, over `size` users, which nothing else uses */
export async function measureEqualities(
  server: BenchServer,
  key: string,
  size: number,
): Promise<{ readonly figures: readonly EqualityFigure[]; readonly failures: readonly string[] }> {
  const figures: EqualityFigure[] = [];
  const failures: string[] = [];
  for (const { title, isLookup, filter } of equalities) {
    const times: number[] = [];
    let statements = 0;
    const run = async (n: number): Promise<void> => {
      const path = `/Users?filter=${encodeURIComponent(filter((n * 7_919) % size))}`;
      const body = await sendOnce({ port: server.port, key }, { method: 'GET', path });
      const asked = (await server.ask('statements')) as Statements;
      const { totalResults } = JSON.parse(body) as { readonly totalResults: number };
      if (totalResults !== 1) throw new Error(`found ${String(totalResults)} users instead of one`);
      statements = asked.count;
      times.push(asked.milliseconds);
    };
    try {
      // Long enough for PostgreSQL to decide on a generic plan of a prepared statement on each connection in use.
      for (let n = 0; n < 12; n++) await run(n);
      times.length = 0;
      const began = performance.now();
      for (let n = 12; n < 60 && (times.length < 5 || performance.now() - began < 3_000); n++) await run(n);
      figures.push({ title, isLookup, milliseconds: median(times), statements });
    } catch (error) {
      failures.push(`equality of ${title}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { figures, failures };
}
