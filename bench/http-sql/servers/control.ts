// What the bench asks of a server process, over the channel of the process.
import { type Profiler, Session } from 'node:inspector/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the bench can ask for. */
export type Question = 'collect' | 'processor' | 'statements' | 'startProfile' | 'stopProfile';

/** The statements of a server with `isTimed` since they were last asked for. */
export interface Statements {
  readonly count: number;
  /** From sending each statement until its rows have arrived, without waiting for a connection. */
  readonly milliseconds: number;
}

let session: Session | undefined;
let statements: Statements = { count: 0, milliseconds: 0 };

/** Records a statement. */
export function recordStatement(milliseconds: number): void {
  statements = { count: statements.count + 1, milliseconds: statements.milliseconds + milliseconds };
}

const handlers: Readonly<Record<Question, () => unknown>> = {
  /** Collects all garbage, so that no round pays for what another left behind. */
  collect: () => {
    globalThis.gc?.();
    return null;
  },
  /** Microseconds of processor time so far, of all threads. */
  processor: () => {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  statements: () => {
    const recorded = statements;
    statements = { count: 0, milliseconds: 0 };
    return recorded;
  },
  startProfile: async () => {
    session = new Session();
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: 200 });
    await session.post('Profiler.start');
    return null;
  },
  stopProfile: async (): Promise<Profiler.Profile | null> => {
    if (session === undefined) return null;
    const { profile } = await session.post('Profiler.stop');
    session.disconnect();
    session = undefined;
    return profile;
  },
};

/** Tells the bench where the server is, and serves its questions until it is stopped. */
export function serve(server: Server): void {
  // Between two of its turns, its connections are idle.
  server.keepAliveTimeout = 600_000;
  server.once('listening', () => process.send?.((server.address() as AddressInfo).port));
  process.on('message', (question: Question) => {
    void Promise.resolve(handlers[question]()).then((value) => process.send?.(value));
  });
  process.on('SIGTERM', () => process.exit(0));
  // A bench that ends early leaves no server behind.
  process.on('disconnect', () => process.exit(0));
}
