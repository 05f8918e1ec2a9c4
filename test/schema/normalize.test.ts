import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { random } from '../random.js';
import { instantOf, normalize, normalizeText, normalizeUserName, userNameProblem } from '../../src/schema/normalize.js';

const everyCodePoint = (visit: (character: string) => void): void => {
  for (let code = 0; code <= 0x10ffff; code++) if (code < 0xd800 || code > 0xdfff) visit(String.fromCodePoint(code));
};

describe('normalized text (RFC 7644 7.8)', () => {
  it.each([
    ['Tour Guide', 'TOUR GUIDE'],
    ['José', 'JOSE\u0301'],
    ['straße', 'STRASSE'],
    ['ẞ', 'ss'],
    ['ΟΔΟΣ', 'οδος'],
    ['ΟΔΟΣ', 'οδοσ'],
    ['\u212A', 'k'],
    ['ſ', 'S'],
    ['ﬁ', 'FI'],
    ['\u1fb3', '\u0391\u0399'],
    ['ДМИТРИЙ', 'дмитрий'],
    ['𐐀', '𐐨'],
  ])('treats %j and %j as equal where letter case is ignored', (a, b) => {
    expect(normalizeText(a, false)).toBe(normalizeText(b, false));
  });

  it.each([
    ['ı', 'i'],
    ['İ', 'i'],
    ['é', 'e'],
    ['Ｆ', 'f'],
    ['a ', 'a'],
    ['\ufb2a', 'ש'],
  ])('treats %j and %j as different', (a, b) => expect(normalizeText(a, false)).not.toBe(normalizeText(b, false)));

  it('composes, and keeps letter case where the attribute is caseExact', () => {
    expect(normalizeText('JOSE\u0301', true)).toBe('JOSÉ');
    expect(normalizeText('Ab', true)).toBe('Ab');
  });

  it('folds every character like its upper and lower case, and is idempotent', () => {
    const wrong: string[] = [];
    everyCodePoint((character) => {
      const normalized = normalizeText(character, false);
      if (normalizeText(normalized, false) !== normalized) wrong.push(character);
      if (character !== 'ı' && normalizeText(character.toUpperCase(), false) !== normalized) wrong.push(character);
      if (normalizeText(character.toLowerCase(), false) !== normalized) wrong.push(character);
    });
    expect(wrong).toEqual([]);
  });

  it('normalizes canonically equivalent texts to the same text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.boolean(), (text, caseExact) => {
        const normalized = normalizeText(text, caseExact);
        expect(normalizeText(text.normalize('NFD'), caseExact)).toBe(normalized);
        expect(normalizeText(normalized, caseExact)).toBe(normalized);
      }),
      random(),
    );
  });
});

describe('normalized user names (RFC 8265 3.3.1)', () => {
  it.each([
    ['Ｆｉｎｎ', 'finn'],
    ['JOSE\u0301', 'josé'],
    ['ｶﾞ', 'ガ'],
    ['\uffa1', 'ㄱ'],
    ['\uffc7', 'ㅔ'],
    ['\uffca', 'ㅕ'],
    ['\uffd2', 'ㅛ'],
    ['\uffdc', 'ㅣ'],
    ['\uffa0', '\u3164'],
    ['\uffe3', '\u00af'],
    ['\uffe6', '₩'],
    ['a\u3000b', 'a b'],
    ['Σ', 'σ'],
    ['ΑΣ', 'ασ'],
  ])('treats %j and %j as equal', (a, b) => expect(normalizeUserName(a)).toBe(normalizeUserName(b)));

  it.each([
    ['fussball', 'fußball'],
    ['σ', 'ς'],
    ['①', '1'],
    ['adm\u0131n', 'admin'],
  ])('treats %j and %j as different', (a, b) => expect(normalizeUserName(a)).not.toBe(normalizeUserName(b)));

  it('is idempotent', () => {
    const wrong: string[] = [];
    everyCodePoint((character) => {
      const normalized = normalizeUserName(character);
      if (normalizeUserName(normalized) !== normalized) wrong.push(character);
    });
    expect(wrong).toEqual([]);
  });

  it('is the normalized form of userName only, and only where it is not caseExact', () => {
    expect(normalize({ path: 'userName', caseExact: false }, 'Ｆ')).toBe('f');
    expect(normalize({ path: 'title', caseExact: false }, 'Ｆß')).toBe('ｆss');
    expect(normalize({ path: 'userName', caseExact: true }, 'Ab')).toBe('Ab');
  });
});

describe('instants (RFC 7643 2.3.5)', () => {
  it.each([
    ['2011-05-13T04:42:34Z', Date.UTC(2011, 4, 13, 4, 42, 34)],
    ['2011-05-13T06:42:34.1239999+02:00', Date.UTC(2011, 4, 13, 4, 42, 34, 123)],
    ['2011-05-13T04:42:34', Date.UTC(2011, 4, 13, 4, 42, 34)],
    [new Date(5), 5],
    [new Date(Number.NaN), undefined],
    ['yesterday', undefined],
    [5, undefined],
    [null, undefined],
  ])('reads %j as %j', (value, time) => expect(instantOf(value)).toBe(time));
});

describe('user names that are refused', () => {
  it.each([
    ['a\u0000b', 'control'],
    ['a\u0085b', 'control'],
    ['a\u2028b', 'control'],
    ['a\u202eb', 'direction'],
    ['a\u200eb', 'direction'],
    ['a\u200bb', 'invisible'],
    ['a\u200db', 'invisible'],
    ['a\ufeffb', 'invisible'],
    ['a\u00adb', 'invisible'],
    ['a\u{e0041}b', 'invisible'],
    ['a\ud800b', 'surrogate'],
    ['\udc00', 'surrogate'],
  ])('always: %j', (name, why) => {
    expect(userNameProblem(name)).toContain(why);
    expect(userNameProblem(name, true)).toContain(why);
  });

  it.each([
    [' ', 'empty'],
    ['\u00a0\u3000', 'empty'],
    [' ada', 'white space'],
    ['ada ', 'white space'],
    ['ada\u3000', 'white space'],
    ['\u2003ada', 'white space'],
  ])('white space alone or around a name: %j', (name, why) => {
    expect(userNameProblem(name)).toContain(why);
    expect(userNameProblem(name, true)).toContain(why);
  });

  it.each(['Eda Demir', 'a😀', 'Ω①', 'ﬁn', '»a«', 'Jose\u0301', 'a b\u3000c'])(
    'not outside of strict mode: %j',
    (name) => expect(userNameProblem(name)).toBeUndefined(),
  );

  it.each([
    'tove@example.com',
    'José',
    'fußball',
    'Ｆｉｎｎ',
    'Дмитрий',
    'l·l',
    '山田',
    'ヤマ・ダ',
    'דוד',
    'דוד1',
    'د٠',
    '͵α',
    'א׳',
    'א״',
  ])('not in strict mode: %j (RFC 8265 3.5)', (name) => expect(userNameProblem(name, true)).toBeUndefined());

  it.each([
    ['', 'empty'],
    ['Eda Demir', 'space'],
    ['a\u3000b', 'space'],
    ['①', 'symbol'],
    ['♚', 'symbol'],
    ['ﬁn', 'symbol'],
    ['\u1100', 'symbol'],
    ['ـ', 'symbol'],
    ['a·b', 'symbol'],
    ['·', 'symbol'],
    ['͵a', 'symbol'],
    ['a׳', 'symbol'],
    ['a״', 'symbol'],
    ['a・', 'symbol'],
    ['د٠۰', 'digits'],
    ['a٠۰', 'digits'],
    ['دa', 'directions'],
    ['aد', 'directions'],
    ['د-', 'directions'],
    ['1د', 'directions'],
    ['د1٠', 'directions'],
  ])('in strict mode: %j (RFC 8265 3.3)', (name, why) => expect(userNameProblem(name, true)).toContain(why));
});
