import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A database to be troubled. */
export interface Engine {
  /** One for each node. */
  readonly urls: readonly string[];
  /** Whether a read has to ask for what other nodes have acknowledged. */
  readonly syncWait: boolean;
  start(): Promise<void>;
  /** Kills it, or a part of it, without warning, and brings it back. */
  trouble(say: (text: string) => void): Promise<void>;
  stop(): Promise<void>;
}

function sh(command: string, args: readonly string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** PostgreSQL of this machine, made by `.ci/databases.sh`, whose data are safe across a crash. */
export function postgres(): Engine {
  const parent = mkdtempSync(join(tmpdir(), 'express-scim-soak-'));
  // The database runs as a user of its own.
  chmodSync(parent, 0o755);
  const folder = join(parent, 'databases');
  const port = 24_330;
  const url = `postgres://scim@127.0.0.1:${String(port)}/postgres`;
  const script = (action: string): string =>
    execFileSync('.ci/databases.sh', [action, folder], {
      encoding: 'utf8',
      env: { ...process.env, POSTGRES_PORT: String(port), MARIADB_PORT: '23070', POSTGRES_FSYNC: 'on' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  return {
    urls: [url],
    syncWait: false,
    start: () => {
      script('start');
      process.once('exit', () => {
        if (existsSync(folder)) script('stop');
      });
      return Promise.resolve();
    },
    trouble: async (say) => {
      const pid = Number(readFileSync(join(folder, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0]);
      // SIGQUIT is PostgreSQL's immediate shutdown: no session ends in order, and the start recovers from the log.
      process.kill(pid, 'SIGQUIT');
      const began = Date.now();
      while (existsSync(join(folder, 'postgres/data/postmaster.pid')) && Date.now() - began < 20_000) await sleep(100);
      await sleep(1_000);
      script('restart-postgres');
      say(`the database was ended without warning and is back after ${String(Date.now() - began)} ms`);
    },
    stop: () => {
      script('stop');
      rmSync(parent, { recursive: true, force: true });
      return Promise.resolve();
    },
  };
}

/** A cluster of three MariaDB nodes that all take writes. */
export function galera(): Engine {
  const folder = mkdtempSync(join(tmpdir(), 'express-scim-galera-'));
  const running = new Map<number, ChildProcess>();
  const port = (n: number): number => 23_080 + n;
  const socket = (n: number): string => join(folder, `node${String(n)}`, 'socket');
  const ask = (n: number, statement: string): string =>
    sh('mariadb', ['--no-defaults', '-N', '-u', 'root', `--socket=${socket(n)}`, '-e', statement]);
  const launch = async (n: number, isFirst: boolean): Promise<void> => {
    const data = join(folder, `node${String(n)}`);
    const base = n * 10_000;
    const members = [1, 2, 3].map((each) => `127.0.0.1:${String(each * 10_000 + 4567)}`).join(',');
    const child = spawn(
      'mariadbd',
      [
        ...[
          '--no-defaults',
          '--user=mysql',
          `--datadir=${data}/data`,
          `--socket=${socket(n)}`,
          `--port=${String(port(n))}`,
        ],
        ...[
          '--bind-address=127.0.0.1',
          `--pid-file=${data}/pid`,
          '--binlog-format=ROW',
          '--default-storage-engine=InnoDB',
        ],
        ...['--innodb-autoinc-lock-mode=2', '--innodb-buffer-pool-size=64M', '--innodb-flush-log-at-trx-commit=1'],
        ...['--wsrep-on=ON', '--wsrep-provider=/usr/lib/galera/libgalera_smm.so', '--wsrep-cluster-name=soak'],
        `--wsrep-cluster-address=gcomm://${isFirst ? '' : members}`,
        `--wsrep-node-address=127.0.0.1:${String(base + 4567)}`,
        `--wsrep-provider-options=gmcast.listen_addr=tcp://127.0.0.1:${String(base + 4567)};ist.recv_addr=127.0.0.1:${String(base + 4568)};gcache.size=32M`,
        ...['--wsrep-sst-method=rsync', `--wsrep-sst-receive-address=127.0.0.1:${String(base + 4444)}`],
      ],
      { stdio: 'ignore' },
    );
    running.set(n, child);
    // Nothing stays behind, however this process ends.
    process.once('exit', () => child.kill('SIGKILL'));
    for (let i = 0; i < 300; i++) {
      try {
        if (ask(n, "show status like 'wsrep_local_state_comment'").includes('Synced')) return;
      } catch {
        // Not yet.
      }
      await sleep(200);
    }
    throw new Error(`Node ${String(n)} did not come into the cluster within a minute.`);
  };
  return {
    urls: [1, 2, 3].map((n) => `mysql://scim:scim@127.0.0.1:${String(port(n))}/scim`),
    syncWait: true,
    start: async () => {
      chmodSync(folder, 0o755);
      for (const n of [1, 2, 3]) {
        const data = join(folder, `node${String(n)}`);
        mkdirSync(data);
        if (process.getuid?.() === 0) sh('chown', ['mysql:mysql', data]);
        sh('mariadb-install-db', [
          '--no-defaults',
          `--datadir=${data}/data`,
          '--auth-root-authentication-method=normal',
          '--user=mysql',
        ]);
        await launch(n, n === 1);
      }
      ask(
        1,
        'create database scim; create user scim@"127.0.0.1" identified by "scim"; grant all on scim.* to scim@"127.0.0.1"',
      );
    },
    trouble: async (say) => {
      const began = Date.now();
      const child = running.get(3);
      const gone = new Promise((resolve) => child?.once('exit', resolve));
      child?.kill('SIGKILL');
      await gone;
      await sleep(3_000);
      await launch(3, false);
      say(`node 3 was killed and is in the cluster again after ${String(Date.now() - began)} ms`);
    },
    stop: async () => {
      for (const child of running.values()) {
        const gone = new Promise((resolve) => child.once('exit', resolve));
        if (child.exitCode === null && child.signalCode === null) {
          child.kill('SIGTERM');
          await Promise.race([gone, sleep(20_000)]);
        }
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
