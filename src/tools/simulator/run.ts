import { randomBytes } from 'node:crypto';
import { checkTarget } from '../wire/check-target.js';
import { wireClient } from '../wire/client.js';
import type { Client } from './client.js';
import { type ClientId, clientIds, clients } from './clients/index.js';
import { directoryOf } from './directory.js';
import { type Finding, findingLog } from './finding.js';
import { disclaimer, type SimulationReport, type StageOutcome } from './report.js';
import { openSession, type Session } from './session.js';
import { linkedAccounts, newSimulation, type Simulation } from './simulation.js';

/** Which client to simulate, and against which server. */
export interface SimulationOptions {
  /** Base URL of the service, such as `https://app.example.com/scim/v2`. */
  readonly baseUrl: string;
  /** Bearer key. */
  readonly key: string;
  /** One of `clientIds`. */
  readonly client: ClientId;
  /** Users in the directory, 2 to 100,000. Default: 500. */
  readonly users?: number | undefined;
  /** Groups in the directory, up to 10,000. Default: 20. */
  readonly groups?: number | undefined;
  /** Concurrent requests, 1 to 256. Default: 8. */
  readonly concurrency?: number | undefined;
  /** The same seed gives the same directory. Default: 1. */
  readonly seed?: number | undefined;
  /** Resources in a page of an import, 1 to 1,000. Default: 100. */
  readonly pageSize?: number | undefined;
  /** Keeps the created resources at the end. Default: false. */
  readonly keep?: boolean | undefined;
  /** Longest wait that a Retry-After can ask for. Default: 30,000. */
  readonly maxWaitMilliseconds?: number | undefined;
  /** Default: the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
  /** Called after each request. */
  readonly onProgress?: ((progress: SimulationProgress) => void) | undefined;
  /** Ends the run early: the report covers what was played until then, and created resources are still deleted. */
  readonly signal?: AbortSignal | undefined;
}

/** The progress of a run. */
export interface SimulationProgress {
  readonly client: ClientId;
  readonly stage: string;
  /** Number of completed stages. */
  readonly stagesDone: number;
  /** Number of all stages. */
  readonly stages: number;
  /** What the client is doing, such as `create user`. */
  readonly step: string;
  /** Sent so far. */
  readonly requests: number;
  readonly findings: number;
}

/**
 * Simulates the SCIM client of an identity provider against a server: connection test, initial cycle, changes,
 * concurrent membership changes, deprovisioning, and cycles in which nothing must change. The simulator reads the state
 * back after each stage. The resources that it creates have unique names, and it deletes them at the end.
 *
 * @returns the problems that the client would have, each with what it would do next; it does not throw because of the
 * server
 * @throws TypeError that names every wrong option, RangeError when a number is out of range
 * @example
 * import { simulate } from 'express-scim/conformance';
 *
 * const key = process.env['SCIM_KEY'] ?? '';
 * const report = await simulate({ baseUrl: 'http://127.0.0.1:3000/scim/v2', key, client: 'entra', users: 20 });
 * for (const finding of report.findings) console.log(finding.rule, finding.next);
 */
export async function simulate(options: SimulationOptions): Promise<SimulationReport> {
  checkTarget(
    'simulate',
    options,
    {
      client: { oneOf: clientIds },
      ...{
        users: 'any number',
        groups: 'any number',
        concurrency: 'any number',
        seed: 'any number',
        pageSize: 'any number',
      },
      ...{
        keep: 'boolean',
        maxWaitMilliseconds: 'number',
        fetch: 'function',
        onProgress: 'function',
        signal: 'object',
      },
    },
    ['client'],
  );
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
    maxWaitMilliseconds: options.maxWaitMilliseconds ?? 30_000,
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
  const simulation = newSimulation(client.dialect, directory, session, {
    pageSize: options.pageSize ?? 100,
    signal: stop,
  });
  const stages: StageOutcome[] = [];
  for (const each of client.stages) {
    stage = each.name;
    stages.push(await playStage(each, simulation, session, () => findings.list()));
    stagesDone++;
  }
  const leftBehind = options.keep === true ? session.created() : await cleanUp(options, client, session, concurrency);
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
    leftBehind,
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

/** Deletes what the run created; this is no part of the client. @returns paths of what could not be deleted */
async function cleanUp(
  options: SimulationOptions,
  client: Client,
  session: Session,
  concurrency: number,
): Promise<readonly string[]> {
  // Groups first, so that deleting a user changes no group.
  const paths = session.created().toSorted();
  const leftBehind: string[] = [];
  const cleaner = wireClient({
    endpoint: options,
    fetch: options.fetch,
    signal: () => AbortSignal.timeout(client.policy.timeoutMilliseconds),
  });
  const next = paths[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (const path of next) {
      const response = await cleaner.send('DELETE', path).catch(() => undefined);
      const deleted = response !== undefined && (response.status < 300 || response.status === 404);
      if (!deleted) leftBehind.push(path);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return leftBehind;
}

function inRange(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`${name} must be an integer from ${String(least)} to ${String(most)}`);
  }
}
