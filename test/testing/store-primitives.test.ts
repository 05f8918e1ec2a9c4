import { describe, expect, it } from '@jest/globals';
import type { StorePrimitives } from '../../src/stores/index.js';
import { type PrimitivesUnderTest, runStorePrimitivesCases, testStorePrimitives } from '../../src/testing/index.js';
import { RecordMap } from '../stores/trial/map-primitives.js';
import { synchronousPrimitives } from '../stores/trial/synchronous-primitives.js';
import { sqlitePrimitives } from '../stores/trial/sqlite-primitives.js';
import { faultyPrimitives } from './planted/primitives.js';
import { SoundPrimitives, Storage } from './planted/sound-primitives.js';

/** Primitives, and a second process over the same storage. */
const twoOf = (primitives: typeof SoundPrimitives) => (): PrimitivesUnderTest => {
  const storage = new Storage();
  return { primitives: new primitives(storage), another: () => new primitives(storage) };
};

testStorePrimitives({ name: 'correct primitives', create: twoOf(SoundPrimitives) });
testStorePrimitives({ name: 'correct primitives, one handle', create: () => new SoundPrimitives(new Storage()) });
testStorePrimitives({
  name: 'a Map',
  create: () => {
    const map = new RecordMap();
    return { primitives: map.primitives(), another: () => map.primitives() };
  },
});
testStorePrimitives({ name: 'a Map without indexes', create: () => new RecordMap(false).primitives() });
testStorePrimitives({ name: 'a Map without promises', create: () => synchronousPrimitives() });
testStorePrimitives({
  name: 'SQLite',
  create: () => {
    const { primitives, another, close } = sqlitePrimitives();
    return { primitives, another, close };
  },
  destroy: ({ close }) => close(),
});

describe('the suite of the five operations', () => {
  it.each(faultyPrimitives.map((fault) => [fault.what, fault] as const))('catches: %s', async (name, fault) => {
    const { caughtBy, primitives, needsAnother = false } = fault;
    // One handle shows every other fault too: a store without `another` is tested as well.
    const create = (): StorePrimitives | PrimitivesUnderTest =>
      needsAnother ? twoOf(primitives)() : new primitives(new Storage());
    expect(caughtBy).not.toEqual([]);
    const results = await runStorePrimitivesCases({ name, create, only: caughtBy, timeoutMilliseconds: 10_000 });
    const failed = results.filter(({ status }) => status === 'failed').map((each) => each.case.id);
    expect(failed).toEqual(expect.arrayContaining([...caughtBy]));
  });

  it('skips the cases for several keys and several processes of primitives that have one of each', async () => {
    const create = () => new SoundPrimitives(new Storage());
    const results = await runStorePrimitivesCases({ name: 'one key', create, keys: ['userName'] });
    expect(results.filter(({ status }) => status === 'failed')).toEqual([]);
    expect(results.filter(({ status }) => status === 'skipped').map((each) => each.case.id)).toEqual([
      'insert-refused-keys-free',
      'find-two-handles',
      'replace-if-keys-refused-frees-new',
      ...['find', 'scan', 'scan-hint', 'keys-taken', 'keys-freed', 'write', 'remove'].map((each) => `reopened-${each}`),
      ...['scan', 'scan-hint', 'keys'].map((each) => `handles-${each}`),
    ]);
  });
});
