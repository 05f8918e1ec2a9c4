import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isSameJson } from '../../../src/schema/equal.js';
import { attributeName, fieldName, fieldPath, fromFields, toFields } from '../../../src/stores/mongodb/field-names.js';
import { orderedText } from '../../../src/stores/mongodb/ordered-text.js';
import { searchableForm } from '../../../src/stores/mongodb/searchable.js';
import { random } from '../../random.js';

const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom('a', 'b', '\ud7ff', '\ue000', '\ue100', '\uff5e', '\uffff', '\ud83d\ude00', '\ud83d', '\ude00'),
    fc.integer({ min: 1, max: 0xffff }).map((code) => String.fromCharCode(code)),
  ),
  maxLength: 6,
});

function sign(order: number): number {
  return Math.sign(order);
}

describe('text in an order that MongoDB and the library share', () => {
  it('sorts as UTF-8 as the original sorts as UTF-16', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        const bytes = [a, b].map((each) => Buffer.from(orderedText(each), 'utf8'));
        const expected = a === b ? 0 : a < b ? -1 : 1;
        expect(sign(Buffer.compare(bytes[0] ?? Buffer.of(), bytes[1] ?? Buffer.of()))).toBe(expected);
      }),
      random(2_000),
    );
  });

  it('keeps what a text contains, begins with and ends with', () => {
    fc.assert(
      fc.property(text, text, text, (before, part, after) => {
        const whole = before + part + after;
        const [stored, other] = [orderedText(whole), orderedText(after + before)];
        expect(stored.includes(orderedText(part))).toBe(true);
        expect(other.includes(orderedText(part))).toBe((after + before).includes(part));
        expect(stored.startsWith(orderedText(part))).toBe(whole.startsWith(part));
        expect(stored.endsWith(orderedText(part))).toBe(whole.endsWith(part));
      }),
      random(2_000),
    );
  });

  it('is valid UTF-8 whatever the text is, and leaves common text alone', () => {
    expect(orderedText('Zoë Żółć 王')).toBe('Zoë Żółć 王');
    fc.assert(
      fc.property(text, (each) => {
        const written = orderedText(each);
        expect(Buffer.from(written, 'utf8').toString('utf8')).toBe(written);
      }),
      random(500),
    );
  });
});

describe('names of fields', () => {
  const name = fc.string({
    unit: fc.constantFrom('a', 'Z', '1', '.', '$', '~', '_', '@', ':', '-', '\0', '6'),
    maxLength: 5,
  });

  it('names every attribute so that no path of MongoDB splits it, and gives it back', () => {
    fc.assert(
      fc.property(name, (each) => {
        const field = fieldName(each);
        expect(field).toMatch(/^[^$.\0@_\d][^$.\0@]*$/);
        expect(attributeName(field)).toBe(each);
      }),
      random(2_000),
    );
  });

  it('gives different attributes different fields', () => {
    fc.assert(
      fc.property(name, name, (a, b) => {
        expect(fieldName(a) === fieldName(b)).toBe(a === b);
      }),
      random(2_000),
    );
  });

  it('leaves the names of the RFCs readable', () => {
    expect(fieldPath(['name', 'givenName'])).toBe('name.givenName');
    expect(fieldPath(['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User', 'manager', '$ref'])).toBe(
      'urn:ietf:params:scim:schemas:extension:enterprise:2~10:User.manager.~2ref',
    );
  });

  it('gives back every JSON value, names of its objects included', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(isSameJson(fromFields(toFields(value)), value)).toBe(true);
      }),
      random(500),
    );
    const value = { $set: { 'a.b': [{ _: 1 }] }, '1': { '': null } };
    expect(fromFields(toFields(value))).toEqual(value);
  });
});

describe('the searchable form of attributes', () => {
  it('keeps letter case only where the attribute is caseExact, and dates as milliseconds', () => {
    const extension = 'urn:example:Asset';
    const { normalized } = searchableForm(
      { userName: 'ADA', externalId: 'X1', [extension]: { serial: 'AbC', bought: '2024-02-29T12:00:00Z' } },
      new Set(['externalId', `${extension}:serial`]),
    );
    expect(normalized).toEqual({
      userName: 'ada',
      externalId: 'X1',
      [extension]: { serial: 'AbC', bought: '2024-02-29t12:00:00z', 'bought@': Date.UTC(2024, 1, 29, 12) },
    });
  });

  it('keeps the primary value, or else the first, for sorting', () => {
    const emails = [
      { value: 'B@x', type: 'home' },
      { value: 'A@x', primary: true },
    ];
    const { leading } = searchableForm({ emails, tags: ['Z', 'a'], roles: [] }, new Set());
    expect(leading).toEqual({ emails: { value: 'a@x', primary: true }, tags: { _: 'z' } });
  });
});
