// What the bench asks of a server process, over the channel of the process.
import { type Profiler, Session } from 'node:inspector/promises';
import type { AddressInfo, Server } from 'node:net';

/** What the bench can ask for. */
export type Question = 'collect' | 'processor' | 'startProfile' | 'stopProfile';

let session: Session | undefined;

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
  server.once('listening', () => process.send?.((server.address() as AddressInfo).port));
  process.on('message', (question: Question) => {
    void Promise.resolve(handlers[question]()).then((value) => process.send?.(value));
  });
  process.on('SIGTERM', () => process.exit(0));
  // A bench that ends early leaves no server behind.
  process.on('disconnect', () => process.exit(0));
}
