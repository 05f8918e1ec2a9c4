import { expect, it } from '@jest/globals';
import { isShownValue } from '../../../src/protocol/patch/same-value.js';
import { userType } from '../../operations/types.js';

it('charges a comparison with a read-only attribute by the number of its values', () => {
  const attribute = userType.attributes.get('groups');
  if (attribute === undefined) throw new Error('Users have groups.');
  const unitsFor = (count: number): number => {
    const groups = Array.from({ length: count }, (_, i) => ({ value: `g${String(i)}` }));
    let units = 0;
    const work = { spend: (more: number) => void (units += more), pause: () => undefined };
    const step = { kind: 'same', attribute, sub: undefined, value: groups, whole: true } as const;
    expect(isShownValue(step, { groups }, work)).toBe(true);
    return units;
  };
  expect(unitsFor(2_000)).toBeGreaterThan(90 * unitsFor(20));
});
