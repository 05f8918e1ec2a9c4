import { describe, expect, it } from '@jest/globals';
import { findReferences } from '../../src/operations/references.js';
import { deviceType, enterprise, groupType, userType } from './types.js';

const found = (type: typeof userType): unknown[] =>
  findReferences(type).map(({ attribute, types, nameIn }) => [attribute.path, types, nameIn]);

describe('references of a resource type', () => {
  it('are found inside an extension, and groups are not among them: they are derived as a whole', () => {
    expect(found(userType)).toEqual([[`${enterprise}:manager`, ['User'], 'displayName']]);
  });

  it('name every type that their $ref may name', () => {
    expect(found(groupType)).toEqual([['members', ['User', 'Group'], 'display']]);
  });

  it('are complex attributes with value and $ref only', () => {
    expect(found(deviceType)).toEqual([]);
  });
});
