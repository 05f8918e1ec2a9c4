import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AttributeRef } from '../../../src/contract/attribute.js';
import type { Filter } from '../../../src/contract/filter.js';
import { sql } from '../../../src/database/sql.js';
import { normalize } from '../../../src/schema/normalize.js';
import { containedText } from '../../../src/stores/built-in/contained-text.js';
import { documentOf } from '../../../src/stores/built-in/document.js';
import { random } from '../../random.js';

const title: AttributeRef = { path: 'title', keys: ['title'], type: 'string', caseExact: false, multiValued: false };
const emails: AttributeRef = { path: 'emails', keys: ['emails'], type: 'complex', caseExact: false, multiValued: true };

/** The texts that a match must contain; undefined where there may be a match without any. */
function textsOf(filter: Filter): readonly string[] | undefined {
  const texts: string[] = [];
  const condition = containedText(filter, (text) => {
    texts.push(text);
    return sql`${text}`;
  });
  return condition === undefined ? undefined : texts;
}

const eq = (value: string | number | boolean): Filter => ({ op: 'eq', attribute: title, value });

describe('The text that a document contains', () => {
  it('is in the JSON of each value that matches, in every script', () => {
    const unit = fc.constantFrom(
      ...['a', 'Z', ' ', '"', '\\', '/', '\n', '\u0000', '\u001f', '\u2028', 'ß', 'İ', '한', '٣', '😀', '\ud800'],
    );
    const value = fc.string({ unit, minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(value, fc.nat(8), fc.nat(8), (whole, from, count) => {
        const json = JSON.stringify(documentOf({ title: whole }, { type: 'User', caseExact: new Set() }));
        const normalized = normalize(title, whole);
        const parts: readonly (readonly ['eq' | 'co' | 'sw' | 'ew', string])[] = [
          ['eq', normalized],
          ['co', normalized.slice(from, from + count)],
          ['sw', normalized.slice(0, count)],
          ['ew', normalized.slice(from)],
        ];
        for (const [op, part] of parts) {
          // Half of a pair of surrogates is no text that a document has.
          if (part === '' || (op !== 'eq' && /\p{Surrogate}/u.test(part))) continue;
          const [text = ''] = textsOf({ op, attribute: title, value: part }) ?? [];
          expect(text).not.toBe('');
          expect(json).toContain(text);
        }
      }),
      random(1_000),
    );
  });

  it.each<[string, Filter, readonly string[] | undefined]>([
    ['eq', eq('a"b'), [String.raw`"a\"b"`]],
    ['co', { op: 'co', attribute: title, value: 'a' }, ['a']],
    ['sw', { op: 'sw', attribute: title, value: 'a' }, ['"a']],
    ['ew', { op: 'ew', attribute: title, value: 'a' }, ['a"']],
    ['an empty text', eq(''), undefined],
    ['a number', eq(1), undefined],
    ['gt', { op: 'gt', attribute: title, value: 'a' }, undefined],
    ['pr', { op: 'present', attribute: title }, undefined],
    ['not', { op: 'not', filter: eq('a') }, undefined],
    ['a value that matches', { op: 'some', attribute: emails, filter: eq('a') }, ['"a"']],
    ['and', { op: 'and', filters: [eq(1), eq('a'), eq('b')] }, ['"a"']],
    ['and without a text', { op: 'and', filters: [eq(1), { op: 'not', filter: eq('a') }] }, undefined],
    ['or', { op: 'or', filters: [eq('a'), eq('b')] }, ['"a"', '"b"']],
  ])('of %s', (_name, filter, texts) => {
    expect(textsOf(filter)).toEqual(texts);
  });

  it('is none where a part of an or has none', () => {
    expect(textsOf({ op: 'or', filters: [eq('a'), eq(1)] })).toBeUndefined();
    expect(textsOf({ op: 'or', filters: [] })).toBeUndefined();
  });
});
