// Packs the package and uses it as an app would: installed from the tarball, imported as ESM and CommonJS, type-checked.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const npm = (args, cwd) => execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
const node = (args, cwd) =>
  execFileSync(process.execPath, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
const folder = mkdtempSync(join(tmpdir(), 'express-scim-package-'));

const esm = `
import { ConflictError, createScimRouter, connectorKeys, isScimError, MemoryStore } from 'express-scim';
import * as scim from 'express-scim';
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
const copies = Object.keys(cjs).filter((name) => cjs[name] !== scim[name]);
if (copies.length > 0) throw new Error('import and require should give one copy: ' + copies.join());
if (!(new cjs.ConflictError('userName') instanceof ConflictError) || !isScimError(new cjs.ConflictError('userName'))) {
  throw new Error('an error is not recognized');
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
    // An unknown attribute: a quirk ignores it, and is noted.
    body: JSON.stringify({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'a', unknown: 1 }),
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

/** Optional peers, and the subpath that needs each. The versions are those of an app of today. */
const peers = {
  sql: ['kysely@^0.28'],
  admin: ['preact@^11', 'preact-render-to-string@^6'],
  testing: ['fast-check@^4'],
  jwt: ['jose@^6'],
  otel: ['@opentelemetry/api@^1'],
};
/** The code of these is a function of the peer: the one that an app imports may be another than it requires. */
const copied = ['sql', 'admin', 'jwt', 'otel'];
/** Subpaths that load without any optional peer. */
const plain = ['conformance', 'lifecycle', 'stores', 'mongodb', 'events', 'openapi', 'rate-limit'];

/** Without the peer a subpath fails with an error that names it, or does not need it to load. */
const withoutPeers = `
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
const subpaths = ${JSON.stringify({ ...peers, ...Object.fromEntries(plain.map((name) => [name, []])) })};
for (const [name, packages] of Object.entries(subpaths)) {
  const names = packages.map((each) => each.replace(/@\\^.*/, ''));
  for (const load of [() => import('express-scim/' + name), async () => require('express-scim/' + name)]) {
    const error = await load().then(() => undefined, (thrown) => thrown);
    if (error !== undefined && !(/MODULE_NOT_FOUND$/.test(error.code) && names.some((each) => error.message.includes(each)))) {
      throw new Error('express-scim/' + name + ': ' + error.message);
    }
  }
}
`;
const all = [...Object.keys(peers), ...plain];
const withPeers = `
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
for (const name of ${JSON.stringify(all)}) {
  const [esm, cjs] = [await import('express-scim/' + name), require('express-scim/' + name)];
  const unlike = Object.keys({ ...esm, ...cjs }).filter((each) => !(each in cjs && each in esm));
  if (unlike.length > 0) throw new Error('express-scim/' + name + ' does not export to both import and require: ' + unlike.join());
  const copies = Object.keys(esm).filter((each) => esm[each] !== cjs[each]);
  if (copies.length > 0 && !${JSON.stringify(copied)}.includes(name)) throw new Error('express-scim/' + name + ' has two copies of ' + copies.join());
}
// An error prints the name of its class.
const scim = await import('express-scim');
const renamed = Object.keys(scim).filter((name) => typeof scim[name] === 'function' && scim[name].name !== name);
if (renamed.length > 0) throw new Error('express-scim renames ' + renamed.join());
`;

/** A Nest app with a global prefix, in plain JavaScript: the router is mounted before Nest's body parsers. */
const nest = `
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { connectorKeys, createScimRouter, MemoryStore } from 'express-scim';
class AppModule {}
Module({})(AppModule);
process.on('warning', (warning) => { throw warning; });
const app = await NestFactory.create(AppModule, { logger: ['error'] });
app.setGlobalPrefix('api');
const key = 'a-key-of-some-length';
app.use('/api/scim/v2', createScimRouter(new MemoryStore(), { authenticate: connectorKeys([{ key }]) }));
await app.listen(0, '127.0.0.1');
const response = await fetch('http://127.0.0.1:' + app.getHttpServer().address().port + '/api/scim/v2/Users', {
  method: 'POST',
  headers: { authorization: 'Bearer ' + key, 'content-type': 'application/scim+json' },
  body: JSON.stringify({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'ada' }),
});
const { meta } = await response.json();
if (response.status !== 201 || !meta.location.includes('/api/scim/v2/Users/')) throw new Error('Nest: ' + response.status);
await app.close();
`;

/** The ES module of Kysely alone is loaded where an app imports it, and the CommonJS subpath takes its instance as well. */
const sql = `
import Database from 'libsql';
import { Kysely, SqliteDialect } from 'kysely';
import { createRequire } from 'node:module';
import * as esm from 'express-scim/sql';
import { runStoreCases } from 'express-scim/testing';
const require = createRequire(import.meta.url);
const loaded = () => Object.keys(require.cache).some((file) => /node_modules[\\\\/]kysely[\\\\/]/.test(file));
if (loaded()) throw new Error('import loads Kysely twice');
for (const { createScimTables, sqlStore } of [esm, require('express-scim/sql')]) {
  const create = async () => {
    const db = new Kysely({ dialect: new SqliteDialect({ database: new Database(':memory:') }) });
    await createScimTables(db);
    return sqlStore(db);
  };
  const results = await runStoreCases({ name: 'installed', create, only: ['create', 'uniqueness', 'filters'] });
  const failed = results.filter(({ status }) => status === 'failed');
  if (results.length < 20 || failed.length > 0) throw new Error(results.length + ' store cases, failed: ' + JSON.stringify(failed));
}
if (!loaded()) throw new Error('the test reads the wrong cache');
`;
/** One request with a write, in tools that do not leave modules to Node: Jest without flags, and a bundler. */
const write = `
const server = createServer(createScimRouter(new MemoryStore(), { authenticate: connectorKeys([{ key: 'a-key-of-some-length' }]) }));
async function write() {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const response = await fetch('http://127.0.0.1:' + server.address().port + '/Users', {
    method: 'POST',
    headers: { authorization: 'Bearer a-key-of-some-length', 'content-type': 'application/scim+json' },
    body: JSON.stringify({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'ada' }),
  });
  server.close();
  server.closeAllConnections();
  if (response.status !== 201) throw new Error('the write returned ' + response.status);
}
`;
const jest = `
const { createServer } = require('node:http');
const { connectorKeys, createScimRouter, MemoryStore } = require('express-scim');
${write}
test('creates a user', write);
`;
const jestEsm = `
import { createServer } from 'node:http';
import { connectorKeys, createScimRouter, MemoryStore } from 'express-scim';
import { jwtBearer } from 'express-scim/jwt';
import { createScimAdmin } from 'express-scim/admin';
${write}
test('creates a user', write);
test('loads peers that are ES modules', () => expect([typeof jwtBearer, typeof createScimAdmin]).toEqual(['function', 'function']));
`;
const bundled = `
import { createServer } from 'node:http';
import { connectorKeys, createScimRouter, MemoryStore } from 'express-scim';
import { sqlStore } from 'express-scim/sql';
${write}
if (typeof sqlStore !== 'function') throw new Error('exports are missing');
write().catch((error) => { console.error(error); process.exitCode = 1; });
`;

const compilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
  target: 'ES2022',
  lib: ['ES2023'],
  types: ['node'],
};
/** The oldest supported TypeScript, the one of this repository, and the newest. */
const compilers = { 'typescript-oldest': '5.4', typescript: '~6.0', 'typescript-newest': 'latest' };
/** How an app may resolve modules, with the files that are checked. */
const resolutions = {
  nodenext: { module: 'NodeNext', moduleResolution: 'NodeNext', files: ['consumer.mts', 'consumer.cts'] },
  bundler: { module: 'ESNext', moduleResolution: 'Bundler', files: ['consumer.ts'] },
  // TypeScript 6 deprecates it, and 7 no longer has it.
  node10: { module: 'CommonJS', moduleResolution: 'Node10', esModuleInterop: true, files: ['consumer.ts'] },
};

const install = (project, ...packages) =>
  npm(['install', '--no-audit', '--no-fund', '--ignore-scripts', '--silent', ...packages], project);

function newProject(name, files) {
  const project = join(folder, name);
  mkdirSync(project, { recursive: true });
  writeFileSync(join(project, 'package.json'), '{"private":true}');
  for (const [file, text] of Object.entries(files)) writeFileSync(join(project, file), text);
  return project;
}

/** Checks the types of the package with each compiler and each kind of module resolution. */
function checkTypes(project, names) {
  for (const name of names) {
    const { version } = JSON.parse(readFileSync(join(project, 'node_modules', name, 'package.json'), 'utf8'));
    const major = Number(version.split('.')[0]);
    for (const [resolution, { files, ...options }] of Object.entries(resolutions)) {
      if (resolution === 'node10' && major >= 7) continue;
      const config = `tsconfig.${name}.${resolution}.json`;
      writeFileSync(
        join(project, config),
        JSON.stringify({
          compilerOptions: {
            ...compilerOptions,
            ...options,
            // The types of the peers are not ours: an old compiler cannot read all of them.
            skipLibCheck: name !== 'typescript' || resolution !== 'nodenext',
            ...(resolution === 'node10' && major >= 6 ? { ignoreDeprecations: '6.0' } : {}),
          },
          files,
        }),
      );
      const { bin } = JSON.parse(readFileSync(join(project, 'node_modules', name, 'package.json'), 'utf8'));
      const tsc = join('node_modules', name, bin.tsc);
      try {
        node([tsc, '-p', config], project);
      } catch (error) {
        console.error(error.stdout);
        throw new Error(`TypeScript ${version}, ${resolution}: the types do not compile`, { cause: error });
      }
      console.log(`TypeScript ${version}, ${resolution}: ok`);
    }
  }
}

try {
  const [{ filename, files }] = JSON.parse(
    npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], resolve('.')),
  );
  const paths = files.map(({ path }) => path);
  const pages = ['docs/README.md', 'docs/reference/errors.md', 'docs/providers/entra.md', 'CHANGELOG.md'];
  const examples = ['store-template/primitives', 'custom-store/store', 'existing-table/scim', 'orm/scim'];
  for (const page of [...pages, ...examples.map((name) => `examples/${name}.ts`)]) {
    if (!paths.includes(page)) throw new Error(`the package lacks ${page}`);
  }
  if (paths.some((path) => /node_modules|\.vitepress|^docs\/package/.test(path))) {
    throw new Error('the package contains the site');
  }
  // They are almost half of its size, and the pages say the same in words.
  if (paths.some((path) => /\.png$/.test(path))) throw new Error('the package contains screenshots');
  const packed = join(folder, filename);
  const consumers = { 'consumer.mts': consumer, 'consumer.cts': consumer, 'consumer.ts': consumer };
  for (const major of ['5', '4']) {
    const project = newProject(`express${major}`, {
      'esm.mjs': esm,
      'cjs.cjs': cjs,
      'without-peers.mjs': withoutPeers,
      'with-peers.mjs': withPeers,
      ...consumers,
    });
    const typescripts = Object.entries(compilers).map(([name, range]) => `${name}@npm:typescript@${range}`);
    install(project, packed, `express@^${major}`, `@types/express@^${major}`, '@types/node@20', ...typescripts);
    for (const script of ['esm.mjs', 'cjs.cjs', 'without-peers.mjs']) node([script], project);
    // Each peer alone: its subpath must need no other.
    if (major === '5') {
      for (const [name, packages] of Object.entries(peers)) {
        install(project, ...packages);
        node(['--input-type=module', '--eval', `await import('express-scim/${name}')`], project);
        npm(
          ['uninstall', '--no-audit', '--no-fund', '--silent', ...packages.map((each) => each.replace(/@\^.*/, ''))],
          project,
        );
      }
    }
    install(project, ...Object.values(peers).flat(), 'mongodb@^6.22');
    node(['with-peers.mjs'], project);
    checkTypes(project, major === '5' ? Object.keys(compilers) : ['typescript']);
  }
  const toolProject = newProject('tools', {
    'sql.mjs': sql,
    'jest.test.cjs': jest,
    'jest.test.mjs': jestEsm,
    'bundled.mjs': bundled,
    'jest.config.json': '{"transform":{},"testMatch":["**/jest.test.*"]}',
  });
  install(toolProject, packed, 'express@^5', 'jest@^30', 'esbuild', 'libsql', ...Object.values(peers).flat());
  node(['sql.mjs'], toolProject);
  console.log('SQLite, with Kysely as ES module and as CommonJS: ok');
  const runJest = ['node_modules/jest/bin/jest.js', '--silent', '--ci'];
  node([...runJest, 'jest.test.cjs'], toolProject);
  node(['--experimental-vm-modules', ...runJest, 'jest.test.mjs'], toolProject);
  console.log('Jest: ok');
  // Packages such as debug call `require`, which a bundle of ES modules has only if it makes it.
  const require = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
  for (const [format, out] of Object.entries({ esm: 'out.mjs', cjs: 'out.cjs' })) {
    const options = ['--bundle', '--platform=node', `--format=${format}`, `--outfile=${out}`, '--log-level=warning'];
    const banner = format === 'esm' ? [`--banner:js=${require}`] : [];
    node(['node_modules/esbuild/bin/esbuild', 'bundled.mjs', ...options, ...banner], toolProject);
    node([out], toolProject);
  }
  console.log('esbuild: ok');
  const nestProject = newProject('nest', { 'nest.mjs': nest });
  install(
    nestProject,
    packed,
    '@nestjs/common@^12',
    '@nestjs/core@^12',
    '@nestjs/platform-express@^12',
    'reflect-metadata',
    'rxjs',
  );
  node(['nest.mjs'], nestProject);
  console.log('NestJS: ok');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
