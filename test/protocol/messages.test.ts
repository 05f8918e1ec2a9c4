import { describe, expect, it } from '@jest/globals';
import { checkMessage, messages, readMember } from '../../src/protocol/messages.js';

describe('members of a message', () => {
  it('are found in any letter case (7643-2.1-02)', () => {
    expect(readMember({ failOnErrors: 1 }, 'failonerrors')).toBe(1);
    expect(readMember({ Operations: [] }, 'schemas')).toBeUndefined();
  });

  it('are refused where two have the same name', () => {
    expect(() => readMember({ op: 'add', OP: 'add' }, 'op')).toThrow('The member "op" appears more than once');
  });
});

const never = (): boolean => false;

describe.each(Object.entries(messages))('the schemas of %s', (_, uri) => {
  it('must name it, in any letter case', () => {
    checkMessage({ schemas: [uri] }, uri, never);
    checkMessage({ Schemas: ['urn:example:other', uri.toUpperCase()] }, uri, never);
  });

  it.each([undefined, null, uri, [], [1], ['urn:example:other'], [`${uri}x`]])('cannot be %j', (schemas) => {
    expect(() => {
      checkMessage({ schemas }, uri, never);
    }).toThrow(`"schemas" must be a list that names ${uri}.`);
  });
});
