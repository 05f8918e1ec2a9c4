import { describe, expect, it } from '@jest/globals';
import { BoundedMap } from '../../src/contract/bounded-map.js';

function filled(capacity: number, keys: readonly string[]): BoundedMap<string> {
  const map = new BoundedMap<string>(capacity);
  for (const key of keys) map.set(key, key.toUpperCase());
  return map;
}

describe('a BoundedMap', () => {
  it('evicts the entry that was written first', () => {
    const map = filled(2, ['a', 'b', 'c']);
    expect([map.get('a'), map.get('b'), map.get('c'), map.size]).toEqual([undefined, 'B', 'C', 2]);
  });

  it('keeps an entry that was read since', () => {
    const map = filled(2, ['a', 'b']);
    map.get('a');
    map.set('c', 'C');
    expect([map.get('a'), map.get('b')]).toEqual(['A', undefined]);
  });

  it('keeps an entry that was written again since', () => {
    const map = filled(2, ['a', 'b']);
    map.set('a', 'new');
    map.set('c', 'C');
    expect([map.get('a'), map.get('b'), map.size]).toEqual(['new', undefined, 2]);
  });

  it('deletes one entry, or all', () => {
    const map = filled(3, ['a', 'b']);
    expect([map.delete('a'), map.delete('a'), map.get('a'), map.size]).toEqual([true, false, undefined, 1]);
    map.clear();
    expect([map.get('b'), map.size]).toEqual([undefined, 0]);
  });
});
