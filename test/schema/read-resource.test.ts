import { unlimitedWork } from '../../src/contract/work.js';
import { defaultLimits } from '../../src/limits.js';
import { describe, expect, it } from '@jest/globals';
import type { QuirkId } from '../../src/quirks/quirks.js';
import { enterpriseUserSchema } from '../../src/schema/core/enterprise-user.js';
import { groupSchema } from '../../src/schema/core/group.js';
import { userSchema } from '../../src/schema/core/user.js';
import { readResource } from '../../src/schema/read-resource.js';
import { compileResourceType } from '../../src/schema/resource-type.js';

const enterprise = enterpriseUserSchema.id;
const user = compileResourceType({
  name: 'User',
  endpoint: '/Users',
  schema: userSchema,
  extensions: [{ schema: enterpriseUserSchema }],
  keeps: (path) => path !== 'password' && path !== 'nickName',
});
const group = compileResourceType({ name: 'Group', endpoint: '/Groups', schema: groupSchema });
const schemas = [userSchema.id];

function lenient(body: unknown): { resource: unknown; quirks: QuirkId[] } {
  const quirks: QuirkId[] = [];
  const resource = readResource(user, body, (quirk) => {
    if (!quirks.includes(quirk)) quirks.push(quirk);
    return true;
  });
  return { resource, quirks };
}
const strict = (body: unknown): unknown => readResource(user, body, () => false);

describe('reading a body', () => {
  it('reads names in any letter case into canonical names (7643-2.1-02)', () => {
    const body = {
      SCHEMAS: schemas,
      USERNAME: 'a',
      Name: { GIVENNAME: 'G' },
      [enterprise.toUpperCase()]: { DEPARTMENT: 'D' },
    };
    expect(strict(body)).toEqual({ userName: 'a', name: { givenName: 'G' }, [enterprise]: { department: 'D' } });
  });

  it('refuses an attribute that appears twice in different letter case (7643-2.1-03)', () => {
    expect(() => lenient({ schemas, userName: 'a', USERNAME: 'b' })).toThrow('userName appears more than once');
    expect(() => lenient({ schemas, name: { givenName: 'a', GivenName: 'b' } })).toThrow(
      'name.givenName appears more than once',
    );
  });

  it('reads null, [] and empty objects as unassigned (7643-2.5-01)', () => {
    expect(
      strict({ schemas, userName: 'a', title: null, emails: [], name: { givenName: null }, [enterprise]: null }),
    ).toEqual({
      userName: 'a',
    });
    expect(strict({ schemas, emails: [null, { value: null }, { value: 'x', display: null }] })).toEqual({
      emails: [{ value: 'x' }],
    });
  });

  it('drops attributes that a client cannot write (7644-3.3-04)', () => {
    const body = { schemas, userName: 'a', id: 'mine', meta: { created: 'x' }, groups: [{ value: 'g' }] };
    expect(strict(body)).toEqual({ userName: 'a' });
    expect(strict({ schemas, [enterprise]: { manager: { value: '1', displayName: 'x' } } })).toEqual({
      [enterprise]: { manager: { value: '1' } },
    });
  });

  it('keeps the id of a reference and not its URI, which is derived', () => {
    const manager = { $ref: 'https://x.example/Users/a%20b', value: undefined };
    expect(strict({ schemas, [enterprise]: { manager } })).toEqual({ [enterprise]: { manager: { value: 'a b' } } });
    expect(strict({ schemas, [enterprise]: { manager: { $ref: '../Users/%ff' } } })).toEqual({
      [enterprise]: { manager: { $ref: '../Users/%ff' } },
    });
    expect(
      readResource(
        group,
        { schemas: [groupSchema.id], members: [{ value: '1', $ref: 'x' }, { value: '1' }] },
        () => false,
      ),
    ).toEqual({ members: [{ value: '1' }] });
  });

  it('removes duplicate values (7643-2.4-04)', () => {
    const email = { value: 'x', type: 'work' };
    expect(strict({ schemas, emails: [email, { ...email }, { value: 'x', type: 'home' }] })).toEqual({
      emails: [email, { value: 'x', type: 'home' }],
    });
  });

  it('removes duplicates among many values with the same `value` in linear time', () => {
    const emails = Array.from({ length: 50_000 }, (_, i) => ({ value: 'x', display: String(i % 40_000) }));
    const bounds = { limits: { ...defaultLimits, attributeValues: 50_000 }, work: unlimitedWork };
    expect(readResource(user, { schemas, emails }, () => false, bounds)['emails']).toHaveLength(40_000);
  });

  it('charges values that begin like JSON and are none: each costs the error of a parser', () => {
    let units = 0;
    const work = { spend: (more: number) => (units += more), pause: () => undefined };
    const roles = Array.from({ length: 100 }, (_, i) => ({ value: `{${String(i)}` }));
    readResource(user, { schemas, roles }, () => true, { limits: defaultLimits, work });
    expect(units).toBeGreaterThan(100 * 1_000);
  });

  it.each([null, 'x', 1, [], [{}]])('refuses %j, which is not an object', (body) => {
    expect(() => lenient(body)).toThrow('must be a JSON object');
  });
});

describe('quirks of a body', () => {
  it.each<[QuirkId, Record<string, unknown>, Record<string, unknown>]>([
    ['boolean-as-string', { active: 'True' }, { active: true }],
    ['boolean-as-string', { active: 'fAlse' }, { active: false }],
    ['string-for-complex', { [enterprise]: { manager: '7' } }, { [enterprise]: { manager: { value: '7' } } }],
    [
      'array-for-single',
      { [enterprise]: { manager: [{ value: '7' }] } },
      { [enterprise]: { manager: { value: '7' } } },
    ],
    ['array-for-single', { title: ['x'] }, { title: 'x' }],
    ['single-for-array', { emails: { value: 'x' } }, { emails: [{ value: 'x' }] }],
    ['empty-string', { title: '' }, {}],
    ['empty-string', { active: '' }, {}],
    ['empty-string', { [enterprise]: { manager: '' } }, {}],
    ['empty-string', { emails: '' }, {}],
    ['empty-string', { emails: [{ value: '' }] }, {}],
    ['empty-string', { name: '' }, {}],
    ['unknown-attribute', { shoeSize: 9 }, {}],
    ['unknown-attribute', { name: { shoeSize: 9 } }, {}],
    ['unsupported-attribute', { password: 'x' }, {}],
    ['unsupported-attribute', { NickName: 'x' }, {}],
    ['unknown-schema', { 'urn:example:Unknown': { a: 1 } }, {}],
    [
      'json-text-value',
      { roles: [{ value: '{"value":"r","display":"R"}' }] },
      { roles: [{ value: 'r', display: 'R' }] },
    ],
  ])('%s: %j', (quirk, body, expected) => {
    expect(lenient({ schemas, ...body })).toEqual({ resource: expected, quirks: [quirk] });
  });

  it('accepts an unknown URI in schemas, and a list without the core schema', () => {
    expect(lenient({ schemas: ['urn:scim:schemas:core:2.0'], userName: 'a' })).toEqual({
      resource: { userName: 'a' },
      quirks: ['unknown-schema', 'core-schema-missing'],
    });
  });

  it.each([undefined, null])('accepts schemas that are %j, unless strict (standards reading 49)', (value) => {
    expect(lenient({ schemas: value, userName: 'a' })).toEqual({
      resource: { userName: 'a' },
      quirks: ['schemas-missing'],
    });
    expect(() => strict({ schemas: value, userName: 'a' })).toThrow('"schemas" must be a list');
  });

  it.each([[[]], ['x'], [[1]], [{}], ['']])('still refuses schemas %j', (value) => {
    expect(() => lenient({ schemas: value, userName: 'a' })).toThrow('"schemas" must be a list');
  });

  it('still refuses the schema of another resource or message', () => {
    expect(() => lenient({ schemas: [groupSchema.id] })).toThrow('names a schema that User does not have');
    expect(() => lenient({ schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'] })).toThrow('does not have');
  });

  it('leaves JSON text alone that is not a complex value', () => {
    for (const value of ['{x', '{"a":1}', '{"value":1}', '[1]']) {
      expect(lenient({ schemas, roles: [{ value }] }).resource).toEqual({ roles: [{ value }] });
    }
  });
});

describe('a body in strict mode', () => {
  it.each([
    [{ shoeSize: 9 }, 'The body has the attribute shoeSize, which User does not have.'],
    [{ name: { shoeSize: 9 } }, 'name has the attribute shoeSize, which User does not have.'],
    [{ 'x\u0000': 9 }, 'The body has an attribute that User does not have.'],
    [{ ['x'.repeat(101)]: 9 }, 'The body has an attribute that User does not have.'],
    [{ 'ann@example.com': 9 }, 'The body has an attribute that User does not have.'],
    [{ password: 'x' }, 'has the attribute password, which User does not have'],
    [{ 'urn:example:Unknown': {} }, 'has the attribute urn:example:Unknown, which User does not have'],
    [{ emails: { value: 'x' } }, 'emails must be an array'],
    [{ schemas: [userSchema.id, 'urn:example:Unknown'] }, 'names an unknown schema'],
    [{ schemas: [enterprise] }, 'must name'],
  ])('refuses %j', (body, detail) => expect(() => strict({ schemas, ...body })).toThrow(detail));

  it.each([
    { active: 'True' },
    { title: '' },
    { [enterprise]: { manager: '7' } },
    { [enterprise]: { manager: [{ value: '7' }] } },
  ])('leaves %j for the validator to refuse', (body) => expect(strict({ schemas, ...body })).toEqual(body));
});
