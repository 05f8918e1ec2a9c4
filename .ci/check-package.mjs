// Packs the package and uses it as an app would: installed from the tarball, imported as ESM and CommonJS, type-checked.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const npm = (args, cwd) => execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
const node = (args, cwd) =>
  execFileSync(process.execPath, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
const folder = mkdtempSync(join(tmpdir(), 'express-scim-package-'));

const esm = `
import { ConflictError, createScimRouter, connectorKeys, isScimError, MemoryStore } from 'express-scim';
import { createRequire } from 'node:module';
import { conformanceTests, runConformanceTests, runDoctor, simulate } from 'express-scim/conformance';
import * as lifecycle from 'express-scim/lifecycle';
import { applyChange, storeOver } from 'express-scim/stores';
import { runStoreCases } from 'express-scim/testing';
const cjs = createRequire(import.meta.url)('express-scim');
const router = createScimRouter(new MemoryStore(), { authenticate: connectorKeys([{ key: 'a key of some length' }]) });
const functions = [router, applyChange, storeOver, runConformanceTests, runDoctor, simulate, lifecycle.guards];
if (functions.some((each) => typeof each !== 'function') || conformanceTests.length === 0) throw new Error('exports are missing');
const results = await runStoreCases({ name: 'installed', create: () => new MemoryStore(), only: ['create', 'uniqueness'] });
if (results.length < 10 || results.some(({ status }) => status === 'failed')) throw new Error('the store test suite fails');
const missing = await import('express-scim/sql').then(() => '', (error) => String(error.code));
if (missing !== 'ERR_MODULE_NOT_FOUND') throw new Error('only express-scim/sql may require kysely');
const withoutJose = await import('express-scim/jwt').then(() => '', (error) => String(error.code));
if (withoutJose !== 'ERR_MODULE_NOT_FOUND') throw new Error('express-scim/jwt must require jose');
const { tenantRateLimit, withRateLimit } = await import('express-scim/rate-limit');
if (typeof tenantRateLimit !== 'function' || typeof withRateLimit !== 'function') throw new Error('rate limits are missing');
const { mongoStore } = await import('express-scim/mongodb');
if (typeof mongoStore !== 'function') throw new Error('express-scim/mongodb needs no driver of its own');
if (cjs.ConflictError === ConflictError) throw new Error('the two formats should be two copies');
if (!isScimError(new cjs.ConflictError('userName')) || !cjs.isScimError(new ConflictError('userName'))) {
  throw new Error('the copies do not recognize each other\\'s errors');
}
`;
const cjs = `
const scim = require('express-scim');
const loaded = Object.keys(require.cache).filter((file) => /node_modules[\\\\/]express[\\\\/]/.test(file));
if (loaded.length > 0) throw new Error('express was loaded');
const { runConformanceTests } = require('express-scim/conformance');
const { guards } = require('express-scim/lifecycle');
const { storeOver } = require('express-scim/stores');
if ([scim.createScimRouter, runConformanceTests, guards, storeOver].some((each) => typeof each !== 'function')) throw new Error('exports are missing');
const loadsAjv = () => Object.keys(require.cache).some((file) => /node_modules[\\\\/]ajv[\\\\/]/.test(file));
const router = scim.createScimRouter(new scim.MemoryStore(), { authenticate: scim.connectorKeys([{ key: 'a-key-of-some-length' }]) });
if (loadsAjv()) throw new Error('Ajv was loaded before a write');
const server = require('node:http').createServer(router).listen(0, '127.0.0.1', async () => {
  const response = await fetch('http://127.0.0.1:' + server.address().port + '/Users', {
    method: 'POST',
    headers: { authorization: 'Bearer a-key-of-some-length', 'content-type': 'application/scim+json' },
    body: JSON.stringify({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'a' }),
  });
  if (response.status !== 201 || !loadsAjv()) throw new Error('the first write returned ' + response.status);
  server.close();
  server.closeAllConnections();
});
`;
const consumer = `
import express, { type Request } from 'express';
import { runConformanceTests, simulate, type ConformanceReport } from 'express-scim/conformance';
import * as lifecycle from 'express-scim/lifecycle';
import { createScimTables, defineMapping, mappedStore, sqlStore } from 'express-scim/sql';
import { storeOver, type StorePrimitives } from 'express-scim/stores';
import { createScimIndexes, mongoStore } from 'express-scim/mongodb';
import { jwtBearer, tokenEndpoint } from 'express-scim/jwt';
import { tenantRateLimit, withRateLimit } from 'express-scim/rate-limit';
import { testUserStore } from 'express-scim/testing';
import { Kysely } from 'kysely';
import type { Db } from 'mongodb';
import { connectorKeys, createScimRouter, generateConnectorKey, MemoryStore, selectPage, type UserStore } from 'express-scim';
const app = express();
const store: UserStore = new MemoryStore();
const { key } = generateConnectorKey();
const keys = connectorKeys(async (id) => (id === '' ? undefined : { id, digest: '' }));
app.use('/scim/v2', createScimRouter(store, { authenticate: connectorKeys([{ key }]), baseUrl: 'https://x.example/scim/v2' }));
app.use('/:org/scim', createScimRouter<Request>(store, { authenticate: keys, tenantOf: (req) => String(req.params['org']) }));
void [selectPage, jwtBearer, tokenEndpoint, tenantRateLimit, withRateLimit];
const report: Promise<ConformanceReport> = runConformanceTests({ baseUrl: 'https://x.example/scim/v2', key });
declare const db: Kysely<{ members: { id: number; email: string } }>;
const users = defineMapping<{ members: { id: number; email: string } }>()({ table: 'members', id: { column: 'id' }, version: 'xmin', attributes: { userName: 'email' } });
declare const mongo: Db;
declare const primitives: StorePrimitives;
const stores: UserStore[] = [sqlStore(db), mappedStore(db, { users }), mongoStore(mongo), storeOver(primitives)];
void [createScimIndexes, createScimTables, simulate, testUserStore, stores, report, lifecycle];
`;
const compilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
  skipLibCheck: false,
  target: 'ES2022',
  types: ['node'],
};

try {
  const [{ filename }] = JSON.parse(
    npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], resolve('.')),
  );
  for (const types of ['^5', '^4']) {
    const project = join(folder, `express${types.slice(1)}`);
    execFileSync('mkdir', ['-p', project]);
    writeFileSync(join(project, 'package.json'), '{"private":true}');
    npm(
      [
        'install',
        '--no-audit',
        '--no-fund',
        '--ignore-scripts',
        join(folder, filename),
        `express@${types}`,
        `@types/express@${types}`,
        '@types/node@20',
        `typescript@${'~6.0'}`,
      ],
      project,
    );
    for (const [name, text] of Object.entries({
      'esm.mjs': esm,
      'cjs.cjs': cjs,
      'consumer.mts': consumer,
      'consumer.cts': consumer,
    })) {
      writeFileSync(join(project, name), text);
    }
    writeFileSync(
      join(project, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: { ...compilerOptions, module: 'NodeNext' },
        files: ['consumer.mts', 'consumer.cts'],
      }),
    );
    node(['esm.mjs'], project);
    node(['cjs.cjs'], project);
    // The optional peers, for the types of the subpaths that need them.
    npm(
      [
        'install',
        '--no-audit',
        '--no-fund',
        '--ignore-scripts',
        'kysely@^0.28',
        'mongodb@^6.22',
        'fast-check@^4',
        'jose@^6',
      ],
      project,
    );
    node(['--input-type=module', '--eval', "import 'express-scim/sql'"], project);
    node(['--input-type=module', '--eval', "import 'express-scim/jwt'"], project);
    node(['--input-type=commonjs', '--eval', "require('express-scim/jwt').jwtBearer.name"], project);
    console.log(node([join('node_modules', 'typescript', 'bin', 'tsc'), '-p', '.'], project));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
