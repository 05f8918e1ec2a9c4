import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CreationOrder } from '../../../src/stores/memory/creation-order.js';
import { random } from '../../random.js';

interface Item {
  readonly sequence: number;
}

function filled(count: number): { order: CreationOrder<Item>; items: Item[] } {
  const order = new CreationOrder<Item>();
  const items = Array.from({ length: count }, (_, sequence) => ({ sequence }));
  for (const item of items) order.append(item);
  return { order, items };
}

function take<T>(items: Iterable<T>, count: number): T[] {
  const taken: T[] = [];
  for (const item of items) {
    if (taken.length === count) break;
    taken.push(item);
  }
  return taken;
}

describe('the order of creation', () => {
  it('reads every position, number and direction as a plain list does, after any deletions and additions', () => {
    const operation = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), count: fc.integer({ min: 1, max: 700 }) }),
      fc.record({
        kind: fc.constant('remove' as const),
        from: fc.nat(3000),
        count: fc.integer({ min: 1, max: 900 }),
        step: fc.integer({ min: 1, max: 3 }),
      }),
    );
    fc.assert(
      fc.property(
        fc.array(operation, { maxLength: 12 }),
        fc.array(fc.nat(4000), { maxLength: 5 }),
        (operations, places) => {
          const order = new CreationOrder<Item>();
          let list: Item[] = [];
          let sequence = 0;
          for (const each of operations) {
            if (each.kind === 'add') {
              for (let i = 0; i < each.count; i++) {
                const item = { sequence: sequence++ };
                order.append(item);
                list.push(item);
              }
            } else {
              const gone = new Set(list.slice(each.from, each.from + each.count).filter((_, i) => i % each.step === 0));
              for (const item of gone) order.remove(item);
              list = list.filter((item) => !gone.has(item));
            }
            expect(order.size).toBe(list.length);
            for (const place of places) {
              expect(take(order.from(place), 3)).toEqual(list.slice(place, place + 3));
              expect(take(order.after(place), 3)).toEqual(list.filter((item) => item.sequence > place).slice(0, 3));
              expect(take(order.before(place), 3)).toEqual(
                list
                  .filter((item) => item.sequence < place)
                  .slice(-3)
                  .reverse(),
              );
            }
          }
          expect([...order]).toEqual(list);
        },
      ),
      random(60),
    );
  });

  it('ignores a deletion of an item that it does not have', () => {
    const { order, items } = filled(3);
    order.remove({ sequence: 1 });
    order.remove({ sequence: 9 });
    expect([...order]).toEqual(items);
    new CreationOrder<Item>().remove({ sequence: 0 });
  });

  it.each([1_000, 100_000])('costs a page its own length, wherever it starts among %i', (count) => {
    const { order } = filled(count);
    take(order.from(0), 1);
    for (const position of [0, count / 2, count - 20]) {
      const before = order.steps;
      expect(take(order.from(position), 10)).toHaveLength(10);
      expect(order.steps - before).toBeLessThanOrEqual(12);
    }
  });

  it('finds positions behind two chunks that a deletion joins', () => {
    const { order, items } = filled(3 * 512);
    const left = [...items];
    // 100 items stay in the first chunk, then fewer and fewer in the second one, until both are one.
    for (const item of items.slice(100, 924)) {
      order.remove(item);
      left.splice(100, 1);
      expect(take(order.from(150), 1)).toEqual(left.slice(150, 151));
      expect(take(order.from(left.length - 1), 1)).toEqual(left.slice(-1));
    }
    for (let position = 0; position < left.length; position++) {
      expect(take(order.from(position), 1)).toEqual([left[position]]);
    }
  });

  it('keeps few chunks when nearly all items have gone', () => {
    const { order, items } = filled(100_000);
    for (const item of items) if (item.sequence % 1000 !== 0) order.remove(item);
    const before = order.steps;
    expect(take(order.from(50), 1)).toEqual([{ sequence: 50_000 }]);
    expect(order.steps - before).toBeLessThanOrEqual(5);
  });
});
