import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runCli } from '../../../src/tools/cli/run.js';
import type { Output } from '../../../src/tools/cli/surroundings.js';
import { type TestedServer, serve, serveTested, type ServedType } from '../conformance/serve.js';

/** An output that keeps what is written. */
function captured(isTTY = false): Output & { text: string } {
  const output = {
    text: '',
    isTTY,
    columns: 80,
    write: (text: string) => {
      output.text += text;
    },
  };
  return output;
}

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function cli(args: string, env: Record<string, string> = {}, terminal = false): Promise<Ran> {
  const [stdout, stderr] = [captured(terminal), captured(terminal)];
  const code = await runCli(args === '' ? [] : args.split(' '), { env, stdout, stderr });
  return { code, out: stdout.text, err: stderr.text };
}

const key = 'first-tenant-connector-key';

describe('express-scim conformance', () => {
  let server: TestedServer;
  let url: string;
  let folder: string;
  beforeAll(async () => {
    server = await serveTested('5', false);
    url = server.target.baseUrl;
    folder = await mkdtemp(join(tmpdir(), 'express-scim-cli-'));
  });
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  it('exits with 0, with a row for each feature, when nothing failed', async () => {
    const { code, out, err } = await cli(`conformance ${url} --only delete --only sort --level must`, {
      SCIM_KEY: key,
    });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const rows = out.split('\n').map((line) => line.trim().split(/ {2,}/)[0]);
    expect(rows.slice(0, 3)).toEqual(['feature', 'sort', 'delete']);
    expect(out).toMatch(/^\d+ passed, 0 failed, 0 skipped, /m);
  });

  it('accepts a trailing slash, and prefers the key of the option to that of the environment', async () => {
    const { code } = await cli(`conformance ${url}/ --only delete --key ${key}`, { SCIM_KEY: 'wrong' });
    expect(code).toBe(0);
  });

  it('tests tenant isolation with a second key', async () => {
    const env = { SCIM_KEY: key };
    expect((await cli(`conformance ${url} --only tenancy`, env)).out).toMatch(/^0 passed, 0 failed, 3 skipped/m);
    const second = { ...env, SCIM_SECOND_KEY: 'second-tenant-connector-key' };
    expect((await cli(`conformance ${url} --only tenancy`, second)).out).toMatch(/^3 passed, 0 failed, 0 skipped/m);
  });

  it('shows its progress on a terminal, and clears it at the end', async () => {
    const { err, out } = await cli(`conformance ${url} --only delete`, { SCIM_KEY: key }, true);
    expect(err).toContain('5/5');
    expect(err.endsWith('\r\u001b[K')).toBe(true);
    expect(out).toContain('\u001b[32m');
    const plain = await cli(`conformance ${url} --only delete`, { SCIM_KEY: key, NO_COLOR: '1' }, true);
    expect(plain.out).not.toContain('\u001b');
  });

  it('writes a report alone to standard output, and the table to standard error', async () => {
    const { out, err } = await cli(`conformance ${url} --only delete --json -`, { SCIM_KEY: key });
    expect(JSON.parse(out)).toMatchObject({ url, mode: 'default', passed: 5, failed: 0, results: { length: 5 } });
    expect(err).toContain('5 passed');
  });

  it('writes all reports at once, with the key in none', async () => {
    const file = (name: string): string => join(folder, name);
    const reports = `--json ${file('a.json')} --junit ${file('a.xml')} --html ${file('a.html')}`;
    const ran = await cli(`conformance ${url} ${reports}`, { SCIM_KEY: key });
    expect(ran.code).toBe(0);
    const texts = await Promise.all(['a.json', 'a.xml', 'a.html'].map((name) => readFile(file(name), 'utf8')));
    for (const text of [...texts, ran.out, ran.err]) expect(text).not.toContain(key);
    expect(texts[1]?.match(/<testcase /g)).toHaveLength((JSON.parse(texts[0] ?? '') as { results: [] }).results.length);
    expect(texts[2]).not.toMatch(/<script|https?:\/\/(?!127\.0\.0\.1)|url\(|@import/);
  });

  it.each([
    ['', 'express-scim conformance URL'],
    ['conformance', 'URL is missing'],
    ['conformance URL', 'absolute'],
    ['conformance ftp://x.example', 'absolute'],
    ['conformance https://me:pw-secret@x.example/', 'not contain a user'],
    ['conformance https://x.example/?a=pw-secret', 'not have a query'],
    ['conformance https://x.example pw-secret', 'Too many'],
    ['conformance https://x.example --kye=pw-secret', 'There is no option --kye: did you mean --key?'],
    ['conformance https://x.example --level all', '--level must be one of'],
    ['conformance https://x.example --timeout soon', '--timeout'],
    ['conformance https://x.example --json - --html -', 'Only one'],
    ['conformance https://x.example --second-url https://y.example', 'SCIM_SECOND_KEY'],
    ['conformance https://x.example --only nosuch', 'No test matches'],
    ['conformance https://x.example --key pw-secret\n', 'characters'],
  ])('says what to write instead of "express-scim %s"', async (args, message) => {
    const { code, out, err } = await cli(args, { SCIM_KEY: key });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
    expect(err).toContain('--help');
    expect(err).not.toContain('pw-secret');
  });

  it('requires a key, and says where to put it', async () => {
    expect(await cli('conformance https://x.example')).toMatchObject({
      code: 2,
      err: expect.stringContaining('SCIM_KEY'),
    });
  });

  it.each(['--version', '-v'])('prints its version with %s', async (option) => {
    const file = new URL('../../../package.json', import.meta.url);
    const { version } = JSON.parse(await readFile(file, 'utf8')) as { version: string };
    expect(await cli(option)).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });

  it('prints its help', async () => {
    expect(await cli('--help')).toMatchObject({ code: 0, out: expect.stringContaining('SCIM_KEY'), err: '' });
  });

  it('exits with 2 when it cannot run: a rejected key, no service, no server', async () => {
    const errorOf = async (target: string, itsKey = key): Promise<string> => {
      const { code, err } = await cli(`conformance ${target}`, { SCIM_KEY: itsKey });
      expect(code).toBe(2);
      return err;
    };
    expect(await errorOf(url, 'another-key')).toBe(
      'express-scim: The server refuses the key: GET /Users returned 401.\n',
    );
    expect(await errorOf(`${server.url}/elsewhere`)).toContain('There is no SCIM service');
    const gone = await serve(() => undefined);
    await gone.close();
    expect(await errorOf(gone.url)).toMatch(/cannot be reached \(.*ECONNREFUSED/);
  });
});

describe('express-scim conformance of a server with faults', () => {
  let server: ServedType;
  const bad = '<script>alert("&")</script>\u001b[31m\u0007';
  beforeAll(async () => {
    server = await serve((req, res) => {
      res.writeHead(req.method === 'GET' ? 200 : 400, { 'content-type': 'application/scim+json' });
      const said = `${String(req.headers.authorization)} ${bad}`;
      res.end(JSON.stringify({ detail: said, status: said, scimType: said }));
    });
  });
  afterAll(() => server.close());

  it('exits with 1 and shows each failure, without the key and control characters', async () => {
    const { code, out } = await cli(`conformance ${server.url} --only error --only delete`, { SCIM_KEY: 'pw-secret' });
    expect(code).toBe(1);
    expect(out).toMatch(/^FAILED 7644-3\.6-\d+ MUST/m);
    expect(out).toContain('       - ');
    expect(out).not.toMatch(/pw-secret|[\u0000-\u0009\u000b-\u001f]/);
    for (const line of out.split('\n')) if (!line.includes('http')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it.each(['html', 'junit'])('escapes text of the server in %s', async (format) => {
    const { code, out } = await cli(`conformance ${server.url} --only error --${format} -`, { SCIM_KEY: 'pw-secret' });
    expect(code).toBe(1);
    expect(out).toContain('&#60;script&#62;');
    expect(out).not.toMatch(/<script|pw-secret|\u001b|\u0007/);
  });
});

describe('express-scim with errors that contain the key', () => {
  const secret = 'pw-secret-0123';
  let server: ServedType;
  beforeAll(async () => {
    // The Location of a redirect, and whatever else a server sends, can repeat the key of the request.
    server = await serve((req, res) => {
      res
        .writeHead(200, { 'content-type': 'application/scim+json' })
        .end(JSON.stringify({ detail: req.headers.authorization }));
    });
  });
  afterAll(() => server.close());

  it.each([
    ['the option --key VALUE', ['--key', secret], {}],
    ['the option --key=VALUE', [`--key=${secret}`], {}],
    ['SCIM_KEY', [], { SCIM_KEY: secret }],
    ['SCIM_SECOND_KEY', ['--key', 'another'], { SCIM_SECOND_KEY: secret }],
    ['the option --second-key VALUE', ['--key', 'another', '--second-key', secret], {}],
  ])('hides the key of %s', async (_, keys, env) => {
    // A report in a folder that does not exist: the error of the file system repeats the path.
    const file = join(tmpdir(), secret, 'no-such-folder', 'report.json');
    const [stdout, stderr] = [captured(), captured()];
    const args = ['conformance', server.url, '--only', '7644-3.6-01', '--json', file, ...keys];
    expect(await runCli(args, { env, stdout, stderr })).toBe(2);
    expect(stderr.text).toMatch(/^express-scim: ENOENT: .*\[key\].*no-such-folder/);
    expect(stdout.text + stderr.text).not.toContain(secret);
  });
});
