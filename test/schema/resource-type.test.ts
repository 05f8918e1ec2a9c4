import { describe, expect, it } from '@jest/globals';
import { enterpriseUserSchema } from '../../src/schema/core/enterprise-user.js';
import { userSchema } from '../../src/schema/core/user.js';
import type { AttributeDefinition } from '../../src/schema/definition.js';
import { isCoreSchema, resolveAttribute } from '../../src/schema/notation.js';
import { compileResourceType } from '../../src/schema/resource-type.js';

const enterprise = enterpriseUserSchema.id;
const user = compileResourceType({
  name: 'User',
  endpoint: '/Users',
  schema: userSchema,
  extensions: [{ schema: enterpriseUserSchema }],
});

describe('attribute notation (RFC 7644 3.10)', () => {
  it.each([
    ['userName', 'userName'],
    ['USERNAME', 'userName'],
    ['name.GIVENNAME', 'name.givenName'],
    [`${userSchema.id}:userName`, 'userName'],
    [`${userSchema.id.toUpperCase()}:Name.GivenName`, 'name.givenName'],
    [`${enterprise}:department`, `${enterprise}:department`],
    [`${enterprise}:manager.value`, `${enterprise}:manager.value`],
    [`${enterprise}:Manager.$REF`, `${enterprise}:manager.$ref`],
    [enterprise.toLowerCase(), enterprise],
    ['meta.created', 'meta.created'],
  ])('finds %s (7644-3.10-01)', (name, path) => {
    expect(resolveAttribute(user, name)).toEqual({ attribute: expect.objectContaining({ path }), unprefixed: false });
  });

  it.each(['manager', 'Department', 'manager.value'])('finds %s without its URN, and marks it', (name) => {
    expect(resolveAttribute(user, name)?.unprefixed).toBe(true);
  });

  it.each([
    'nosuch',
    'name.nosuch',
    'userName.value',
    `${enterprise}.manager`,
    `${enterprise}:nosuch`,
    `${enterprise}:userName`,
    `${userSchema.id}:department`,
    `${userSchema.id}:${enterprise}`,
    `${userSchema.id}userName`,
    'urn:example:nosuch',
    '__proto__',
    'constructor',
    'name.__proto__',
    '',
    '.',
    userSchema.id,
  ])('finds nothing for %j', (name) => expect(resolveAttribute(user, name)).toBeUndefined());

  it('does not guess where two extensions have the name', () => {
    const type = compileResourceType({
      name: 'T',
      endpoint: '/Ts',
      schema: { id: 'urn:example:T', attributes: [{ name: 'a' }] },
      extensions: ['urn:example:T:X', 'urn:example:T:Y'].map((id) => ({ schema: { id, attributes: [{ name: 'b' }] } })),
    });
    expect(resolveAttribute(type, 'b')).toBeUndefined();
    // The longest matching URI wins.
    expect(resolveAttribute(type, 'urn:example:T:X:b')?.attribute.path).toBe('urn:example:T:X:b');
  });

  it('recognizes the URN of the core schema', () => {
    expect(isCoreSchema(user, userSchema.id.toUpperCase())).toBe(true);
    expect(isCoreSchema(user, enterprise)).toBe(false);
  });
});

describe('compiling a resource type', () => {
  const compile = (attribute: Record<string, unknown>): unknown =>
    compileResourceType({
      name: 'T',
      endpoint: '/Ts',
      schema: { id: 'urn:example:T', attributes: [attribute as unknown as AttributeDefinition] },
    });

  it('uses the defaults of RFC 7643 2.2 (7643-2.2-01)', () => {
    const type = compileResourceType({
      name: 'T',
      endpoint: '/Ts',
      schema: { id: 'urn:example:T', attributes: [{ name: 'a' }] },
    });
    expect(type.attributes.get('A')).toMatchObject({
      type: 'string',
      required: false,
      caseExact: false,
      mutability: 'readWrite',
      returned: 'default',
      uniqueness: 'none',
    });
  });

  it.each([
    [{ name: '9x' }, 'is not a valid name'],
    [{ name: undefined }, 'is not a valid name'],
    [{ name: 'a', type: 'text' }, 'has an unknown type'],
    [{ name: 'a', mutability: 'x' }, 'unknown mutability'],
    [{ name: 'a', returned: 'x' }, 'unknown "returned"'],
    [{ name: 'a', uniqueness: 'x' }, 'unknown uniqueness'],
    [{ name: 'a', type: 'complex' }, 'has no subAttributes'],
    [{ name: 'a', type: 'complex', subAttributes: [] }, 'has no subAttributes'],
    [{ name: 'a', type: 'complex', uniqueness: 'server', subAttributes: [{ name: 'b' }] }, 'is complex and unique'],
    [{ name: 'a', subAttributes: [{ name: 'b' }] }, 'but is not complex'],
    [{ name: 'a', referenceTypes: ['User'] }, 'is not a reference'],
    [{ name: 'a', closed: true }, 'has no canonicalValues'],
    [{ name: 'a', mutability: 'writeOnly' }, 'write returned "never"'],
    [{ name: 'a', mutability: 'readOnly', required: true }, 'no client can satisfy'],
    [
      { name: 'a', type: 'complex', subAttributes: [{ name: 'b', type: 'complex', subAttributes: [{ name: 'c' }] }] },
      'is complex inside a complex attribute',
    ],
    [{ name: 'a', type: 'complex', subAttributes: [{ name: 'b' }, { name: 'B' }] }, 'is defined twice'],
  ])('refuses %j, and says what to write (7643-2.3.8-02, 7643-2.1-04)', (attribute, sentence) => {
    expect(() => compile(attribute)).toThrow(sentence);
  });

  it.each([
    [{ id: 'no uri', attributes: [] }, 'has no valid id'],
    [{ id: undefined, attributes: [] }, 'has no valid id'],
    [{ id: 'urn:example:T' }, 'has no attributes'],
  ])('refuses schema %j', (schema, sentence) => {
    expect(() => compileResourceType({ name: 'T', endpoint: '/Ts', schema: schema as never })).toThrow(sentence);
  });

  it('refuses one schema twice', () => {
    const schema = { id: 'urn:example:T', attributes: [{ name: 'a' }] };
    expect(() => compileResourceType({ name: 'T', endpoint: '/Ts', schema, extensions: [{ schema }] })).toThrow(
      'twice',
    );
  });

  it('leaves out attributes that the store does not keep, and lists them as unsupported', () => {
    const type = compileResourceType({
      name: 'User',
      endpoint: '/Users',
      schema: userSchema,
      extensions: [{ schema: enterpriseUserSchema }],
      keeps: (path) => !['title', 'name.middleName', enterprise].includes(path),
    });
    expect(resolveAttribute(type, 'title')).toBeUndefined();
    expect(resolveAttribute(type, 'name.middleName')).toBeUndefined();
    expect(type.extensions).toEqual([]);
    const dropped = ['title', 'name.middlename', enterprise, `${enterprise}:department`, 'department'];
    expect([...type.unsupported]).toEqual(expect.arrayContaining(dropped.map((path) => path.toLowerCase())));
    expect(type.schema.attributes.map((attribute) => attribute.name)).not.toContain('title');
  });

  it('lists the unique attributes that clients can write', () => {
    expect(user.unique.map((attribute) => attribute.path)).toEqual(['userName']);
  });
});
