import { describe, expect, it } from '@jest/globals';
import { enterpriseUserSchema } from '../../src/schema/core/enterprise-user.js';
import { userSchema } from '../../src/schema/core/user.js';
import { project, type ProjectionRequest } from '../../src/schema/project.js';
import { compileResourceType } from '../../src/schema/resource-type.js';

const enterprise = enterpriseUserSchema.id;
const user = compileResourceType({
  name: 'User',
  endpoint: '/Users',
  schema: userSchema,
  extensions: [{ schema: enterpriseUserSchema }],
});
const resource = {
  id: '1',
  userName: 'ada',
  password: 'never',
  name: { givenName: 'Ada', familyName: 'L' },
  emails: [
    { value: 'a@x', type: 'work' },
    { value: 'b@x', type: 'home' },
  ],
  [enterprise]: { department: 'D', manager: { value: '2' } },
  meta: { created: 'c', lastModified: 'l', version: 'v' },
};
const derived = { meta: { resourceType: 'User', version: 'W/"v"' } };

function shown(request: ProjectionRequest): Record<string, unknown> {
  const { schemas, ...rest } = project(user, request).apply(resource, derived);
  expect(schemas).toEqual([userSchema.id, enterprise]);
  return rest;
}

describe('projection (RFC 7644 3.9)', () => {
  it('shows every attribute that is returned by default, and never a password (7643-4.1.1-10)', () => {
    const { password: _, ...expected } = resource;
    expect(shown({})).toEqual({ ...expected, ...derived });
    expect(shown({ attributes: ['password'] })).toEqual({ id: '1' });
  });

  it.each([
    ['names in any case', ['USERNAME'], { userName: 'ada' }],
    ['sub-attributes', ['name.givenName'], { name: { givenName: 'Ada' } }],
    ['sub-attributes of values', ['emails.value'], { emails: [{ value: 'a@x' }, { value: 'b@x' }] }],
    ['qualified names', [`${userSchema.id}:name.familyName`], { name: { familyName: 'L' } }],
    ['extension attributes', [`${enterprise.toUpperCase()}:department`], { [enterprise]: { department: 'D' } }],
    ['deep extension attributes', [`${enterprise}:manager.value`], { [enterprise]: { manager: { value: '2' } } }],
    ['whole extensions', [enterprise], { [enterprise]: resource[enterprise as keyof typeof resource] }],
    ['parts of meta', ['meta.version'], { meta: { version: 'W/"v"' } }],
    ['unknown names not at all', ['nosuch', 'name.nosuch'], {}],
    ['what is always returned anyway', ['id', 'schemas'], {}],
  ])('shows %s', (_, attributes, expected) => {
    expect(shown({ attributes })).toEqual({ id: '1', ...expected });
  });

  it('reads the URN of the core schema as all core attributes', () => {
    const all = shown({ attributes: [userSchema.id] });
    expect(all['userName']).toBe('ada');
    expect(all[enterprise]).toBeUndefined();
  });

  it('excludes attributes and sub-attributes, but never an attribute that is always returned (7644-3.4.2.5-02)', () => {
    const rest = shown({ excludedAttributes: ['id', 'name', 'emails.type', 'meta', `${enterprise}:manager`] });
    expect(rest).toEqual({
      id: '1',
      userName: 'ada',
      emails: [{ value: 'a@x' }, { value: 'b@x' }],
      [enterprise]: { department: 'D' },
    });
  });

  it('refuses both lists at once (7644-3.9-05)', () => {
    expect(() => project(user, { attributes: ['a'], excludedAttributes: ['b'] })).toThrow('not both');
  });

  it('selects the attributes that the response needs', () => {
    const projection = project(user, { attributes: ['name.givenName', `${enterprise}:department`] });
    expect([...projection.selection].sort()).toEqual(['name', enterprise].sort());
    expect(projection.meta).toBe(false);
    expect(projection.shows('name.givenName')).toBe(true);
    expect(projection.shows('name.familyName')).toBe(false);
    expect(projection.shows('nosuch')).toBe(false);
    expect(projection.shows('title')).toBe(false);
  });

  it('leaves out a complex value without any shown part', () => {
    expect(shown({ attributes: ['name.middleName', 'emails.display'] })).toEqual({ id: '1' });
  });
});

describe('returned (RFC 7643 7)', () => {
  const type = compileResourceType({
    name: 'Thing',
    endpoint: '/Things',
    schema: {
      id: 'urn:example:Thing',
      attributes: [
        { name: 'always', returned: 'always' },
        { name: 'onRequest', returned: 'request' },
        { name: 'never', returned: 'never' },
        {
          name: 'mixed',
          type: 'complex',
          subAttributes: [
            { name: 'always', returned: 'always' },
            { name: 'onRequest', returned: 'request' },
            { name: 'plain' },
          ],
        },
      ],
    },
  });
  const thing = {
    id: '1',
    always: 'a',
    onRequest: 'b',
    never: 'c',
    mixed: { always: 'd', onRequest: 'e', plain: 'f' },
  };
  const show = (request: ProjectionRequest): unknown => {
    const { schemas: _, id: __, ...rest } = project(type, request).apply(thing, undefined);
    return rest;
  };

  it('shows an attribute returned on request only when it is requested (7643-7-11)', () => {
    expect(show({})).toEqual({ always: 'a', mixed: { always: 'd', plain: 'f' } });
    expect(show({ attributes: ['onRequest'] })).toEqual({ always: 'a', onRequest: 'b', mixed: { always: 'd' } });
    expect(show({ attributes: ['mixed'] })).toEqual({ always: 'a', mixed: { always: 'd', plain: 'f' } });
    expect(show({ attributes: ['mixed.onRequest'] })).toEqual({ always: 'a', mixed: { always: 'd', onRequest: 'e' } });
  });

  it('shows an attribute returned on request in the response to a write of it', () => {
    expect(show({ asserted: ['onRequest', 'mixed.onRequest'] })).toEqual({
      always: 'a',
      onRequest: 'b',
      mixed: { always: 'd', onRequest: 'e', plain: 'f' },
    });
  });

  it('keeps the sub-attributes of an excluded attribute that are always returned (7643-7-08)', () => {
    expect(show({ excludedAttributes: ['always', 'mixed.always', 'mixed.plain'] })).toEqual({
      always: 'a',
      mixed: { always: 'd' },
    });
  });

  it('never shows an attribute that is never returned (7643-7-09)', () => {
    expect(show({ attributes: ['never'], asserted: ['never'] })).toEqual({ always: 'a', mixed: { always: 'd' } });
  });
});
