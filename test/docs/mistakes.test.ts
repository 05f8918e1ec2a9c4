import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { SqliteAdapter } from 'kysely';
import {
  connectionAuthenticator,
  createScimAdmin,
  mappingRows,
  memoryConnectionStore,
  memoryLogStore,
  provisioningLog,
  setupLinks,
  testConnection,
} from '../../src/admin/index.js';
import { eventDelivery, memoryDeliveryStore } from '../../src/events/index.js';
import {
  anyAuthenticator,
  combineHooks,
  connectorKeys,
  createScimRouter,
  digestConnectorKey,
  generateConnectorKey,
  MemoryStore,
  scimErrors,
} from '../../src/index.js';
import { jwtBearer, tokenEndpoint } from '../../src/jwt/index.js';
import {
  accessRights,
  adoptBy,
  connectionEnding,
  guards,
  lastOwner,
  massDeactivationBreaker,
  offboarding,
  onEvents,
  provisioningStatus,
  roleCeiling,
  roleMappingAdministration,
  seatLimit,
  userLinks,
} from '../../src/lifecycle/index.js';
import { createScimIndexes, dispatchMongoOutbox, mongoStore } from '../../src/mongodb.js';
import { openApiDocument } from '../../src/openapi/index.js';
import { instrumentScim } from '../../src/otel/index.js';
import { tenantRateLimit, withRateLimit } from '../../src/rate-limit.js';
import * as sqlFunctions from '../../src/sql.js';
import { defineMapping, mappedStore, scimTablesSql, sqlStore, withPreparedStatements } from '../../src/sql.js';
import { storeOver, type StorePrimitives } from '../../src/stores/index.js';
import { anchorsOf } from './anchors.js';
import { root } from './examples.js';

const authenticate = connectorKeys([{ key: 'a-key-for-the-tests' }]);
// A dialect that is known, so that the options are what is wrong.
const kysely: object = { getExecutor: () => ({ adapter: new SqliteAdapter() }) };
const mongo: object = { collection: () => ({}) };
const primitive = (): undefined => undefined;
const primitives: Readonly<Record<keyof StorePrimitives, unknown>> = {
  insert: primitive,
  find: primitive,
  replaceIf: primitive,
  remove: primitive,
  scan: primitive,
};

/** What stands before the options of some functions of `express-scim/sql`. */
const secondArguments: Readonly<Record<string, unknown>> = {
  createResourceTable: 'Device',
  dropResourceTable: 'Device',
  createLockTable: 'scim_locks',
  createOutboxTable: 'scim_outbox',
  dispatchOutbox: primitive,
  inspectMapping: { id: {}, attributes: {}, constraints: {} },
};

/** Each function of the library that takes options, called with wrong ones. */
const calls: readonly (readonly [string, (wrong: never) => unknown])[] = [
  ['createScimRouter', (wrong) => createScimRouter(new MemoryStore(), wrong)],
  ['scimErrors', scimErrors],
  ['combineHooks', (wrong) => combineHooks(wrong, 1 as never)],
  ['connectorKeys', (wrong) => connectorKeys([{ key: 'a-key-for-the-tests' }], wrong)],
  ['connectorKeys', connectorKeys],
  ['anyAuthenticator', anyAuthenticator],
  ['generateConnectorKey', generateConnectorKey],
  ['generateConnectorKey', () => generateConnectorKey(null as never)],
  ['digestConnectorKey', () => digestConnectorKey(5 as never)],
  ['jwtBearer', jwtBearer],
  ['tokenEndpoint', tokenEndpoint],
  ['openApiDocument', (wrong) => openApiDocument(new MemoryStore(), { authenticate }, wrong)],
  ['instrumentScim', instrumentScim],
  ['withRateLimit', (wrong) => withRateLimit(authenticate, wrong)],
  ['tenantRateLimit', tenantRateLimit],
  ['createScimAdmin', createScimAdmin],
  ['setupLinks', setupLinks],
  ['provisioningLog', (wrong) => provisioningLog(memoryLogStore(), wrong)],
  ['provisioningLog', provisioningLog],
  ['memoryLogStore', (wrong) => memoryLogStore({ max: wrong })],
  ['memoryLogStore', memoryLogStore],
  ['memoryConnectionStore', memoryConnectionStore],
  ['connectionAuthenticator', connectionAuthenticator],
  ['connectionAuthenticator', (wrong) => connectionAuthenticator(memoryConnectionStore(), wrong)],
  ['testConnection', testConnection],
  ['mappingRows', mappingRows],
  ['memoryDeliveryStore', memoryDeliveryStore],
  ['onEvents', onEvents],
  ['eventDelivery', eventDelivery],
  ['guards', guards],
  ['seatLimit', seatLimit],
  ['lastOwner', lastOwner],
  ['roleCeiling', roleCeiling],
  ['massDeactivationBreaker', massDeactivationBreaker],
  ['adoptBy', adoptBy],
  ['offboarding', offboarding],
  ['connectionEnding', connectionEnding],
  ['userLinks', userLinks],
  ['provisioningStatus', provisioningStatus],
  ['accessRights', accessRights],
  ['roleMappingAdministration', roleMappingAdministration],
  ['storeOver', storeOver],
  ['storeOver', (wrong) => storeOver(primitives as StorePrimitives, wrong)],
  ['MemoryStore', (wrong) => new MemoryStore(wrong)],
  ['MemoryStore.resources', (wrong) => new MemoryStore().resources('Device', wrong)],
  ['MemoryStore.resources', () => new MemoryStore().resources('User')],
  ['mongoStore', (wrong) => mongoStore(mongo as never, wrong)],
  ['mongoStore', mongoStore],
  ['createScimIndexes', (wrong) => createScimIndexes(mongo as never, wrong)],
  ['createScimIndexes', createScimIndexes],
  ['dispatchMongoOutbox', (wrong) => dispatchMongoOutbox(mongo as never, primitive, wrong)],
  ['dispatchMongoOutbox', (wrong) => dispatchMongoOutbox(mongo as never, wrong)],
  ['withPreparedStatements', withPreparedStatements],
  ['sqlStore', (wrong) => sqlStore(kysely as never, wrong)],
  ['mappedStore', (wrong) => mappedStore(kysely as never, wrong)],
  ['mappedStore, with a mapping', (wrong) => mappedStore(kysely as never, { dialect: 'sqlite', users: wrong })],
  ['defineMapping', (wrong) => defineMapping()(wrong)],
  ['defineMapping in one step', defineMapping],
  ['scimTablesSql', scimTablesSql],
  ...sqlCalls(),
];

/** The functions of `express-scim/sql` that take an instance of Kysely, called with wrong ones and with wrong options. */
function sqlCalls(): readonly (readonly [string, (wrong: never) => unknown])[] {
  return Object.entries(sqlFunctions).flatMap(([name, exported]) => {
    const call = exported as (...args: readonly unknown[]) => unknown;
    if (name.endsWith('Migrations')) return [[name, (wrong: never) => call(wrong)] as const];
    if (!/^(?:sql|create|drop|reindex|dispatch|inspect|mapped)[A-Z]/.test(name)) return [];
    const second = secondArguments[name];
    return [
      [`${name}, for the database`, (wrong: never) => call(wrong, ...(second === undefined ? [] : [second]))] as const,
      [name, (wrong: never) => (second === undefined ? call(kysely, wrong) : call(kysely, second, wrong))] as const,
    ];
  });
}

async function messageOf(call: (wrong: never) => unknown, wrong: unknown): Promise<string> {
  try {
    await call(wrong as never);
  } catch (error) {
    return error instanceof TypeError ? error.message : String(error);
  }
  return 'It did not throw.';
}

/** The addresses that end the lines of a message. */
function addressesIn(message: string): readonly string[] {
  return [...message.matchAll(/ See express-scim\/(docs\/\S+)$/gm)].map(([, address = '']) => address);
}

describe.each(calls)('%s', (_, call) => {
  it.each([
    ['an unknown option', { misspelled: 1 }],
    ['a value of another type', 'no options'],
  ])('throws a TypeError that ends with the address of an existing page for %s', async (__, wrong) => {
    const message = await messageOf(call, wrong);
    expect(message).toMatch(/ See express-scim\/docs\/\S+$/);
    for (const address of addressesIn(message)) {
      const [page = '', anchor] = address.split('#');
      expect([page, existsSync(root + page)]).toEqual([page, true]);
      if (anchor !== undefined) expect(anchorsOf(readFileSync(root + page, 'utf8'))).toContain(anchor);
    }
  });
});

describe('all mistakes are named at once', () => {
  it.each<[string, () => unknown, readonly string[]]>([
    ['eventDelivery', () => eventDelivery({} as never), ['store is required', 'endpoints is required']],
    ['adoptBy', () => adoptBy({ rules: ['userName'] } as never), ['find is', 'conflicts is', 'rules may contain']],
    [
      'offboarding',
      () =>
        offboarding({
          handlers: [
            { name: 'a', heldBy: primitive, apply: primitive },
            { name: 'a', heldBy: primitive, apply: primitive },
            { name: 'b' },
          ],
          policy: { c: 'keep' },
        } as never),
      ['store is required', 'two handlers have the name a', 'handlers[2]', 'no entry for a', 'policy names c'],
    ],
    [
      'jwtBearer',
      () => jwtBearer({ jwks: 'file:///keys', algorithms: ['none'], clockToleranceSeconds: 400 } as never),
      ['issuer is required', 'audience is required', 'an https URL', 'algorithms may', 'at most 300'],
    ],
    [
      'tokenEndpoint',
      () => tokenEndpoint({ keys: {}, issuer: 'app', lifetimeSeconds: 1, secret: 'short' } as never),
      ['keys must be', 'an https URL', 'from 60 to 86,400', 'at least 32 characters'],
    ],
    [
      'eventDelivery: numbers',
      () => eventDelivery({ store: memoryDeliveryStore(), endpoints: [], concurrency: 0, maxAttempts: 1.5 }),
      ['concurrency must be a positive integer', 'maxAttempts must be'],
    ],
    [
      'a mapping',
      () =>
        mappedStore(kysely as never, {
          dialect: 'sqlite',
          users: defineMapping<{ people: { id: number; label: string } }>()({
            table: 'people',
            id: { column: 'id' },
            version: 'xmin',
            attributes: { displayName: 'label' },
          }),
        }),
      ['userName, which SCIM requires, is missing', 'only PostgreSQL has xmin'],
    ],
    ['storeOver', () => storeOver({ insert: primitive } as never), ['find, replaceIf, remove, scan']],
    ['setupLinks', () => setupLinks({ secret: 'x', url: '/' } as never), ['store is', '32 bytes', 'absolute URL']],
  ])('%s', async (_, call, parts) => {
    const message = await messageOf(call, undefined);
    for (const part of parts) expect(message).toContain(part);
    expect(addressesIn(message)).toHaveLength(1);
  });
});

it('every address of a page that the source names is that of an existing page and heading', () => {
  const addresses = new Set(
    readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name))
      .flatMap((name) => [...readFileSync(`${root}src/${name}`, 'utf8').matchAll(/'([a-z-]+\.md(?:#[a-z0-9-]+)?)'/g)])
      .map(([, address = '']) => address),
  );
  expect(addresses.size).toBeGreaterThan(30);
  const broken = [...addresses].filter((address) => {
    const [page = '', anchor] = address.split('#');
    if (!existsSync(`${root}docs/${page}`)) return true;
    return anchor !== undefined && !anchorsOf(readFileSync(`${root}docs/${page}`, 'utf8')).has(anchor);
  });
  expect(broken).toEqual([]);
});
