import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import ts from 'typescript';
import { root } from './examples.js';

/** Runs a block of a page as a process of its own: as CommonJS if it requires modules, and as an ES module otherwise. */
export function start(code: string): ChildProcess {
  const isCommonJs = /\brequire\(/.test(code);
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: isCommonJs ? ts.ModuleKind.CommonJS : ts.ModuleKind.ESNext,
    },
  });
  // tsx resolves the package's names to its sources by the paths of tsconfig.json.
  return spawn(
    process.execPath,
    ['--import', 'tsx', `--input-type=${isCommonJs ? 'commonjs' : 'module'}`, '--eval', outputText],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
}

/** What the process has printed so far. */
export function outputOf(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return () => text;
}

/** Waits until the process has printed something. @throws Error when it ends before */
async function printed(child: ChildProcess, output: () => string, pattern: RegExp): Promise<void> {
  while (!pattern.test(output())) {
    const hasEnded = [child.stdout, child.stderr].every((stream) => stream?.readableEnded !== false);
    if (child.exitCode !== null && hasEnded) throw new Error(`ended with ${String(child.exitCode)}: ${output()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A process that serves. */
export interface Serving {
  readonly port: string;
  readonly output: () => string;
  /** Waits until it has printed something. @throws Error when it ends before */
  printed(pattern: RegExp): Promise<void>;
  close(): Promise<void>;
}

/**
 * Runs a block that listens on port 3000, on a free port instead, until it has printed `ready`.
 *
 * @throws Error when it ends before
 */
export async function serve(code: string, ready: RegExp): Promise<Serving> {
  for (;;) {
    const port = String(await freePort());
    const child = start(code.replaceAll('3000', port));
    const output = outputOf(child);
    const close = async (): Promise<void> => {
      child.kill('SIGKILL');
      await once(child, 'close');
    };
    try {
      await printed(child, output, ready);
      return { port, output, close, printed: (pattern) => printed(child, output, pattern) };
    } catch (error) {
      // A test in another process took the port.
      if (!output().includes('EADDRINUSE')) throw error;
    }
  }
}

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, 'localhost');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
