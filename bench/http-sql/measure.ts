// Rounds of one work. A round is slices of all servers in turns, so that what else the machine does slows all of them.
import type { Profiler } from 'node:inspector';
import { median } from '../results.mjs';
import type { ContestantName } from './command.js';
import { load, type LoadResult } from './load.js';
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
}

const connections = 10;
/** Of a round. */
const slices = 5;

export async function measure(work: Work, taking: readonly Taking[], how: Rounds): Promise<readonly Measured[]> {
  const rounds = new Map<ContestantName, Round[]>();
  // V8 compiles what runs often, and pools and caches fill: without this the first round would measure something else.
  for (const each of taking) await turn(work, each, { ...how, milliseconds: Math.min(500, how.milliseconds) });
  for (let round = 0; round < how.rounds; round++) {
    const turns = new Map(taking.map((each): [Taking, Turn[]] => [each, []]));
    for (const each of taking) await each.server.ask('collect');
    for (let slice = 0; slice < slices; slice++) {
      // No server is always the one after the same other.
      const order = slice % 2 === 0 ? taking : taking.toReversed();
      for (const each of order) {
        turns.get(each)?.push(await turn(work, each, { ...how, milliseconds: how.milliseconds / slices }));
      }
    }
    for (const [{ name }, parts] of turns) rounds.set(name, [...(rounds.get(name) ?? []), together(parts)]);
  }
  return taking.map(({ name }) => {
    const own = rounds.get(name) ?? [];
    const of = (what: 'rate' | 'p50' | 'p99' | 'processor'): number => median(own.map((result) => result[what]));
    const measured = { name, rate: of('rate'), p50: of('p50'), p99: of('p99'), processor: of('processor') };
    const against = (other: string): readonly number[] => {
      const theirs = [...rounds].find(([each]) => each === other)?.[1] ?? [];
      return theirs.map(({ rate }, i) => (own[i]?.rate ?? 0) / rate);
    };
    const ratios = name === 'hand-written' ? [] : against('hand-written');
    const outbox = name.endsWith('-outbox') ? against(name.slice(0, -'-outbox'.length)) : [];
    return {
      ...measured,
      ...(ratios.length > 0 && { ratio: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) }),
      ...(outbox.length > 0 && { outbox: median(outbox) }),
    };
  });
}

/** One turn with the profiler on. */
export async function profileWork(work: Work, each: Taking, how: Rounds): Promise<Profiler.Profile> {
  await each.server.ask('startProfile');
  await turn(work, each, how);
  return (await each.server.ask('stopProfile')) as Profiler.Profile;
}

interface Turn extends LoadResult {
  /** Microseconds of processor time of the server. */
  readonly processor: number;
}

async function turn(work: Work, { server, data }: Taking, { key, milliseconds }: Rounds): Promise<Turn> {
  const before = Number(await server.ask('processor'));
  const result = await load({ port: server.port, key, connections, milliseconds, next: work.requests(data) });
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
