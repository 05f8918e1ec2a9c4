import { describe, expect, it } from '@jest/globals';
import { unlimitedWork, type Work } from '../../src/contract/work.js';
import { defaultLimits } from '../../src/limits.js';
import { RequestWork } from '../../src/operations/request-work.js';
import { checkValues } from '../../src/schema/check-values.js';
import { hasLongMarkRun } from '../../src/schema/combining-marks.js';
import { exceedsBytes } from '../../src/schema/json-bytes.js';
import { isNothing } from '../../src/schema/json-value.js';
import { normalizeUserName } from '../../src/schema/normalize.js';

const check = (value: unknown, anyText = false): string => {
  try {
    checkValues(value, { limits: { ...defaultLimits, nesting: 4 }, work: unlimitedWork, anyText });
    return 'ok';
  } catch (error) {
    const { scimType, message } = error as { scimType?: string; message: string };
    return `${String(scimType)} ${message}`;
  }
};
const marks = (count: number): string => `a${'\u0315\u0300'.repeat(count).slice(0, count)}`;

describe('the values of a body', () => {
  it.each<[string, unknown, string]>([
    ['30 marks in a row', [marks(30), `${marks(30)}b${marks(30)}`], 'ok'],
    ['31 marks in a row', { a: [marks(31)] }, 'invalidValue .*limits.combiningMarks'],
    ['a key of 31 marks', { [marks(31)]: 1 }, 'invalidValue .*limits.combiningMarks'],
    [
      'marks that are letters until their width is ignored',
      marks(30) + '\uff9e',
      'invalidValue .*limits.combiningMarks',
    ],
    ['marks outside of the first plane', 'a' + '\u{1e8d0}'.repeat(31), 'invalidValue .*limits.combiningMarks'],
    ['262,144 characters', 'x'.repeat(262_144), 'ok'],
    ['262,145 characters', ['x'.repeat(262_145)], 'invalidValue .*limits.stringCharacters'],
    [
      '1,001 keys',
      Object.fromEntries(Array.from({ length: 1_001 }, (_, i) => [i, 1])),
      'invalidSyntax .*limits.objectKeys',
    ],
    ['four levels', [[[[1]]]], 'ok'],
    ['five levels', [[[[[1]]]]], 'invalidSyntax .*limits.nesting'],
    ['NUL', ['\0'], 'invalidSyntax .*NUL'],
    ['half a surrogate pair', { '\ud800': 1 }, 'invalidSyntax .*surrogate'],
  ])('%s', (_, value, expected) => expect(check(value)).toMatch(new RegExp(`^${expected}`)));

  it('of a search may hold NUL, but no long run of marks', () => {
    expect(check(['\0', '\ud800'], true)).toBe('ok');
    expect(check(marks(31), true)).toMatch('combiningMarks');
  });

  it('are charged', () => {
    const work = new RequestWork(20_000, Number.POSITIVE_INFINITY);
    const values = Array.from({ length: 30_000 }, () => 0);
    expect(() => checkValues(values, { limits: defaultLimits, work })).toThrow(
      expect.objectContaining({ scimType: 'tooMany' }),
    );
  });
});

describe('runs of marks', () => {
  it('are counted before and after normalization alike', () => {
    const name = 'a\u0315\uff9e'.repeat(1) + '\u0315\uff9e'.repeat(20);
    expect(hasLongMarkRun(name, 30)).toBe(true);
    expect(hasLongMarkRun(normalizeUserName(name), 30)).toBe(true);
  });
});

describe('what is read again is charged by its size', () => {
  const unitsOf = (run: (work: Work) => unknown): number => {
    let units = 0;
    run({ spend: (more) => void (units += more), pause: () => undefined });
    return units;
  };

  it('where a value is nothing', () => {
    const nested = (length: number): unknown => [Array.from({ length }, () => ({ a: null, b: [''] }))];
    expect(isNothing(nested(1_000), unlimitedWork)).toBe(true);
    const few = unitsOf((work) => isNothing(nested(10), work));
    expect(few).toBeGreaterThanOrEqual(30);
    expect(unitsOf((work) => isNothing(nested(1_000), work))).toBeGreaterThan(90 * few);
  });

  it('where its bytes are counted', () => {
    const few = unitsOf((work) => exceedsBytes({ a: 'x'.repeat(1_000) }, 1, work));
    expect(unitsOf((work) => exceedsBytes({ a: 'x'.repeat(100_000) }, 1, work))).toBeGreaterThan(90 * few);
  });
});

describe('the bytes of a value as JSON', () => {
  it.each([
    ['ASCII', { a: 'x'.repeat(10) }],
    ['letters of three bytes', { a: '\u20ac'.repeat(10) }],
    ['escapes of six bytes', { a: '\u0001'.repeat(10), b: [1, true, null, 'x'] }],
  ])('are exact at the limit for %s', (_, value) => {
    const bytes = Buffer.byteLength(JSON.stringify(value));
    expect(exceedsBytes(value, bytes, unlimitedWork)).toBe(false);
    expect(exceedsBytes(value, bytes - 1, unlimitedWork)).toBe(true);
  });
});
