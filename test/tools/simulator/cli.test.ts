import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import express from 'express';
import { ForbiddenError, MemoryStore, type UserStore } from '../../../src/index.js';
import { clientIds, type SimulationReport } from '../../../src/tools/index.js';
import { runCli } from '../../../src/tools/cli/run.js';
import { simulationPage } from '../../../src/tools/cli/simulate/html.js';
import { simulationText } from '../../../src/tools/cli/simulate/text.js';
import { type RunningServer, startServer } from '../../servers.js';
import { pending } from './pending.js';

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function cli(args: readonly string[], env: Record<string, string> = {}, isTTY = false): Promise<Ran> {
  const written = { out: '', err: '' };
  const output = (name: 'out' | 'err') => ({
    isTTY,
    columns: 100,
    write: (text: string) => {
      written[name] += text;
    },
  });
  const code = await runCli(args, { env, stdout: output('out'), stderr: output('err') });
  return { code, ...written };
}

const fixture = fileURLToPath(new URL('../../traffic/fixtures/entra-create-user.json', import.meta.url));
const small = ['--users', '4', '--groups', '2'];

describe('express-scim simulate', () => {
  let server: RunningServer;
  let env: Record<string, string>;
  let folder: string;
  beforeAll(async () => {
    server = await startServer(express);
    env = { SCIM_KEY: server.key };
    folder = await mkdtemp(join(tmpdir(), 'express-scim-simulate-'));
  });
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  it('exits with 0 when no problems were found, with the stages and the disclaimer', async () => {
    const { code, out, err } = await cli(['simulate', 'entra', server.baseUrl, ...small], env);
    expect(code).toBe(0);
    // No terminal: a line for each stage.
    expect(err).toMatch(/^entra 1\/\d+ connection test: \d+ requests$/m);
    const stages = err.trimEnd().split('\n');
    expect(new Set(stages.map((line) => line.split(':')[0])).size).toBe(stages.length);
    expect(err).not.toMatch(/[\r\u001b]/);
    expect(out).toContain('connection test');
    expect(out).toMatch(/not\s+certified by any vendor/);
    expect(out).toContain('No problems found.');
  });

  it('simulates all clients, and writes both reports', async () => {
    const [html, json] = [join(folder, 'r.html'), join(folder, 'r.json')];
    const { code } = await cli(['simulate', 'all', server.baseUrl, ...small, '--html', html, '--json', json], env);
    const failing = Object.keys(pending).length;
    expect(code).toBe(failing === 0 ? 0 : 1);
    const reports = JSON.parse(await readFile(json, 'utf8')) as SimulationReport[];
    expect(reports.map(({ client }) => client)).toEqual(clientIds);
    const page = await readFile(html, 'utf8');
    const all = `${String(clientIds.length)} clients`;
    expect(page).toContain(
      failing === 0 ? `No problems found with ${all}` : `Problems found with ${String(failing)} of ${all}`,
    );
    expect(page).toContain('Reconstructed only: everything');
    expect(page + JSON.stringify(reports)).not.toContain(server.key);
  });

  it('shows a line of progress on a terminal', async () => {
    const { err } = await cli(['simulate', 'entra', server.baseUrl, ...small], env, true);
    expect(err).toMatch(/entra [#.]+ \d+ requests {2}connection test/);
  });

  it('writes only JSON to standard output', async () => {
    const { out, err } = await cli(['simulate', 'google', server.baseUrl, ...small, '--json', '-'], env);
    expect(JSON.parse(out)).toHaveLength(1);
    expect(err).toContain('Google Workspace');
  });

  it('exits with 1 when problems were found', async () => {
    const strict = await startServer(express, { strict: true });
    try {
      const { code, out } = await cli(['simulate', 'entra', strict.baseUrl, ...small], { SCIM_KEY: strict.key });
      expect(code).toBe(1);
      expect(out).toMatch(/ERROR disable-refused, RFC 7643 4\.1\.1: users leave: soft delete, disable user/);
      expect(out).toContain('[access kept]');
    } finally {
      await strict.close();
    }
  });

  it('says what to pass where the server serves users only', async () => {
    const store: UserStore = Object.assign(new MemoryStore(), { groups: undefined });
    const users = await startServer(express, {}, store);
    const run = async (client: string, groups: string) => {
      const args = ['simulate', client, users.baseUrl, '--users', '4', '--groups', groups];
      const { code, out } = await cli(args, { SCIM_KEY: users.key });
      return { code, out: out.replaceAll(/\s+/g, ' ') };
    };
    try {
      const announcesNone = 'The server announces no Group resource type in /ResourceTypes.';
      expect(await run('entra', '2')).toEqual({
        code: 1,
        out: expect.stringContaining(`${announcesNone} To simulate users only, pass --groups 0.`),
      });
      expect(await run('entra', '0')).toEqual({ code: 0, out: expect.not.stringContaining('Group resource type') });
      // Its connection test reads groups in any case.
      expect(await run('okta', '0')).toEqual({
        code: 1,
        out: expect.stringContaining(`${announcesNone} Okta asks for groups when it connects`),
      });
    } finally {
      await users.close();
    }
  });

  it('says nothing of groups where the server announces them and refuses them', async () => {
    const refusing = await startServer(express, {
      beforeChange: ({ resourceType }) => {
        if (resourceType === 'Group') throw new ForbiddenError('No groups.');
      },
    });
    try {
      const { code, out } = await cli(['simulate', 'entra', refusing.baseUrl, ...small], { SCIM_KEY: refusing.key });
      expect(code).toBe(1);
      expect(out).toContain('ERROR create-refused');
      expect(out).not.toContain('announces no Group');
    } finally {
      await refusing.close();
    }
  });

  it.each([
    [['simulate'], 'The client is missing'],
    [['simulate', 'nobody', 'http://x.example'], 'The client must be all, entra'],
    [['simulate', 'entra'], 'The URL is missing'],
    [['simulate', 'entra', 'http://x.example', 'y'], 'Too many arguments'],
    [['simulate', 'entra', 'http://x.example', '--users', '1'], '--users must be an integer from 2'],
    [['simulate', 'entra', 'http://x.example', '--concurrency', 'x'], '--concurrency must be'],
    [['simulate', 'entra', 'http://x.example', '--html', ''], '--html must name a file'],
    [['simulate', 'entra', 'http://x.example', '--html', '-', '--json', '-'], 'Only one report'],
    [['simulate', 'entra', 'http://127.0.0.1:1/scim'], 'cannot be reached'],
    [['replay', 'http://x.example'], 'The file is missing'],
    [['replay', 'http://x.example', 'none.json'], 'none.json cannot be read'],
  ])('exits with 2 for %j', async (args, message) => {
    const { code, err } = await cli(args, { SCIM_KEY: 'k' });
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(message) });
  });

  it.each(['simulate', 'replay'])('explains %s', async (name) => {
    const { code, out } = await cli([name, '--help']);
    expect(code).toBe(0);
    expect(out).toContain(`express-scim ${name} `);
  });

  it('replays recordings, and reports what was not as expected', async () => {
    const good = await cli(['replay', server.baseUrl, fixture], env);
    expect({ code: good.code, err: good.err }).toEqual({ code: 0, err: '' });
    const wrong = join(folder, 'wrong.json');
    const steps = [{ name: 'look', request: { method: 'GET', path: '/Users' }, expect: { status: 404 } }];
    await writeFile(wrong, JSON.stringify({ id: 'w', client: 'c', title: 't', steps }));
    const bad = await cli(['replay', server.baseUrl, fixture, wrong], env);
    expect(bad.code).toBe(1);
    expect(bad.out).toContain('- look: status 200, expected 404');
    expect(bad.out).toContain('1 passed, 1 failed');
    await writeFile(wrong, '{}');
    expect((await cli(['replay', server.baseUrl, wrong], env)).err).toContain('is not a recording');
  });
});

describe('a report', () => {
  const hostile = '<script>alert(1)</script>\u001b[31m';
  const report: SimulationReport = {
    client: 'entra',
    name: 'Client',
    confidence: 'observed',
    reconstructed: ['a part'],
    sources: [],
    disclaimer: 'not certified',
    baseUrl: `http://x.example/${hostile}`,
    users: 2,
    groups: 1,
    concurrency: 1,
    seed: 1,
    run: 'r',
    stages: [{ name: 's', outcome: 'played', requests: 1, milliseconds: 1, errors: 1, warnings: 0 }],
    findings: [
      {
        rule: 'value-changed',
        severity: 'error',
        stage: 's',
        step: 't',
        sent: { method: 'GET', path: '/Users', body: hostile },
        expected: hostile,
        received: hostile,
        reference: 'RFC 7644 3.3',
        consequence: 'drift',
        next: 'Client sends it again.',
        times: 3,
      },
    ],
    requests: 1,
    retried: 0,
    throttled: 0,
    leftBehind: ['/Users/1'],
    milliseconds: 1,
    passed: false,
  };

  it('escapes text of the server in the page and on the terminal', () => {
    const page = simulationPage([report], new Date(0));
    expect(page).not.toContain('<script');
    expect(page).toContain('3 times');
    const text = simulationText(report, { color: false, width: 80 });
    expect(text).not.toContain('\u001b');
    expect(text).toContain('1 resource of the run r remain on the server.');
  });
});
