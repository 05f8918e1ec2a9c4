import { randomBytes } from 'node:crypto';
import type { Client } from './client.js';
import { type ClientId, clients } from './clients/index.js';
import { directoryOf } from './directory.js';
import { type Finding, findingLog } from './finding.js';
import { disclaimer, type SimulationReport, type StageOutcome } from './report.js';
import { openSession, type Session } from './session.js';
import { linkedAccounts, newSimulation, type Simulation } from './simulation.js';

/** What is simulated, and against what. */
export interface SimulationOptions {
  /** Base URL of the service, such as `https://app.example.com/scim/v2`. */
  readonly baseUrl: string;
  /** Bearer key. */
  readonly key: string;
  readonly client: ClientId;
  /** Users in the directory, 2 or more. Default: 500. */
  readonly users?: number | undefined;
  /** Default: 20. */
  readonly groups?: number | undefined;
  /** Requests at the same time. Default: 8. */
  readonly concurrency?: number | undefined;
  /** Decides the directory. Default: 1. */
  readonly seed?: number | undefined;
  /** Resources in a page of an import. Default: 100. */
  readonly pageSize?: number | undefined;
  /** Leaves at the end what is there. Default: false. */
  readonly keep?: boolean | undefined;
  /** Longest time that a Retry-After is waited for, milliseconds. Default: 30,000. */
  readonly longestWait?: number | undefined;
  /** In place of the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
  /** Called after each request. */
  readonly onProgress?: ((progress: SimulationProgress) => void) | undefined;
  /** Ends the run: the report tells of what was played until then. What was created is deleted all the same. */
  readonly signal?: AbortSignal | undefined;
}

/** How far a run is. */
export interface SimulationProgress {
  readonly client: ClientId;
  readonly stage: string;
  /** Stages before this one, of all. */
  readonly stagesDone: number;
  readonly stages: number;
  readonly step: string;
  readonly requests: number;
  readonly findings: number;
}

/**
 * Plays the life of an identity provider's client against a SCIM server: connection test, first cycle, changes,
 * memberships in parallel, leavers, and cycles in which nothing must change. After each stage the simulator reads the
 * state back. Everything that it creates has names of its own, and is deleted at the end.
 *
 * @returns what went wrong, with what the client would do next; never fails because of the server
 * @throws RangeError when an option is out of its range
 * @example
 * const report = await simulate({ baseUrl: 'http://127.0.0.1:3000/scim/v2', key, client: 'entra', users: 20 });
 * for (const finding of report.findings) console.log(finding.rule, finding.next);
 */
export async function simulate(options: SimulationOptions): Promise<SimulationReport> {
  const { client: clientId, users = 500, groups = 20, concurrency = 8, seed = 1 } = options;
  inRange('users', users, 2, 100_000);
  inRange('groups', groups, 0, 10_000);
  inRange('concurrency', concurrency, 1, 256);
  inRange('seed', seed, 0, 0xffff_ffff);
  inRange('pageSize', options.pageSize ?? 100, 1, 1_000);
  const client: Client = clients[clientId]();
  const run = randomBytes(4).toString('hex');
  const started = performance.now();
  const findings = findingLog(client.name, client.consequences);
  const stop = options.signal ?? new AbortController().signal;
  let stage = '';
  let stagesDone = 0;
  const session = openSession({
    baseUrl: options.baseUrl,
    key: options.key,
    fetch: options.fetch ?? fetch,
    policy: client.policy,
    concurrency,
    longestWait: options.longestWait ?? 30_000,
    signal: stop,
    findings,
    stage: () => stage,
    onRequest: (step) =>
      options.onProgress?.({
        client: clientId,
        stage,
        stagesDone,
        stages: client.stages.length,
        step,
        requests: session.counts.requests,
        findings: findings.list().length,
      }),
  });
  const directory = directoryOf({ seed, run, users, groups });
  const simulation = newSimulation(client, directory, session, { pageSize: options.pageSize ?? 100, signal: stop });
  const stages: StageOutcome[] = [];
  for (const each of client.stages) {
    stage = each.name;
    stages.push(await playStage(each, simulation, session, () => findings.list()));
    stagesDone++;
  }
  const left = options.keep === true ? session.created() : await cleanUp(options, client, session, concurrency);
  const found = findings.list();
  return {
    client: clientId,
    name: client.name,
    confidence: client.confidence,
    reconstructed: client.reconstructed,
    sources: client.sources,
    disclaimer,
    baseUrl: options.baseUrl,
    users,
    groups,
    concurrency,
    seed,
    run,
    stages,
    findings: found,
    ...session.counts,
    left,
    milliseconds: performance.now() - started,
    passed: found.every(({ severity }) => severity !== 'error'),
  };
}

async function playStage(
  stage: Client['stages'][number],
  simulation: Simulation,
  session: Session,
  findings: () => readonly Finding[],
): Promise<StageOutcome> {
  const before = { requests: session.counts.requests, findings: findings().length, at: performance.now() };
  const outcome = await play();
  const own = findings().slice(before.findings);
  return {
    name: stage.name,
    outcome,
    requests: session.counts.requests - before.requests,
    milliseconds: performance.now() - before.at,
    errors: own.filter(({ severity }) => severity === 'error').length,
    warnings: own.filter(({ severity }) => severity === 'warning').length,
  };

  async function play(): Promise<StageOutcome['outcome']> {
    if (simulation.signal.aborted) return 'stopped';
    if (stage.first !== true && linkedAccounts(simulation).length === 0) return 'skipped';
    try {
      await stage.play(simulation);
      return session.counts.requests > before.requests ? 'played' : 'skipped';
    } catch (error) {
      if (simulation.signal.aborted) return 'stopped';
      throw error;
    }
  }
}

/** Deletes what the run created; not the client does that. @returns paths of what is left */
async function cleanUp(
  { baseUrl, key, fetch: send = fetch }: SimulationOptions,
  client: Client,
  session: Session,
  concurrency: number,
): Promise<readonly string[]> {
  // Groups first, so that no member is taken from a group that is about to go.
  const paths = session.created().toSorted();
  const left: string[] = [];
  const next = paths[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (const path of next) {
      const response = await send(baseUrl.replace(/\/+$/, '') + path, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${key}`, accept: 'application/scim+json' },
        redirect: 'manual',
        signal: AbortSignal.timeout(client.policy.timeoutMilliseconds),
      }).catch(() => undefined);
      await response?.body?.cancel();
      if (response === undefined || (!response.ok && response.status !== 404)) left.push(path);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return left;
}

function inRange(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`${name} must be an integer from ${String(least)} to ${String(most)}`);
  }
}
