import { describe, expect, it } from '@jest/globals';
import { checkIfMatch, checkPreconditions, needsVersion, singleVersion } from '../../src/operations/precondition.js';

const unmasked = { service: { maskVersion: undefined }, ctx: { tenant: 'default' } };
const matching = (ifMatch: '*' | readonly string[] | undefined) => ({ ...unmasked, ifMatch, ifNoneMatch: undefined });
const resource = { id: '1', meta: { created: '', lastModified: '', version: 'v2' } };

describe('If-Match (RFC 7644 3.14)', () => {
  it.each([
    [undefined, undefined, false],
    ['*', undefined, false],
    [['v1'], 'v1', false],
    [['v1', 'v2'], undefined, true],
  ] as const)('%j names the one version %j', (ifMatch, version, several) => {
    const call = matching(ifMatch);
    expect([singleVersion(call), needsVersion(call)]).toEqual([version, several]);
  });

  it.each([[undefined], ['*'], [['v2']], [['v1', 'v2']]] as const)('%j fits version v2', (ifMatch) => {
    expect(() => checkIfMatch(matching(ifMatch), resource)).not.toThrow();
  });

  it('refuses a version that is not the current one', () => {
    expect(() => checkIfMatch(matching(['v1']), resource)).toThrow(expect.objectContaining({ status: 412 }));
  });
});

describe('If-None-Match of a write (RFC 9110 13.1.2)', () => {
  it.each([['*'], [['v2']], [['v1', 'v2']]] as const)('%j refuses version v2', (ifNoneMatch) => {
    expect(() => checkPreconditions({ ...unmasked, ifMatch: undefined, ifNoneMatch }, resource)).toThrow(
      expect.objectContaining({ status: 412 }),
    );
  });

  it('allows a write of another version, and needs the stored one to know', () => {
    const preconditions = { ...unmasked, ifMatch: undefined, ifNoneMatch: ['v1'] };
    expect(() => checkPreconditions(preconditions, resource)).not.toThrow();
    expect(needsVersion(preconditions)).toBe(true);
  });

  it('comes after If-Match', () => {
    expect(() => checkPreconditions({ ...matching(['v1']), ifNoneMatch: ['v1'] }, resource)).toThrow(
      expect.objectContaining({ status: 412 }),
    );
  });
});
