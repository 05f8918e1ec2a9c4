import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { blocksOf, pages } from './examples.js';
import { outputOf, serve, start } from './run-code.js';

const marked = pages.flatMap(blocksOf).filter(({ run }) => run !== undefined);
const titled = (kind: string) =>
  marked.filter(({ run }) => run === kind).map(({ file, line, code }) => [`${file}:${String(line)}`, code] as const);

describe('blocks marked <!-- run --> run to their end', () => {
  it.each(titled(''))('%s', async (_, code) => {
    const child = start(code);
    const output = outputOf(child);
    const [status] = (await once(child, 'close')) as [number];
    expect({ status, output: status === 0 ? '' : output() }).toEqual({ status: 0, output: '' });
  });
});

describe('blocks marked <!-- run serve --> serve SCIM on port 3000 with the key they print', () => {
  it.each(titled('serve'))('%s', async (_, code) => {
    const { port, output, close } = await serve(code.replace("'app.db'", "':memory:'"), /Secret token:\s+\S+/);
    try {
      const key = /Secret token:\s+(\S+)/.exec(output())?.[1] ?? '';
      const response = await fetch(`http://localhost:${port}/scim/v2/Users`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/scim+json' },
        body: JSON.stringify({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'ada' }),
      });
      expect(response.status).toBe(201);
      expect(await response.json()).toMatchObject({ userName: 'ada' });
    } finally {
      await close();
    }
  });
});

it('finds marked blocks of both kinds', () => {
  expect([...new Set(marked.map(({ run }) => run))].sort()).toEqual(['', 'serve']);
});
