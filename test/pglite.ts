// PGlite as the tests get it: `jest.config.js` maps '@electric-sql/pglite' to this file.
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type * as Real from '@electric-sql/pglite';

const root = new URL('../node_modules/@electric-sql/pglite/', import.meta.url);
// By its path, because its name leads here.
const { PGlite: RealPGlite, types } = (await import(fileURLToPath(new URL('dist/index.js', root)))) as typeof Real;

export { types };

const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string };
const cache = fileURLToPath(new URL('../node_modules/.cache/', import.meta.url));
const snapshot = `${cache}pglite-${version}.tar`;

/** The data directory of a new database. Starting without one took 2.6 s of a processor, starting from it 0.6 s (Node 20). */
async function newDataDir(): Promise<Blob> {
  if (statSync(snapshot, { throwIfNoEntry: false }) === undefined) {
    const database = await RealPGlite.create();
    const dump = Buffer.from(await (await database.dumpDataDir('none')).arrayBuffer());
    await database.close();
    mkdirSync(cache, { recursive: true });
    // Complete or absent, also where two workers write it.
    const unfinished = `${snapshot}.${String(process.pid)}`;
    writeFileSync(unfinished, dump);
    renameSync(unfinished, snapshot);
  }
  return new Blob([readFileSync(snapshot)]);
}

const dataDir = await newDataDir();

/** PostgreSQL in this process, in memory, with an empty database. */
export class PGlite extends RealPGlite {
  constructor(options: Real.PGliteOptions = {}) {
    super({ loadDataDir: dataDir, ...options });
  }

  static override create = ((options: Real.PGliteOptions = {}) =>
    RealPGlite.create({ loadDataDir: dataDir, ...options })) as typeof RealPGlite.create;
}
