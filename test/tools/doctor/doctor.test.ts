import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type DoctorFinding, runDoctor } from '../../../src/tools/doctor/index.js';
import { runCli } from '../../../src/tools/cli/run.js';
import { expresses } from '../../http/app.js';
import { type RunningServer, startServer } from '../../servers.js';

const [[, make]] = expresses as readonly [(typeof expresses)[number], ...typeof expresses];

interface Fault {
  readonly name: string;
  /** The check that must find it. */
  readonly check: string;
  readonly remedy: RegExp;
  /** Changes a response of the service before it is sent. */
  change(response: { status: number; headers: Record<string, string>; text: string }, req: IncomingMessage): void;
}

const says = (req: IncomingMessage, method: string, part = ''): boolean =>
  req.method === method && (req.url ?? '').includes(part);

const faults: readonly Fault[] = [
  {
    name: 'a web page',
    check: 'path',
    remedy: /lacks the path/,
    change: (a, r) =>
      says(r, 'GET', 'Users') &&
      Object.assign(a, { status: 404, headers: { 'content-type': 'text/html' }, text: '<!doctype html><p>Not found' }),
  },
  {
    name: 'a redirect',
    check: 'path',
    remedy: /the redirect points to/,
    change: (a, r) =>
      says(r, 'GET', 'Users?count') &&
      Object.assign(a, { status: 301, headers: { location: 'https://other.example' } }),
  },
  {
    name: 'open to anybody',
    check: 'key',
    remedy: /Both must return 401/,
    change: (a) => a.status === 401 && Object.assign(a, { status: 200 }),
  },
  {
    name: 'a page of the proxy for 401',
    check: 'key',
    remedy: /pass responses unchanged/,
    change: (a) => a.status === 401 && Object.assign(a, { headers: {}, text: 'go away' }),
  },
  {
    name: '404 for nobody',
    check: 'no-match',
    remedy: /quarantine/,
    change: (a, r) =>
      says(r, 'GET', 'filter') && a.text.includes('"totalResults":0') && Object.assign(a, { status: 404 }),
  },
  {
    name: 'another media type',
    check: 'media-type',
    remedy: /application\/scim\+json/,
    change: (a) => Object.assign(a.headers, { 'content-type': 'text/plain' }),
  },
  {
    name: 'an inner address',
    check: 'location',
    remedy: /trust proxy/,
    change: (a) => (a.text = a.text.replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, 'http://inner.example')),
  },
  {
    name: 'no schemas',
    check: 'discovery',
    remedy: /RFC 7644 4/,
    change: (a, r) => says(r, 'GET', '/Schemas') && Object.assign(a, { text: '[]' }),
  },
  {
    name: 'counts as text',
    check: 'pages',
    remedy: /integers/,
    change: (a, r) =>
      says(r, 'GET', 'startIndex') && (a.text = a.text.replace(/"totalResults":(\d+)/, '"totalResults":"$1"')),
  },
  {
    name: 'PATCH refused',
    check: 'write',
    remedy: /allow GET, POST, PUT, PATCH/,
    change: (a, r) => says(r, 'PATCH') && Object.assign(a, { status: 405, text: '' }),
  },
  {
    name: 'DELETE refused',
    check: 'write',
    remedy: /may be left behind/,
    change: (a, r) => says(r, 'DELETE') && Object.assign(a, { status: 501, text: '' }),
  },
  {
    name: 'a wrong clock',
    check: 'clock',
    remedy: /time synchronization/,
    change: (a) => Object.assign(a.headers, { date: 'Thu, 01 Jan 2026 00:00:00 GMT' }),
  },
  {
    name: 'duplicates',
    check: 'write',
    remedy: /unique index/,
    change: (a, r) => says(r, 'POST') && a.status === 409 && Object.assign(a, { status: 201 }),
  },
];

/** The service behind a proxy that does one thing wrong. */
async function behind(server: RunningServer, fault: Fault): Promise<{ baseUrl: string; close(): void }> {
  const pass = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const { authorization, 'content-type': type, accept } = req.headers;
    const response = await fetch(new URL(req.url ?? '', server.baseUrl), {
      method: req.method ?? 'GET',
      headers: {
        ...(authorization && { authorization }),
        ...(type && { 'content-type': type }),
        ...(accept && { accept }),
      },
      redirect: 'manual',
      ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
    });
    const headers = Object.fromEntries(
      [...response.headers].filter(([name]) => !['content-length', 'transfer-encoding'].includes(name)),
    );
    const changed = { status: response.status, headers, text: await response.text() };
    fault.change(changed, req);
    res.writeHead(changed.status, changed.headers).end(changed.status === 204 ? undefined : changed.text);
  };
  const proxy = createServer((req, res) => void pass(req, res));
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${String((proxy.address() as AddressInfo).port)}/scim/v2`,
    close: () => {
      proxy.close();
      proxy.closeAllConnections();
    },
  };
}

describe('the doctor', () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer(make);
  });
  afterAll(() => server.close());
  afterEach(() => {
    jest.restoreAllMocks();
  });
  /** A busy machine would be slower than the doctor likes: no response takes any time. */
  const stopClock = (): void => {
    jest.spyOn(performance, 'now').mockReturnValue(performance.now());
  };

  it.each(expresses)('finds nothing wrong with the router on %s, and leaves nothing behind', async (_, framework) => {
    stopClock();
    const sound = await startServer(framework);
    const findings = await runDoctor({ baseUrl: `${sound.baseUrl}/`, key: sound.key });
    expect(findings.filter(({ level }) => level !== 'ok')).toEqual([]);
    expect(findings.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['reachable', 'path', 'location', 'write', 'latency']),
    );
    const left = await fetch(`${sound.baseUrl}/Users`, { headers: { authorization: `Bearer ${sound.key}` } });
    expect(await left.json()).toMatchObject({ totalResults: 0 });
    await sound.close();
  });

  it.each(faults.map((fault) => [fault.name, fault] as const))('finds: %s', async (_, fault) => {
    const proxy = await behind(server, fault);
    // Any proxy here causes a `location` finding: the service knows only its own address.
    const findings = (await runDoctor({ baseUrl: proxy.baseUrl, key: server.key })).filter(
      ({ level, check }) => level !== 'ok' && (check !== 'location' || fault.check === 'location'),
    );
    proxy.close();
    const found = findings.find(({ check }) => check === fault.check) as DoctorFinding;
    expect(found?.remedy).toMatch(fault.remedy);
  });

  it('says why nothing responds, and nothing else', async () => {
    const findings = await runDoctor({ baseUrl: 'http://127.0.0.1:9/scim/v2', key: 'k' });
    expect(findings).toMatchObject([{ check: 'reachable', level: 'problem' }]);
  });

  it.each([
    ['below the router', '/nothing', (req: IncomingMessage) => [404, `no ${String(req.url)}`, 'text/plain']],
    ['of a web page', '', () => [200, '<!doctype html><p>Sign in', 'text/html']],
    ['of another API', '', () => [200, '{"hello":1}', 'application/json']],
    ['of an API that knows no such path', '', () => [404, '{"error":"none"}', 'application/json']],
    ['of an app that fails', '', () => [500, '{"error":"none"}', 'application/json']],
  ] as const)('finds one problem for a path %s', async (_, path, respond) => {
    const other = createServer((req, res) => {
      const [status, text, type] = respond(req);
      res.writeHead(Number(status), { 'content-type': String(type) }).end(text);
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const baseUrl = `http://127.0.0.1:${String((other.address() as AddressInfo).port)}${path}`;
    const findings = await runDoctor({ baseUrl, key: 'key-0123456789' });
    other.close();
    other.closeAllConnections();
    expect(findings.filter(({ level }) => level !== 'ok').map(({ check }) => check)).toEqual(['path']);
  });

  it('finds one problem for a refused key', async () => {
    const findings = await runDoctor({ baseUrl: server.baseUrl, key: 'wrong-key-of-nobody' });
    expect(findings.filter(({ level }) => level !== 'ok').map(({ check }) => check)).toEqual(['key']);
  });

  it('shows neither the key nor what controls a terminal, wherever a server repeats them', async () => {
    const key = 'secret-"key"-0123456789';
    const bad = '\u001b[31m\u202e\u009b2J\u2028\u{e0041}\r';
    const echoing = createServer((req, res) => {
      const said = `${String(req.headers.authorization)}${bad}`;
      const isList = req.method === 'GET';
      res.writeHead(isList && req.headers.authorization?.includes(key) === true ? 200 : 401, {
        'content-type': `application/${encodeURIComponent(said)}`,
        location: encodeURI(`/${String(req.headers.authorization)}`),
      });
      const schemas = ['urn:ietf:params:scim:api:messages:2.0:ListResponse'];
      res.end(JSON.stringify({ schemas, detail: said, scimType: said, meta: { location: said }, totalResults: said }));
    });
    await new Promise<void>((resolve) => echoing.listen(0, '127.0.0.1', resolve));
    const baseUrl = `http://127.0.0.1:${String((echoing.address() as AddressInfo).port)}`;
    const folder = await mkdtemp(join(tmpdir(), 'express-scim-doctor-'));
    const file = join(folder, 'findings.json');
    const commands = [
      ...[['doctor'], ['doctor', '--json', '-'], ['doctor', '--json', file]],
      ['conformance', '--only', 'error', '--json', '-'],
    ];
    for (const [name = '', ...more] of commands) {
      const written: string[] = [];
      const output = { write: (text: string) => written.push(text), columns: 80, isTTY: false };
      const args = [name, baseUrl, ...more];
      expect(await runCli(args, { env: { SCIM_KEY: key }, stdout: output, stderr: output })).toBe(1);
      if (more.includes(file)) written.push(await readFile(file, 'utf8'));
      const text = written.join('');
      if (name === 'doctor') expect(text).toContain('[key]');
      expect(text).not.toContain('0123456789');
      expect(text).not.toMatch(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/u);
    }
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(expect.any(Array));
    await rm(folder, { recursive: true });
    echoing.close();
    echoing.closeAllConnections();
    const findings = await runDoctor({
      baseUrl,
      key,
      fetch: async () => new Response(`{"detail":${JSON.stringify(key)}}`),
    });
    expect(JSON.stringify(findings)).not.toContain('0123456789');
  });

  it('warns of plain http to another machine, and of a refused key', async () => {
    const fake = ((input: string, init?: RequestInit) =>
      fetch(String(input).replace('http://app.example.com/scim/v2', server.baseUrl), init)) as typeof fetch;
    const findings = await runDoctor({
      baseUrl: 'http://app.example.com/scim/v2',
      key: 'wrong',
      readOnly: true,
      fetch: fake,
    });
    const of = (id: string) => findings.find(({ check }) => check === id);
    expect(of('tls')).toMatchObject({ level: 'problem', remedy: expect.stringContaining('https') });
    expect(of('key')).toMatchObject({
      level: 'problem',
      remedy: expect.stringContaining('Copy the connector key again'),
    });
    expect(of('write')).toBeUndefined();
  });

  it('is a command: 0 where all is ok, 1 where there is a problem, 2 where it cannot run', async () => {
    stopClock();
    const written: string[] = [];
    const output = { write: (text: string) => written.push(text), columns: 80 };
    const run = (args: string[], env = {}) => runCli(['doctor', ...args], { env, stdout: output, stderr: output });
    expect(await run([server.baseUrl], { SCIM_KEY: server.key })).toBe(0);
    expect(written.join('')).toMatch(/0 problems, 0 warnings, \d+ ok/);
    expect(await run([server.baseUrl, '--read-only', '--json', '-'], { SCIM_KEY: 'wrong-key-of-nobody' })).toBe(1);
    expect(await run([server.baseUrl])).toBe(2);
    expect(await run(['--help'])).toBe(0);
  });
});
