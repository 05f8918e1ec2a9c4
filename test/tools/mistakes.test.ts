import { describe, expect, it } from '@jest/globals';
import type { MemoryStore as Store } from '../../src/index.js';
import { anyAuthenticator, connectorKeys, createScimRouter, MemoryStore } from '../../src/index.js';
import { connectionAuthenticator } from '../../src/admin/index.js';
import { eventDelivery, memoryDeliveryStore } from '../../src/events/index.js';
import { jwtBearer, tokenEndpoint } from '../../src/jwt/index.js';
import { openApiDocument } from '../../src/openapi/index.js';
import { createSideTables, defineMapping } from '../../src/sql.js';
import { clientFacts, replayFixture, runConformanceTests, runDoctor, simulate } from '../../src/tools/index.js';
import { withRateLimit } from '../../src/rate-limit.js';
import { runCli } from '../../src/tools/cli/run.js';
import { sqlite } from '../stores/sql/sqlite.js';

const baseUrl = 'http://127.0.0.1:9/scim/v2';
const target = { baseUrl, key: 'k' };

/** The message of what a call throws or rejects with. */
async function messageOf(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
    return (error as TypeError).message;
  }
  return 'It did not throw.';
}

describe('the options of the tools', () => {
  const tools: readonly (readonly [string, (options: never) => unknown])[] = [
    ['simulate', simulate],
    ['runDoctor', runDoctor],
    ['runConformanceTests', runConformanceTests],
    ['replayFixture', (options) => replayFixture(options, { steps: [] } as never)],
  ];

  it.each(tools)('%s names all mistakes, with the page', async (name, run) => {
    const wrong = { baseUrl: '/scim/v2', keys: 'k', fetch: 1 };
    const message = await messageOf(() => run(wrong as never));
    expect(message).toMatch(new RegExp(`^${name}: .* See express-scim/docs/troubleshooting.md$`));
    for (const part of [
      'key is required',
      'there is no option "keys": did you mean key?',
      'fetch must be a function; got a number',
      'baseUrl must be an absolute URL, such as https://app.example.com/scim/v2',
    ]) {
      expect(message).toContain(part);
    }
    expect(await messageOf(() => run(undefined as never))).toContain('the options must be an object');
  });

  it.each(tools)('%s names a base URL that ends with an endpoint', async (_, run) => {
    const message = await messageOf(() => run({ baseUrl: `${baseUrl}/Users/`, key: 'k', client: 'entra' } as never));
    expect(message).toContain('leave out /Users at its end');
  });

  it('names clients, levels, modes and second tenants that do not exist', async () => {
    expect(await messageOf(() => simulate({ ...target, client: 'entr' as never }))).toContain(
      "client must be 'entra' or",
    );
    expect(await messageOf(() => clientFacts('entr' as never))).toContain(
      'there is no client "entr": did you mean entra?',
    );
    const run = (more: object, options?: object) =>
      messageOf(() => runConformanceTests({ ...target, ...more }, options));
    expect(await run({ mode: 'strickt' })).toContain("mode must be 'default' or 'strict'; got a string");
    expect(await run({ secondTenant: { url: '' } })).toContain('secondTenant.baseUrl is required');
    expect(await run({}, { level: 'must' })).toContain('level must be one or more of MUST, SHOULD, MAY');
    expect(await run({}, { concurrency: 0 })).toContain('concurrency must be a positive integer; got 0');
    expect(await messageOf(() => replayFixture(target, {} as never))).toContain('an object with steps; got an object');
  });

  it('openApiDocument begins its messages with its own name', async () => {
    const message = await messageOf(() => openApiDocument(new MemoryStore(), { authenticat: 1 } as never));
    expect(message).toMatch(/^openApiDocument: 2 mistakes/);
  });
});

describe('the command line', () => {
  async function run(...args: string[]): Promise<string> {
    let written = '';
    const stream = { write: (text: string) => ((written += text), true), isTTY: false } as never;
    const surroundings = { env: { SCIM_KEY: 'k' }, stdout: stream, stderr: stream };
    expect(await runCli(args, surroundings as never)).toBe(2);
    return written;
  }

  it.each([
    [['simulate', 'entra', baseUrl, '--user', '5'], 'There is no option --user: did you mean --users?'],
    [['simulate', 'entar', baseUrl], 'Did you mean entra?'],
    [['simulat', 'entra', baseUrl], 'There is no command simulat: did you mean simulate?'],
    [['doctor', `${baseUrl}/Users`], 'leave out /Users at its end'],
    [['conformance', `${baseUrl}/ServiceProviderConfig`], 'leave out /ServiceProviderConfig at its end'],
  ])('%j: %s', async (args, message) => {
    expect(await run(...args)).toContain(message);
  });
});

describe('arguments that are swapped, or not called', () => {
  const authenticate = () => ({ id: 'a' });

  it('says which object to pass', async () => {
    const { db } = sqlite();
    const users = defineMapping<{ people: { id: number; email: string } }>()({
      table: 'people',
      id: { column: 'id' },
      version: 'hash',
      attributes: { userName: 'email' },
    });
    expect(await messageOf(() => createSideTables(db, users as never))).toContain(
      'createSideTables: pass { users }; got',
    );
    const events = eventDelivery as (...args: readonly unknown[]) => unknown;
    expect(await messageOf(() => events(memoryDeliveryStore(), []))).toContain(
      'pass { store, endpoints }; got an object',
    );
  });

  it.each([
    ['connectorKeys', connectorKeys, 'connectorKeys(...)'],
    ['anyAuthenticator', anyAuthenticator, 'anyAuthenticator(...)'],
    ['connectionAuthenticator', connectionAuthenticator, 'connectionAuthenticator(...)'],
    ['withRateLimit', withRateLimit, 'withRateLimit(...)'],
    ['jwtBearer', jwtBearer, 'jwtBearer({ ... })'],
    ['tokenEndpoint', tokenEndpoint, 'tokenEndpoint({ ... }).authenticator'],
  ])('names %s that was not called', async (name, creator, call) => {
    const message = await messageOf(() => createScimRouter(new MemoryStore(), { authenticate: creator as never }));
    expect(message).toContain(
      `authenticate is ${name} itself, which creates an authenticator: call it, as in ${call}. `,
    );
    expect(await messageOf(() => anyAuthenticator(creator as never))).toContain(`argument 0 is ${name} itself`);
  });

  it('accepts a function of the app that has the name of a creator', async () => {
    const withRateLimit = () => ({ id: 'a' });
    expect(await messageOf(() => createScimRouter(new MemoryStore(), { authenticate: withRateLimit }))).toBe(
      'It did not throw.',
    );
  });

  it('names what has an authenticator and is none', async () => {
    const keys = connectorKeys([{ key: 'a-key-for-the-tests-0123456789' }]);
    const secret = 'a-secret-of-the-tests-0123456789';
    const oauth = tokenEndpoint({ keys, issuer: 'https://app.example.com', secret });
    const mistake = 'is an object that has an authenticator: pass its property `authenticator`';
    const message = await messageOf(() => createScimRouter(new MemoryStore(), { authenticate: oauth as never }));
    expect(message).toBe(`createScimRouter: authenticate ${mistake}. See express-scim/docs/options.md#authenticate`);
    expect(await messageOf(() => anyAuthenticator(keys, oauth as never))).toContain(`argument 1 ${mistake}`);
  });

  it('names a router that was not called', async () => {
    const message = await messageOf(() =>
      createScimRouter({ httpVersion: '1.1', headers: {} } as unknown as Store, {} as never),
    );
    expect(message).toContain(
      'passed to app.use without being called: write app.use(path, createScimRouter(store, options))',
    );
  });

  it('names an Express middleware as authenticate', async () => {
    const middleware = (_req: unknown, _res: unknown, next: () => void) => next();
    for (const call of [
      () => createScimRouter(new MemoryStore(), { authenticate: middleware as never }),
      () => withRateLimit(middleware as never, { consume: () => Promise.resolve() }),
    ]) {
      expect(await messageOf(call)).toContain('authenticate has 3 parameters, as Express middleware has');
    }
    expect(await messageOf(() => createScimRouter(new MemoryStore(), { authenticate }))).toBe('It did not throw.');
  });
});
