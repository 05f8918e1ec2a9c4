import { describe, expect, it } from '@jest/globals';
import { blocksOf } from './examples.js';
import { serve } from './run-code.js';

interface CurlRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** Reads a command as our pages write it: one URL, -X, -H, -d, -G and --data-urlencode, with or without quotes. */
function readCurl(command: string, environment: Readonly<Record<string, string>>): CurlRequest {
  const words = [...command.replaceAll('\\\n', ' ').matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) =>
    word.replace(/"([^"]*)"|'([^']*)'|\$(\w+)/g, (_, double?: string, single?: string, name?: string) => {
      if (single !== undefined) return single;
      return double === undefined ? (environment[name ?? ''] ?? '') : expand(double, environment);
    }),
  );
  const headers: Record<string, string> = {};
  let [method, url, body, query]: (string | undefined)[] = [];
  for (let i = 1; i < words.length; i++) {
    const word = words[i] ?? '';
    const next = (): string => words[++i] ?? '';
    if (word === '-X') method = next();
    else if (word === '-d') body = next();
    else if (word === '--data-urlencode') query = next();
    else if (word === '-H') {
      const [, name = '', value = ''] = /^([^:]*): ([\s\S]*)$/.exec(next()) ?? [];
      headers[name] = value;
    } else if (!word.startsWith('-')) url = word;
    else if (word !== '-G' && word !== '-s') throw new Error(`unknown option ${word}`);
  }
  if (query !== undefined) url += `?${query.replace(/=[\s\S]*/, (text) => `=${encodeURIComponent(text.slice(1))}`)}`;
  return { method: method ?? (body === undefined ? 'GET' : 'POST'), url: url ?? '', headers, body };
}

function expand(text: string, environment: Readonly<Record<string, string>>): string {
  return text.replace(/\$(\w+)/g, (_, name: string) => environment[name] ?? '');
}

describe.each(['README.md', 'docs/tutorial.md'])('%s', (page) => {
  it('shows a server and commands that work, in their order', async () => {
    const blocks = blocksOf(page);
    const server = blocks.find(({ run }) => run === 'serve');
    const commands = blocks.filter(({ language, code }) => language === 'sh' && code.startsWith('curl'));
    expect(commands.length).toBeGreaterThan(1);
    const { port, output, printed, close } = await serve(server?.code ?? '', /Secret token:\s+\S+/);
    try {
      const environment: Record<string, string> = {
        SCIM_URL: `http://localhost:${port}/scim/v2`,
        SCIM_KEY: /Secret token:\s+(\S+)/.exec(output())?.[1] ?? '',
      };
      for (const { code, line } of commands) {
        const { method, url, headers, body } = readCurl(code, environment);
        const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) });
        const text = await response.text();
        expect([page, line, response.ok, text]).toEqual([page, line, true, text]);
        const { id, totalResults } = (text === '' ? {} : JSON.parse(text)) as { id?: string; totalResults?: number };
        environment['USER_ID'] ??= id ?? '';
        if (totalResults !== undefined) expect([line, totalResults]).toEqual([line, 1]);
      }
      await printed(/user\.deactivated/);
    } finally {
      await close();
    }
  });
});
