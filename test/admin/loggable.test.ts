import { describe, expect, it } from '@jest/globals';
import { jsonBytes, loggableBody, loggableUrl } from '../../src/admin/loggable.js';
import { hidden } from '../../src/admin/redact.js';

const secrets = new Set(['password']);
const user = 'urn:ietf:params:scim:schemas:core:2.0:User';
const logged = (body: unknown, bytes = 6_000): unknown => loggableBody(body, secrets, { bytes });

describe('a body in the log', () => {
  it.each([
    [{ password: 'x' }],
    [{ PassWord: 'x' }],
    [{ [`${user}:password`]: 'x' }],
    [{ [user]: { password: 'x' } }],
    [{ 'emails[type eq "work"].password': 'x' }],
    [{ Operations: [{ op: 'replace', path: 'password', value: 'x' }] }],
    [{ Operations: [{ op: 'replace', Path: ` ${user}:PASSWORD `, Value: 'x' }] }],
    [{ Operations: [{ op: 'replace', path: 'a[b eq "]"].password', value: 'x' }] }],
    [{ Operations: [{ op: 'replace', path: '/password', value: 'x' }] }],
    [{ Operations: [{ op: 'replace', path: 'password["', value: 'x' }] }],
    [{ Operations: [{ op: 'replace', path: `password${'['.repeat(2_000)}`, value: 'x' }] }],
    [{ Operations: [{ op: 'replace', value: { password: { a: 'x' } } }] }],
    [{ ...Object.fromEntries(Array.from({ length: 200 }, (_, n) => [n, n])), value: 'x', path: 'password' }],
    [{ filter: 'password eq "x"' }],
    [{ path: 'emails[password eq "x"].value' }],
  ])('contains no password: %j', (body) => expect(JSON.stringify(logged(body))).not.toContain('"x'));

  it('keeps all other values', () => {
    const body = { userName: 'ada', emails: [{ value: 'a@b', primary: true }], n: null, filter: 'userName eq "ada"' };
    expect(logged(body)).toEqual(body);
  });

  it('has long texts, long lists and deep nesting shortened', () => {
    let deep: unknown = 'end';
    for (let depth = 0; depth < 1_000; depth++) deep = [deep];
    const { text, list, ...rest } = logged({
      ...{ text: 'a'.repeat(600), list: Array.from({ length: 500 }, () => 1), deep },
    }) as { text: string; list: unknown[] };
    expect(text).toHaveLength(500);
    expect(list).toHaveLength(21);
    expect(list.at(-1)).toBe('… and 480 more');
    expect(JSON.stringify(rest)).not.toContain('end');
  });

  it.each([
    ['long texts', Object.fromEntries(Array.from({ length: 100 }, (_, n) => [n, 'ё'.repeat(500)]))],
    ['long names', Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`${String(n)}${'ё'.repeat(500)}`, 1]))],
    [
      'many objects',
      Array.from({ length: 20 }, () => Object.fromEntries(Array.from({ length: 99 }, (_, n) => [n, {}]))),
    ],
    ['escaped texts', Array.from({ length: 20 }, () => '\u0001'.repeat(500))],
    [
      'secrets',
      Array.from({ length: 20 }, () =>
        Object.fromEntries(Array.from({ length: 99 }, (_, n) => [`${String(n)}.password`, 1])),
      ),
    ],
  ])('has at most the size that it may have, and says that it is cut: %s', (_, body) => {
    const copy = logged(body);
    expect(jsonBytes(copy)).toBeLessThan(7_000);
    expect(jsonBytes(copy)).toBeGreaterThan(3_000);
    expect(JSON.stringify(copy)).toContain('…');
  });

  it('can be stored in every database', () => {
    expect(logged({ 'a\u0000': 'b\u0000\ud800' })).toEqual({ 'a\ufffd': 'b\ufffd\ufffd' });
  });

  // Quadratic time would be hours here.
  it('takes time in proportion to its size, whatever it contains', () => {
    const Operations = Array.from({ length: 20 }, () => ({ op: 'add', path: '['.repeat(400_000), value: 'x' }));
    const copy = logged({ Operations });
    expect(JSON.stringify(copy)).toContain(hidden);
  });
});

describe('a URL in the log', () => {
  it.each([
    ['/Users?filter=userName%20eq%20%22ada%22&count=1', '/Users?filter=userName%20eq%20%22ada%22&count=1'],
    ['/Users?filter=password%20eq%20%22x%22&count=1', `/Users?filter=password eq ${hidden}&count=1`],
    ['/Users?filter=p%61ssword+eq+%22x%22', `/Users?filter=password eq ${hidden}`],
    ['/Users?filter=p%61ssword+eq+%22x%22%zz', `/Users?filter=${hidden}`],
    ['/Users/\u0000', '/Users/\ufffd'],
  ])('shows %j as %j', (url, expected) => expect(loggableUrl(url, secrets, 1_000)).toBe(expected));

  it('is cut, and says so', () => {
    const url = loggableUrl(`/Users?filter=${'password eq 1 or '.repeat(1_000)}`, secrets, 1_000);
    expect(url).toHaveLength(1_000);
    expect(url.endsWith('…')).toBe(true);
  });
});
