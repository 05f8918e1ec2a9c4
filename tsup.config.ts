import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Plugin } from 'esbuild';
import { defineConfig } from 'tsup';

/** Every subpath of the package: a line here, and one in the exports of package.json. `cli` is its bin. */
const entry = {
  index: 'src/index.ts',
  conformance: 'src/tools/index.ts',
  lifecycle: 'src/lifecycle/index.ts',
  sql: 'src/sql.ts',
  stores: 'src/stores/index.ts',
  mongodb: 'src/mongodb.ts',
  testing: 'src/testing/index.ts',
  admin: 'src/admin/index.ts',
  jwt: 'src/jwt/index.ts',
  events: 'src/events/index.ts',
  otel: 'src/otel/index.ts',
  openapi: 'src/openapi/index.ts',
  'rate-limit': 'src/rate-limit.ts',
  cli: 'src/tools/cli/index.ts',
};

/** What the root loads with `import()`. It shares files with the root too. */
const loadedLater = ['src/schema/json-schema.ts', 'src/operations/patch.ts', 'src/operations/bulk.ts'];

/**
 * Has every subpath import the root, so that what the root needs becomes one chunk. Left to itself, esbuild makes a chunk for
 * each set of subpaths that share a file: `require('express-scim')` would read 30 files, which takes a quarter of its time.
 */
const oneCore: Plugin = {
  name: 'one-core',
  setup(build) {
    const root = path.resolve(entry.index);
    const files = [...Object.values(entry), ...loadedLater].map((file) => path.resolve(file));
    const subpaths = new Set(files);
    subpaths.delete(root);
    build.onLoad({ filter: /\.ts$/ }, async ({ path: file }) => {
      if (!subpaths.has(file)) return undefined;
      return { contents: `${await readFile(file, 'utf8')}\nimport 'core:';\n`, loader: 'ts' };
    });
    // Otherwise esbuild drops an import of no names.
    build.onResolve({ filter: /^core:$/ }, () => ({ path: root, sideEffects: true }));
  },
};

const { cli: _, ...subpaths } = entry;

/** ES modules, of which `.ci/build.mjs` makes what is published. */
export default defineConfig({
  entry,
  format: ['esm'],
  // The bundler of declarations sets an option that TypeScript 6 calls deprecated.
  dts: { entry: subpaths, compilerOptions: { ignoreDeprecations: '6.0', paths: {} } },
  esbuildPlugins: [oneCore],
  clean: true,
  target: 'node20',
  sourcemap: false,
});
