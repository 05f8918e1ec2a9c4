import { describe, expect, it, jest } from '@jest/globals';
import { attributePath, bodyOf, differences, valueAtPath } from '../../../src/tools/simulator/attribute.js';
import { clients } from '../../../src/tools/simulator/clients/index.js';
import { directoryOf, everyOf } from '../../../src/tools/simulator/directory.js';
import { findingLog } from '../../../src/tools/simulator/finding.js';
import { openSession, type Policy } from '../../../src/tools/simulator/session.js';
import { refusal } from './faulty.js';

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

describe('the directory', () => {
  const size = { seed: 7, run: 'r', users: 200, groups: 6 };

  it('is the same for the same seed, and differs for another', () => {
    expect(directoryOf(size)).toEqual(directoryOf(size));
    expect(directoryOf({ ...size, seed: 8 })).not.toEqual(directoryOf(size));
  });

  it('has unique names, letters of many languages, and managers that come later', () => {
    const { users, teams } = directoryOf(size);
    expect(new Set(users.map(({ userName }) => userName.toLowerCase())).size).toBe(200);
    expect(new Set(teams.map(({ displayName }) => displayName.toLowerCase())).size).toBe(6);
    expect(users.every(({ userName }) => /^[A-Za-z'.]+\d+\.r@Example\.com$/.test(userName))).toBe(true);
    expect(users.some(({ familyName }) => /[^\u0000-\u024f]/.test(familyName))).toBe(true);
    const place = (key: string | undefined): number => users.findIndex((user) => user.key === key);
    expect(users.some(({ managerKey }, at) => place(managerKey) > at)).toBe(true);
    expect(users.some(({ managerKey, key }) => managerKey === key)).toBe(false);
  });

  it('has a group of all users and an empty one', () => {
    const members = directoryOf(size).teams.map((team) => team.members.length);
    expect([members[0], members.at(-1)]).toEqual([200, 0]);
  });

  it('applies every change to at least one user', () => {
    expect(everyOf(['a', 'b', 'c', 'd', 'e'], 2)).toEqual(['a', 'c', 'e']);
    expect(everyOf(['a'], 3, 1)).toEqual(['a']);
    expect(everyOf([], 3)).toEqual([]);
  });
});

describe('a mapping', () => {
  const mapping = new Map<string, string | boolean>([
    ['userName', 'a'],
    ['name.givenName', 'b'],
    ['emails[type eq "work"].value', 'c'],
    ['addresses[type eq "other"].Formatted', 'd'],
    [`${enterprise}:department`, 'e'],
    [`${enterprise}:manager.value`, 'f'],
  ]);
  const body = {
    userName: 'a',
    name: { givenName: 'b' },
    emails: [{ type: 'work', value: 'c' }],
    addresses: [{ type: 'other', formatted: 'd' }],
    [enterprise]: { department: 'e', manager: { value: 'f' } },
  };

  it('creates a body, and is read back from it', () => {
    expect(bodyOf(mapping)).toEqual(body);
    expect(differences(body, mapping).size).toBe(0);
  });

  it('differs in values, in type and in what is missing', () => {
    const other = { ...body, userName: 'A', emails: [{ type: 'home', value: 'c' }] };
    expect([...differences(other, mapping).keys()]).toEqual(['userName', 'emails[type eq "work"].value']);
    expect(differences({ active: 'true' }, new Map([['active', true]])).size).toBe(1);
  });

  it('is read with case-insensitive names', () =>
    expect(valueAtPath({ UserName: 'a', Emails: [{ type: 'Work', value: 1 }] }, 'emails[type eq "work"].value')).toBe(
      1,
    ));

  it('rejects malformed paths', () => expect(() => attributePath('emails[type eq work')).toThrow(TypeError));
});

describe('a session', () => {
  const policy: Policy = {
    headers: { 'content-type': 'application/json' },
    timeoutMilliseconds: 500,
    attempts: 3,
    honorsRetryAfter: true,
  };
  const ok = () => new Response('{"id":"1"}', { status: 201 });
  const limited = () => new Response('{}', refusal(429, undefined, { 'retry-after': '1' }));

  const open = (responses: (() => Response | Promise<Response>)[], own: Partial<Policy> = {}) => {
    const findings = findingLog('The client', {});
    const asked: RequestInit[] = [];
    const session = openSession({
      baseUrl: 'http://app.example.com/scim',
      key: 'secret-key',
      fetch: async (_, init = {}) => {
        asked.push(init);
        return await (responses.shift() ?? ok)();
      },
      policy: { ...policy, ...own },
      concurrency: 2,
      maxWaitMilliseconds: 1_500,
      signal: new AbortController().signal,
      findings,
      stage: () => 'a stage',
      onRequest: () => undefined,
    });
    return { session, findings, asked };
  };
  /** How long an act waits, in milliseconds of a fake clock. */
  const waitOf = async (act: () => Promise<unknown>): Promise<number> => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    try {
      const start = Date.now();
      let waited: number | undefined;
      void act().then(() => (waited = Date.now() - start));
      while (waited === undefined) await jest.advanceTimersByTimeAsync(1);
      return waited;
    } finally {
      jest.useRealTimers();
    }
  };

  it('waits as long as Retry-After says, where the client does', async () => {
    const honors = open([limited]);
    expect(await waitOf(() => honors.session.send('s', { method: 'GET', path: '/Users' }))).toBe(1_000);
    const impatient = open([limited], { honorsRetryAfter: false });
    expect(await waitOf(() => impatient.session.send('s', { method: 'GET', path: '/Users' }))).toBeLessThan(900);
    expect(honors.session.counts).toMatchObject({ requests: 2, retried: 1, throttled: 1 });
  });

  it('does not retry where the client treats the response as final', async () => {
    const { session, findings } = open([() => new Response('', { status: 500 })], { responsesAreFinal: true });
    expect((await session.send('s', { method: 'GET', path: '/Users' })).reported).toBe(true);
    expect(session.counts.requests).toBe(1);
    expect(findings.list()).toMatchObject([{ rule: 'server-error', severity: 'error', stage: 'a stage' }]);
  });

  it('aborts a request that takes too long', async () => {
    const slow = (): Promise<Response> => Promise.reject(new DOMException('The operation timed out', 'TimeoutError'));
    const { session, findings } = open([slow, slow, slow]);
    expect((await session.send('s', { method: 'GET', path: '/Users' })).status).toBe(0);
    expect(findings.list()).toMatchObject([{ rule: 'no-response', times: 1, received: 'The operation timed out' }]);
  });

  it('sends Content-Type only with a body, except for a client that always does', async () => {
    const type = ({ headers }: RequestInit): string | null => new Headers(headers).get('content-type');
    const usual = open([]);
    await usual.session.send('s', { method: 'GET', path: '/Users' });
    await usual.session.send('s', { method: 'POST', path: '/Users', body: {} });
    expect(usual.asked.map(type)).toEqual([null, 'application/json']);
    const always = open([], { contentTypeAlways: true });
    await always.session.send('s', { method: 'GET', path: '/Users' });
    expect(always.asked.map(type)).toEqual(['application/json']);
  });

  it('keeps keys and passwords out of what it reports', async () => {
    const echo = (): Response => Response.json({ detail: 'Bearer secret-key is wrong' }, { status: 500 });
    const { session, findings } = open([echo, echo, echo]);
    await session.send('s', { method: 'POST', path: '/Users', body: { password: 'p4ss', userName: 'a' } });
    const text = JSON.stringify(findings.list());
    expect(text).not.toMatch(/secret-key|p4ss/);
    expect(text).toContain('[key]');
  });

  it('tracks what it created until it is deleted', async () => {
    const { session } = open([ok, () => new Response(null, { status: 204 })]);
    await session.send('s', { method: 'POST', path: '/Users', body: {} });
    expect(session.created()).toEqual(['/Users/1']);
    await session.send('s', { method: 'DELETE', path: '/Users/1?' });
    expect(session.created()).toEqual([]);
  });
});

describe('the simulated clients', () => {
  it('send members in the numbers that their service takes', () => {
    const { groups } = clients.ssosync().dialect;
    const [team] = directoryOf({ seed: 1, run: 'r', users: 2, groups: 1 }).teams;
    if (groups === undefined || team === undefined) throw new Error('ssosync has groups');
    const add = Array.from({ length: 250 }, (_, place) => ({ id: String(place), userName: 'u' }));
    const bodies = groups.changeMembers('g', team, { add, remove: add.slice(0, 1), all: add }).map(({ body }) => body);
    const operations = bodies.map((body) => (body as { Operations: { op: string; value: unknown[] }[] }).Operations);
    expect(operations.map((each) => each.map(({ op, value }) => `${op} ${String(value.length)}`))).toEqual([
      ['add 100'],
      ['add 100'],
      ['add 50'],
      ['remove 1'],
    ]);
  });

  it('say how their behavior is known, and which parts are reconstructed', () => {
    for (const client of Object.values(clients).map((make) => make())) {
      expect(client.sources.length).toBeGreaterThan(0);
      if (client.confidence === 'reconstructed') expect(client.reconstructed.length).toBeGreaterThan(0);
      expect(new Set(client.stages.map(({ name }) => name)).size).toBe(client.stages.length);
    }
    expect(clients.rippling().confidence).toBe('reconstructed');
    expect(clients.onelogin().reconstructed.join()).toContain('suspension');
    expect(clients.google().reconstructed.join()).toContain('deletion');
  });
});
