// Rounds of one work. A round is slices of all servers in turns, so that what else the machine does slows all of them.
import type { Profiler } from 'node:inspector';
import { median } from '../results.mjs';
import type { ContestantName } from './command.js';
import { type Connections, load, type LoadResult, openConnections } from './load.js';
import type { Taking } from './taking.js';
import type { Work } from './work.js';

export interface Rounds {
  readonly key: string;
  readonly rounds: number;
  /** Of one server in one round. */
  readonly milliseconds: number;
}

/** What a server did in a work: medians of the rounds. */
export interface Measured {
  readonly name: ContestantName;
  /** Requests per second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Microseconds of processor time of the server for a request. */
  readonly processor: number;
  /** The rate relative to the hand-written app in the same round: the median of the rounds, and their range. */
  readonly ratio?: number;
  readonly least?: number;
  readonly most?: number;
  /** The rate relative to the same server without an outbox, in the same way. */
  readonly outbox?: number;
  /** The rate relative to the same store with 1,000 users, in the same way. */
  readonly growth?: number;
}

/** A work, measured. */
export interface MeasuredWork {
  readonly results: readonly Measured[];
  /** Servers that failed, with the reason. Those that did not are measured all the same. */
  readonly failures: readonly string[];
}

/** Connections to each server. */
const lanes = 10;

/** Of each server before the rounds of a work: V8 compiles most of the code in this time, and takes longer where there is more. */
const warmUpMilliseconds = 5_000;

export async function measure(work: Work, servers: readonly Taking[], rounds: Rounds): Promise<MeasuredWork> {
  const failures: string[] = [];
  let taking = servers.filter((each) => takesPart(each, work));
  const attempt = async <T>(each: Taking, run: () => Promise<T>): Promise<T | undefined> => {
    if (!taking.includes(each)) return undefined;
    try {
      return await run();
    } catch (error) {
      failures.push(`${each.name}, ${work.title}: ${error instanceof Error ? error.message : String(error)}`);
      taking = taking.filter((other) => other !== each);
      return undefined;
    }
  };
  const open = new Map<Taking, Connections>();
  const take: Take = (each, milliseconds) =>
    attempt(each, async () => {
      const connections = open.get(each) ?? (await openConnections({ port: each.server.port, key: rounds.key }, lanes));
      open.set(each, connections);
      return turn(work, each, connections, milliseconds);
    });
  try {
    const results = await measureRounds(work, () => taking, take, attempt, rounds);
    return { results, failures };
  } finally {
    for (const connections of open.values()) connections.close();
  }
}

/** An outbox changes only writes; what is not indexed is compared with no smaller data. */
function takesPart({ name }: Taking, { writes = false, indexed = false }: Work): boolean {
  if (name === 'built-in-1000') return indexed;
  return writes || !name.endsWith('-outbox');
}

/** A turn of a server of so many milliseconds; undefined where it fails. */
type Take = (each: Taking, milliseconds: number) => Promise<Turn | undefined>;
type Attempt = <T>(each: Taking, run: () => Promise<T>) => Promise<T | undefined>;

async function measureRounds(
  work: Work,
  taking: () => readonly Taking[],
  take: Take,
  attempt: Attempt,
  given: Rounds,
): Promise<readonly Measured[]> {
  const how = { ...given, milliseconds: Math.max(given.milliseconds, work.least ?? 0) };
  // Short slices, but long enough for each connection to be used several times.
  const slices = work.least === undefined ? Math.min(5, Math.max(1, Math.round(how.milliseconds / 100))) : 1;
  const rounds = new Map<ContestantName, Round[]>();
  // V8 compiles what runs often, and pools and caches fill: without this the first round would measure something else.
  for (const each of taking()) await take(each, warmUpMilliseconds);
  for (let round = 0; round < how.rounds; round++) {
    const turns = new Map(taking().map((each): [Taking, Turn[]] => [each, []]));
    for (const each of taking()) await attempt(each, () => each.server.ask('collect'));
    for (let slice = 0; slice < slices; slice++) {
      // No server is always the one after the same other.
      const order = slice % 2 === 0 ? taking() : taking().toReversed();
      for (const each of order) {
        const result = await take(each, how.milliseconds / slices);
        if (result !== undefined) turns.get(each)?.push(result);
      }
    }
    for (const each of taking()) {
      rounds.set(each.name, [...(rounds.get(each.name) ?? []), together(turns.get(each) ?? [])]);
    }
  }
  return taking().map(({ name }) => {
    const own = rounds.get(name) ?? [];
    const of = (what: 'rate' | 'p50' | 'p99' | 'processor'): number => median(own.map((result) => result[what]));
    const measured = { name, rate: of('rate'), p50: of('p50'), p99: of('p99'), processor: of('processor') };
    const against = (other: string): readonly number[] => {
      const theirs = [...rounds].find(([each]) => each === other)?.[1] ?? [];
      return theirs.map(({ rate }, i) => (own[i]?.rate ?? 0) / rate);
    };
    const ratios = name === 'hand-written' ? [] : against('hand-written');
    const growth = name === 'built-in' ? against('built-in-1000') : [];
    const outbox = name.endsWith('-outbox') ? against(name.slice(0, -'-outbox'.length)) : [];
    return {
      ...measured,
      ...(ratios.length > 0 && { ratio: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) }),
      ...(outbox.length > 0 && { outbox: median(outbox) }),
      ...(growth.length > 0 && { growth: median(growth) }),
    };
  });
}

/** One turn with the profiler on. */
export async function profileWork(work: Work, each: Taking, how: Rounds): Promise<Profiler.Profile> {
  await each.server.ask('startProfile');
  const connections = await openConnections({ port: each.server.port, key: how.key }, lanes);
  await turn(work, each, connections, how.milliseconds).finally(connections.close);
  return (await each.server.ask('stopProfile')) as Profiler.Profile;
}

interface Turn extends LoadResult {
  /** Microseconds of processor time of the server. */
  readonly processor: number;
}

async function turn(
  work: Work,
  { server, data }: Taking,
  connections: Connections,
  milliseconds: number,
): Promise<Turn> {
  const before = Number(await server.ask('processor'));
  const result = await load(connections, { milliseconds, next: work.requests(data) });
  return { ...result, processor: Number(await server.ask('processor')) - before };
}

interface Round {
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
  readonly processor: number;
}

function together(turns: readonly Turn[]): Round {
  const sum = (of: (each: Turn) => number): number => turns.reduce((total, each) => total + of(each), 0);
  const requests = sum(({ times }) => times.length);
  const times = turns.flatMap((each) => each.times).sort((a, b) => a - b);
  const at = (share: number): number => times[Math.min(requests - 1, Math.floor(requests * share))] ?? 0;
  return {
    rate: (1_000 * requests) / sum(({ milliseconds }) => milliseconds),
    p50: at(0.5),
    p99: at(0.99),
    processor: sum(({ processor }) => processor) / requests,
  };
}
