import { mkdtemp, rm } from 'node:fs/promises';
import { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createAttempts } from '../../examples/asset-tracker/attempts.js';
import { readConfiguration } from '../../examples/asset-tracker/configuration.js';
import { createLog } from '../../examples/asset-tracker/log.js';
import { localPath } from '../../examples/asset-tracker/pages/sign-in.js';
import { hashPassword, isPassword } from '../../examples/asset-tracker/passwords.js';
import { startServer } from '../../examples/asset-tracker/start.js';
import {
  databases,
  environment,
  openTracker,
  panel,
  password,
  Provider,
  until,
  Visitor,
} from './asset-tracker-visitor.js';

describe('sign-in attempts', () => {
  const robin = 'robin@fernhill.example';

  it('are limited to ten per account and network in 15 minutes', async () => {
    jest.useFakeTimers();
    try {
      const attempts = createAttempts(undefined);
      for (let i = 0; i < 10; i++) expect(await attempts.take('192.0.2.1', 'Robin@fernhill.example')).toBe(true);
      expect(await attempts.take('192.0.2.1', 'robin@FERNHILL.example')).toBe(false);
      expect(await attempts.take('192.0.2.2', robin)).toBe(true);
      expect(await attempts.take('192.0.2.1', 'dana@fernhill.example')).toBe(true);
      jest.advanceTimersByTime(900_001);
      expect(await attempts.take('192.0.2.1', robin)).toBe(true);
    } finally {
      jest.useRealTimers();
    }
  });

  it('are limited to fifty per network', async () => {
    const attempts = createAttempts(undefined);
    for (let i = 0; i < 50; i++) expect(await attempts.take('192.0.2.1', `p${String(i)}@fernhill.example`)).toBe(true);
    expect(await attempts.take('192.0.2.1', 'other@fernhill.example')).toBe(false);
    expect(await attempts.take('::ffff:192.0.2.1', 'other@fernhill.example')).toBe(false);
  });

  it('are counted per /64 of IPv6', async () => {
    const attempts = createAttempts(undefined);
    for (let i = 0; i < 10; i++) expect(await attempts.take(`2001:db8::${i.toString(16)}`, 'r@f.example')).toBe(true);
    expect(await attempts.take('2001:db8:0:0:ffff::1', 'r@f.example')).toBe(false);
    expect(await attempts.take('2001:db8:0:1::1', 'r@f.example')).toBe(true);
  });

  it('are reset by a successful sign-in', async () => {
    const attempts = createAttempts(undefined);
    for (let i = 0; i < 200; i++) {
      expect(await attempts.take('192.0.2.1', 'r@f.example')).toBe(true);
      await attempts.forgive('192.0.2.1', 'r@f.example');
    }
  });

  const postgres = databases.includes('PostgreSQL') ? it : it.skip;
  postgres('are counted by all processes together in PostgreSQL', async () => {
    const tracker = await openTracker('PostgreSQL');
    const { pool } = tracker.services.database;
    const processes = [createAttempts(pool), createAttempts(pool)];
    const taken = await Promise.all(Array.from({ length: 20 }, (_, i) => processes[i % 2]?.take('192.0.2.1', robin)));
    expect(taken.filter((isTaken) => isTaken === true)).toHaveLength(10);
    await processes[0]?.forgive('192.0.2.1', robin);
    expect(await processes[1]?.take('192.0.2.1', robin)).toBe(true);
    await tracker.stop();
  });
});

describe('the log', () => {
  it('has a line for each request, with the ID of its response and without its query', async () => {
    const lines: string[] = [];
    const log = createLog({ logFormat: 'json', logLevel: 'info' }, (line) => void lines.push(line));
    const configuration = readConfiguration(environment);
    const { address, stop } = await startServer(configuration, log);
    const scim = await fetch(`${address}/scim/v2/Users?filter=userName+eq+"ada@example.com"`, {
      headers: { authorization: 'Bearer assets_0123456789abcdef_secret' },
    });
    const page = await fetch(`${address}/sign-in?to=%2Fteams`);
    await stop();
    // The router and the pages live behind helmet.
    for (const { headers } of [scim, page]) {
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    }
    const logged = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    expect(logged.filter(({ message }) => message === 'request')).toMatchObject([
      {
        level: 'info',
        requestId: scim.headers.get('x-request-id'),
        req: { method: 'GET', path: '/scim/v2/Users' },
        res: { status: scim.status },
      },
      { requestId: page.headers.get('x-request-id'), req: { path: '/sign-in' }, res: { status: 200 } },
    ]);
    expect(lines.join('')).not.toMatch(/ada@example|_secret|teams/);
  });

  it('never shows a secret, at the top of a line or one level below', () => {
    const lines: string[] = [];
    const log = createLog({ logFormat: 'text', logLevel: 'warn' }, (line) => void lines.push(line));
    log.warn('a mistake', {
      password: 'secret-one',
      headers: { authorization: 'secret-two', 'set-cookie': 'secret-three' },
      error: new Error('seen'),
    });
    log.info('below the level');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^\S+ warn {2}a mistake password="\[redacted\]" /);
    expect(lines[0]).toContain('Error: seen');
    expect(lines[0]).not.toMatch(/secret-/);
  });
});

describe('sessions', () => {
  it('are rows with a digest, one for each sign-in and none for a visitor', async () => {
    const tracker = await openTracker();
    const { db } = tracker.services.database;
    const sessions = () => db.selectFrom('sessions').selectAll().execute();
    const [first, ...others] = await sessions();
    expect(others).toEqual([]);
    expect(first?.digest).toMatch(/^[0-9a-f]{64}$/);
    const visitor = new Visitor(tracker.address);
    await visitor.see('/sign-in');
    await visitor.submit('/sign-in', '/sign-in', { email: tracker.email, password: 'a wrong password' });
    expect(await sessions()).toHaveLength(1);
    await visitor.signIn(tracker.email);
    expect(await sessions()).toHaveLength(2);
    await visitor.submit('/members', '/sign-out', {});
    expect(await sessions()).toEqual([first]);
    await tracker.stop();
  });

  it('of a row that is gone, or has expired, are of no use', async () => {
    const tracker = await openTracker();
    const { db } = tracker.services.database;
    const other = new Visitor(tracker.address);
    await other.signIn(tracker.email);
    await db
      .updateTable('sessions')
      .set({ expires_at: new Date(0).toISOString() })
      .execute();
    const { headers, status } = await other.send('/members', { method: 'GET' });
    expect([status, headers.get('location')]).toEqual([303, '/sign-in?to=%2Fmembers']);
    await db.deleteFrom('sessions').execute();
    expect((await tracker.visitor.send('/members', { method: 'GET' })).status).toBe(303);
    await tracker.stop();
  });
});

describe('passwords', () => {
  it('are verified with a hash that stores its cost', async () => {
    const hash = await hashPassword('pässword');
    expect(hash).toMatch(/^scrypt\$32768\$8\$3\$[0-9a-f]{32}\$[0-9a-f]{64}$/);
    expect(await isPassword('pa\u0308ssword', hash)).toBe(true);
    expect(await isPassword('password', hash)).toBe(false);
  });

  it.each([undefined, '', 'scrypt$00$00', 'bcrypt$1$1$1$00$' + '00'.repeat(32)])(
    'do not match the invalid hash %j',
    async (hash) => expect(await isPassword('', hash)).toBe(false),
  );
});

describe('the redirect after the sign-in', () => {
  it.each([
    ['/hand-over', '/hand-over'],
    [`${panel}/log?outcome=failed`, `${panel}/log?outcome=failed`],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['/%09/evil.example', '/%09/evil.example'],
    ['/..//evil.example', '/'],
    ['https://evil.example/', '/'],
    ['javascript:alert(1)', '/'],
    ['/a\r\nset-cookie: x=y', '/'],
    ['/sign-in', '/'],
    ['', '/'],
    [undefined, '/'],
    [['/teams'], '/'],
  ])('for %j is to %j', (requested, path) => expect(localPath(requested)).toBe(path));
});

describe('the sign-in page', () => {
  let tracker: Awaited<ReturnType<typeof openTracker>>;
  beforeAll(async () => {
    tracker = await openTracker();
  });
  afterAll(() => tracker.stop());

  it('redirects to the requested page', async () => {
    const visitor = new Visitor(tracker.address);
    const signInPage = await visitor.see('/teams');
    expect(signInPage.html).toContain('<input type="hidden" name="to" value="/teams"');
    const seen = await visitor.submit('/sign-in?to=%2Fteams', '/sign-in', {
      ...{ email: tracker.email, password, to: '/teams' },
    });
    expect(seen.html).toContain('<h1>Teams</h1>');
    expect((await visitor.send('/sign-in?to=%2Fassets', { method: 'GET' })).headers.get('location')).toBe('/assets');
  });

  it('never redirects to another site', async () => {
    const visitor = new Visitor(tracker.address);
    const seen = await visitor.submit('/sign-in', '/sign-in', {
      ...{ email: tracker.email, password, to: '//evil.example/' },
    });
    expect(seen.html).toContain('<h1>Members</h1>');
  });

  it('sets cookies that scripts and other sites cannot use', async () => {
    const visitor = new Visitor(tracker.address);
    const { headers } = await visitor.send('/sign-in', { method: 'GET' });
    expect(headers.get('set-cookie')).toMatch(/; HttpOnly; SameSite=Strict$/);
  });

  it('repeats a request from another site, which came without the SameSite cookie', async () => {
    const response = await fetch(`${tracker.address}/teams`, {
      headers: { 'sec-fetch-site': 'cross-site' },
      redirect: 'manual',
    });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('content="0;url=/sign-in?to=%2Fteams"');
  });

  it('counts concurrent attempts before it checks passwords', async () => {
    const visitor = new Visitor(tracker.address);
    await visitor.see('/sign-in');
    const csrf = /name="csrf" value="([^"]+)"/.exec((await visitor.see('/sign-in')).html)?.[1] ?? '';
    const guesses = await Promise.all(
      Array.from({ length: 14 }, (_, i) =>
        visitor.post('/sign-in', { csrf, email: 'dana.whitfield@fernhill.example', password: `guess ${String(i)}` }),
      ),
    );
    expect(guesses.filter(({ status }) => status === 429)).toHaveLength(4);
  });

  it('shows errors as pages', async () => {
    const missing = await tracker.visitor.see('/nothing');
    expect([missing.status, missing.html.includes('Page not found')]).toEqual([404, true]);
    expect(missing.html).toContain('aria-label="Main"');
    const old = await tracker.visitor.post('/teams/1/role', { role: 'admin', csrf: 'old' });
    expect([old.status, old.html.includes('This form has expired')]).toEqual([403, true]);
    const large = await tracker.visitor.post('/sign-in', { email: 'x'.repeat(60_000) });
    expect([large.status, large.html.includes('Bad request')]).toEqual([413, true]);
  });

  it('ends the sessions of the old password when ADMIN_PASSWORD changes', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'asset-tracker-'));
    const start = (word: string) =>
      startServer(
        readConfiguration({ ...environment, DATABASE_FILE: join(directory, 'tracker.db'), ADMIN_PASSWORD: word }),
      );
    const first = await start(password);
    await new Visitor(first.address).signIn(first.email);
    await first.stop();
    const same = await start(password);
    const sessions = () => same.services.database.db.selectFrom('sessions').selectAll().execute();
    expect(await sessions()).toHaveLength(1);
    await same.stop();
    const other = await start('another password');
    expect(await other.services.database.db.selectFrom('sessions').selectAll().execute()).toEqual([]);
    await other.stop();
    await rm(directory, { recursive: true });
  });

  it('requires HTTPS if PUBLIC_URL does', async () => {
    const secure = await startServer(readConfiguration({ ...environment, PUBLIC_URL: 'https://assets.example.com' }));
    const { headers } = await fetch(`${secure.address}/sign-in`);
    expect(headers.get('strict-transport-security')).toBe('max-age=31536000');
    expect(headers.get('set-cookie')).toContain('Secure');
    await secure.stop();
  });
});

describe('an open page', () => {
  it('is notified of changes by the identity provider until it is closed', async () => {
    const tracker = await openTracker();
    const { visitor } = tracker;
    const stranger = await new Visitor(tracker.address).send('/changes', { method: 'GET' });
    expect([stranger.status, stranger.headers.get('location')]).toEqual([303, '/sign-in']);
    await visitor.enable();
    const provider = new Provider(tracker.address, await visitor.createKey());
    const live = visitor.live('/changes');
    await until(() => Promise.resolve(live.text().includes('retry')));
    expect(live.text()).not.toContain('event: changed');
    await provider.createUser({ userName: 'new.user@fernhill.example' });
    await until(() => Promise.resolve(live.text().includes('event: changed')));
    expect(tracker.services.watchers.isWatched()).toBe(true);
    live.end();
    await until(() => Promise.resolve(!tracker.services.watchers.isWatched()));
    await tracker.stop();
  });

  it('does not prevent the server from stopping', async () => {
    const tracker = await openTracker();
    const live = tracker.visitor.live('/changes');
    await until(() => Promise.resolve(live.text().includes('retry')));
    // Called when connections are still open after the grace period.
    const forced = jest.spyOn(Server.prototype, 'closeAllConnections');
    await tracker.stop();
    expect(forced).not.toHaveBeenCalled();
    forced.mockRestore();
  });
});
