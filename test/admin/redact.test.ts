import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  hidden,
  keepable,
  urlWithoutPersonalData,
  withoutLiterals,
  withoutPersonalData,
} from '../../src/admin/redact.js';
import { random } from '../random.js';

const secrets = new Set(['password']);
const user = 'urn:ietf:params:scim:schemas:core:2.0:User';

describe('what the log keeps of a body', () => {
  it.each([
    [{ password: 'x' }],
    [{ PassWord: 'x' }],
    [{ [`${user}:password`]: 'x' }],
    [{ [user]: { password: 'x' } }],
    [{ Operations: [{ op: 'replace', path: 'password', value: 'x' }] }],
    [{ Operations: [{ op: 'replace', Path: ` ${user}:PASSWORD `, Value: 'x' }] }],
    [{ Operations: [{ op: 'replace', value: { password: { a: 'x' } } }] }],
  ])('holds no password: %j', (body) => {
    const kept = JSON.stringify(keepable(body, secrets));
    expect(kept).not.toContain('"x"');
    expect(kept).toContain(hidden);
  });

  it('keeps everything else', () => {
    const body = { userName: 'ada', emails: [{ value: 'a@b', primary: true }], n: null };
    expect(keepable(body, secrets)).toEqual(body);
  });

  it('shortens long texts and lists, and does not descend for ever', () => {
    let deep: unknown = 'end';
    for (let depth = 0; depth < 1_000; depth++) deep = [deep];
    const kept = keepable({ text: 'a'.repeat(600), list: Array.from({ length: 500 }, () => 1), deep }, secrets);
    const { text, list } = kept as { text: string; list: unknown[] };
    expect(text).toHaveLength(501);
    expect(list).toHaveLength(21);
    expect(list.at(-1)).toBe('… and 480 more');
    expect(JSON.stringify(kept)).not.toContain('end');
  });
});

describe('what is shown to who may not see personal data', () => {
  it('hides values and keeps names', () => {
    const body = {
      schemas: [user],
      id: '1',
      userName: 'ada',
      active: false,
      emails: [{ value: 'a@b', type: 'work' }],
      [`${user}x`]: { department: 'R' },
      Operations: [{ op: 'add', path: 'emails[value eq "a@b"].display', value: 'Ada' }],
    };
    expect(withoutPersonalData(body)).toEqual({
      schemas: [user],
      id: '1',
      userName: hidden,
      active: false,
      emails: [{ value: hidden, type: 'work' }],
      [`${user}x`]: { department: hidden },
      Operations: [{ op: 'add', path: `emails[value eq ${hidden}].display`, value: hidden }],
    });
  });

  it.each([
    ['userName eq "ada"', `userName eq ${hidden}`],
    ['userName EQ ada', `userName EQ ${hidden}`],
    ['emails[type eq "work" and value sw "a \\" b"]', `emails[type eq ${hidden} and value sw ${hidden}]`],
    ['title pr and not (active eq true)', `title pr and not (active eq ${hidden})`],
    ['userName eq "ada', hidden],
    ['"ada"', hidden],
    ['userName eq eq "ada"', hidden],
    ['ada@example.com', hidden],
  ])('of the filter %s shows %s', (filter, shown) => expect(withoutLiterals(filter)).toBe(shown));

  it('of a URL hides what the query says', () => {
    const url = '/Users?filter=userName%20eq%20%22ada%22&startIndex=1&count=2&other=ada&flag';
    expect(urlWithoutPersonalData(url)).toBe(
      `/Users?filter=userName eq ${hidden}&startIndex=1&count=2&other=${hidden}&flag`,
    );
    expect(urlWithoutPersonalData('/Users?filter=%zz"ada"')).toBe(`/Users?filter=${hidden}`);
  });

  it('shows no literal of any filter', () => {
    const secret = 'sécret@';
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('eq', 'co', 'Sw'), fc.string(), (before, operator, after) => {
        const quoted = JSON.stringify(before + secret + after);
        expect(withoutLiterals(`userName ${operator} ${quoted}`)).not.toContain(secret);
        expect(withoutLiterals(before + secret + after)).not.toContain(secret);
      }),
      random(),
    );
  });
});
