import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process of the service, which can be killed and started again. */
export interface ServiceProcess {
  readonly url: string;
  start(): Promise<void>;
  /** SIGKILL: nothing is finished, nothing is said. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export function serviceProcess(port: number, env: Readonly<Record<string, string>>): ServiceProcess {
  let child: ChildProcess | undefined;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const gone = new Promise((resolve) => running.once('exit', resolve));
    running.kill(signal);
    await gone;
  };
  return {
    url: `http://127.0.0.1:${String(port)}/scim/v2`,
    async start() {
      const started = spawn(process.execPath, ['--import', 'tsx', 'test/soak/node.ts'], {
        env: { ...process.env, ...env, PORT: String(port) },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      child = started;
      process.once('exit', () => started.kill('SIGKILL'));
      await new Promise<void>((resolve, reject) => {
        started.stdout.once('data', () => resolve());
        started.once('exit', (code) => reject(new Error(`The service ended with ${String(code)} before it listened.`)));
      });
      started.removeAllListeners('exit');
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
}

/** Does something again and again until it is told to end. */
export function every(milliseconds: number, what: () => Promise<void>): { end(): Promise<void> } {
  let ended = false;
  const run = (async () => {
    while (!ended) {
      for (let waited = 0; waited < milliseconds && !ended; waited += 100) await sleep(100);
      if (!ended) await what();
    }
  })();
  return {
    end: async () => {
      ended = true;
      await run;
    },
  };
}
