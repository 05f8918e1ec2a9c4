import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  hidden,
  loggableBody,
  urlWithoutPersonalData,
  withoutLiterals,
  withoutPersonalData,
} from '../../src/admin/redact.js';
import { random } from '../random.js';

const secrets = new Set(['password']);
const user = 'urn:ietf:params:scim:schemas:core:2.0:User';

describe('a body in the log', () => {
  it.each([
    [{ password: 'x' }],
    [{ PassWord: 'x' }],
    [{ [`${user}:password`]: 'x' }],
    [{ [user]: { password: 'x' } }],
    [{ Operations: [{ op: 'replace', path: 'password', value: 'x' }] }],
    [{ Operations: [{ op: 'replace', Path: ` ${user}:PASSWORD `, Value: 'x' }] }],
    [{ Operations: [{ op: 'replace', value: { password: { a: 'x' } } }] }],
  ])('contains no password: %j', (body) => {
    const logged = JSON.stringify(loggableBody(body, secrets));
    expect(logged).not.toContain('"x"');
    expect(logged).toContain(hidden);
  });

  it('keeps all other values', () => {
    const body = { userName: 'ada', emails: [{ value: 'a@b', primary: true }], n: null };
    expect(loggableBody(body, secrets)).toEqual(body);
  });

  it('has long texts, long lists and deep nesting shortened', () => {
    let deep: unknown = 'end';
    for (let depth = 0; depth < 1_000; depth++) deep = [deep];
    const logged = loggableBody({ text: 'a'.repeat(600), list: Array.from({ length: 500 }, () => 1), deep }, secrets);
    const { text, list } = logged as { text: string; list: unknown[] };
    expect(text).toHaveLength(500);
    expect(list).toHaveLength(21);
    expect(list.at(-1)).toBe('… and 480 more');
    expect(JSON.stringify(logged)).not.toContain('end');
  });
});

describe('data for an administrator without access to personal data', () => {
  it('has attribute names, and no personal values', () => {
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
  ])('shows the filter %s as %s', (filter, masked) => expect(withoutLiterals(filter)).toBe(masked));

  it('has no personal values in the query of a URL', () => {
    const url = '/Users?filter=userName%20eq%20%22ada%22&startIndex=1&count=2&other=ada&flag';
    expect(urlWithoutPersonalData(url)).toBe(
      `/Users?filter=userName eq ${hidden}&startIndex=1&count=2&other=${hidden}&flag`,
    );
    expect(urlWithoutPersonalData('/Users?filter=%zz"ada"')).toBe(`/Users?filter=${hidden}`);
  });

  it('has no literals in any filter', () => {
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
