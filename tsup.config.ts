import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Plugin, transform } from 'esbuild';
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

/**
 * Has every subpath import the root, so that what the root needs becomes one chunk. Left to itself, esbuild makes a chunk for
 * each set of subpaths that share a file: `require('express-scim')` would read 30 files, which takes a quarter of its time.
 */
const oneCore: Plugin = {
  name: 'one-core',
  setup(build) {
    const root = path.resolve(entry.index);
    const subpaths = new Set(Object.values(entry).map((file) => path.resolve(file)));
    subpaths.delete(root);
    build.onLoad({ filter: /\.ts$/ }, async ({ path: file }) => {
      if (!subpaths.has(file)) return undefined;
      return { contents: `${await readFile(file, 'utf8')}\nimport 'core:';\n`, loader: 'ts' };
    });
    // Otherwise esbuild drops an import of no names.
    build.onResolve({ filter: /^core:$/ }, () => ({ path: root, sideEffects: true }));
  },
};

export default defineConfig({
  entry,
  format: ['esm', 'cjs'],
  // The bundler of declarations sets an option that TypeScript 6 calls deprecated.
  dts: { compilerOptions: { ignoreDeprecations: '6.0', paths: {} } },
  // Without it the CommonJS subpaths would each have a copy of what they share.
  splitting: true,
  esbuildPlugins: [oneCore],
  // The CommonJS chunks are made by esbuild. Left to itself, tsup takes Sucrase for shared chunks, which reads an assignment to a
  // private field (`this.#quirks = ...`) as one to the export of the same name, breaks both, and loses the names of classes.
  plugins: [
    {
      name: 'commonjs',
      async renderChunk(code, { path: file }) {
        if (this.format !== 'cjs' || !file.endsWith('.cjs')) return undefined;
        // The step with Sucrase comes next, and does nothing without `splitting`.
        this.splitting = false;
        return { code: (await transform(code, { format: 'cjs', platform: 'node', target: 'node20' })).code };
      },
    },
  ],
  clean: true,
  target: 'node20',
  sourcemap: false,
});
