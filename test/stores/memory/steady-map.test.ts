import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SteadyMap } from '../../../src/stores/memory/steady-map.js';
import { operations } from '../operations.js';
import { random } from '../../random.js';

describe('a map whose deletions stay cheap', () => {
  it('holds what a Map holds after any settings and deletions', () => {
    const step = fc.tuple(fc.nat(40).map(String), fc.boolean());
    fc.assert(
      fc.property(fc.array(step, { minLength: 100, maxLength: 300 }), (steps) => {
        const plain = new Map<string, string>();
        const steady = new SteadyMap<string>();
        for (const [i, [key, gone]] of steps.entries()) {
          if (gone) expect(steady.delete(key)).toBe(plain.delete(key));
          else {
            plain.set(key, `v${i}`);
            steady.set(key, `v${i}`);
          }
          expect(steady.size).toBe(plain.size);
          expect(steady.get(key)).toBe(plain.get(key));
        }
        expect(steady.keys().sort()).toEqual([...plain.keys()].sort());
        expect(steady.values().sort()).toEqual([...plain.values()].sort());
      }),
      random(),
    );
  });

  it('keeps no room for what is gone', () => {
    const map = new SteadyMap<string>();
    for (let i = 0; i < 10_000; i++) map.set(String(i), 'x');
    for (let i = 0; i < 10_000; i++) map.delete(String(i));
    expect(operations(() => map.values())).toBeLessThan(50);
  });
});
