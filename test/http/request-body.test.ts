import { describe, expect, it } from '@jest/globals';
import { unlimitedWork } from '../../src/contract/work.js';
import { defaultLimits } from '../../src/limits.js';
import { parseJson } from '../../src/http/request-body.js';

describe('nesting of a body', () => {
  const parse = (text: string): unknown =>
    parseJson(Buffer.from(text), { limits: { ...defaultLimits, nesting: 3 }, work: unlimitedWork, anyText: false });

  it.each([
    '[[[]]]',
    '{"a":{"b":{}}}',
    '[[],[],[],[],[]]',
    '"[[[["',
    '["[[[[","]]]]","[[[["]',
    String.raw`["\"[[[[","\\","[[[[","\\\"[[[["]`,
    '["é[[[[","\u{1f600}[[[[",{"[[[[":"{{{{"}]',
    '\ufeff[[[]]]',
  ])('of %j is allowed', (text) => expect(parse(text)).toEqual(JSON.parse(text.replace('\ufeff', ''))));

  it.each([
    '[[[[]]]]',
    '{"a":[{"b":[]}]}',
    '["]",["]]",["]]]",[]]]]',
    String.raw`["\\",["\"]]]",[[]]]]`,
    '["é",["\u{1f600}",[[]]]]',
    // No JSON, and refused before the parser sees it.
    '[[[[[[',
  ])('of %j is too deep', (text) => {
    expect(() => parse(text)).toThrow('nested deeper than 3 levels');
  });

  it.each(['["[[[[', '["a[[[[\\', '[[[]]]]]'])('leaves %j to the parser to refuse', (text) => {
    expect(() => parse(text)).toThrow('The body is not JSON.');
  });
});
