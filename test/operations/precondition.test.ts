import { describe, expect, it } from '@jest/globals';
import { checkIfMatch, namesSeveralVersions, singleVersion } from '../../src/operations/precondition.js';

const resource = { id: '1', meta: { created: '', lastModified: '', version: 'v2' } };

describe('If-Match (RFC 7644 3.14)', () => {
  it.each([
    [undefined, undefined, false],
    ['*', undefined, false],
    [['v1'], 'v1', false],
    [['v1', 'v2'], undefined, true],
  ] as const)('%j names the one version %j', (ifMatch, version, several) => {
    expect([singleVersion(ifMatch), namesSeveralVersions(ifMatch)]).toEqual([version, several]);
  });

  it.each([[undefined], ['*'], [['v2']], [['v1', 'v2']]] as const)('%j fits version v2', (ifMatch) => {
    expect(() => checkIfMatch(ifMatch, resource)).not.toThrow();
  });

  it('refuses a version that is not the current one', () => {
    expect(() => checkIfMatch(['v1'], resource)).toThrow(expect.objectContaining({ status: 412 }));
  });
});
