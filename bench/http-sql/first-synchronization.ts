// The first synchronization of a directory, as Microsoft Entra ID does it: for each user a lookup, then a creation.
import { simulate } from '../../src/tools/simulator/run.js';
import type { BenchServer } from './start-server.js';

export interface FirstSynchronization {
  readonly users: number;
  readonly milliseconds: number;
}

const steps: ReadonlySet<string> = new Set(['match user', 'create user']);

/** @throws Error when the client had a problem: the figure would not be one of a good synchronization */
export async function measureFirstSynchronization(
  server: BenchServer,
  key: string,
  users: number,
): Promise<FirstSynchronization> {
  const stop = new AbortController();
  let began: number | undefined;
  let created = 0;
  let ended = 0;
  const report = await simulate({
    baseUrl: `http://127.0.0.1:${String(server.port)}/scim/v2`,
    key,
    client: 'entra',
    users,
    groups: 0,
    concurrency: 10,
    keep: true,
    signal: stop.signal,
    onProgress: ({ step }) => {
      if (steps.has(step)) began ??= performance.now();
      if (step === 'create user') created++;
      if (created === users && ended === 0) {
        ended = performance.now();
        // The simulator would go on with reading everything back, and with changes.
        stop.abort();
      }
    },
  });
  const problem = report.findings.find(({ severity }) => severity === 'error');
  if (problem !== undefined) throw new Error(`${problem.rule} at ${problem.step}: ${problem.received}`);
  if (ended === 0 || began === undefined) throw new Error(`${String(created)} of ${String(users)} users were created`);
  return { users, milliseconds: ended - began };
}
