import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

const root = new URL('../../', import.meta.url);

describe('a port that is taken', () => {
  it.each(['examples/minimal/server.ts', 'examples/custom-store/server.ts', 'examples/existing-table/server.ts'])(
    'ends %s with an error, and without a URL or a key',
    async (file) => {
      const other = createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
      const { port } = other.address() as AddressInfo;
      const env = { ...process.env, PORT: String(port) };
      const child = spawn(process.execPath, ['--import', 'tsx', file], { cwd: root, env });
      let output = '';
      let errors = '';
      child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
      const [code] = (await once(child, 'exit')) as [number];
      other.close();
      expect(code).not.toBe(0);
      expect(errors).toContain('EADDRINUSE');
      expect(output).not.toMatch(/http:|scim_/);
    },
  );

  it('is reported by the quick start of the README', () => {
    const readme = readFileSync(new URL('README.md', root), 'utf8');
    expect(readme).toMatch(/app\.listen\(3000, \(error[^)]*\) => \{\n[^\n]*\n? *if \(error[^)]*\) throw error;/);
  });
});
