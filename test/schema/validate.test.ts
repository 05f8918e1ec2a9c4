import { beforeAll, describe, expect, it } from '@jest/globals';
import { enterpriseUserSchema } from '../../src/schema/core/enterprise-user.js';
import { userSchema } from '../../src/schema/core/user.js';
import type { AttributeDefinition } from '../../src/schema/definition.js';
import type { InvalidValueError } from '../../src/errors.js';
import { isBase64, isDateTime } from '../../src/schema/formats.js';
import { compileResourceType } from '../../src/schema/resource-type.js';
import { createValidator } from '../../src/schema/validate.js';

const user = compileResourceType({
  name: 'User',
  endpoint: '/Users',
  schema: userSchema,
  extensions: [{ schema: enterpriseUserSchema }],
});
const enterprise = enterpriseUserSchema.id;

function typeWith(...attributes: AttributeDefinition[]): ReturnType<typeof compileResourceType> {
  return compileResourceType({ name: 'Thing', endpoint: '/Things', schema: { id: 'urn:example:Thing', attributes } });
}

// Once the first check has loaded the compiler, later checks are synchronous.
let first: unknown;
beforeAll(async () => {
  first = createValidator(user, false).resource({});
  await Promise.resolve(first).catch(() => undefined);
});

it('makes only the first check of a process asynchronous', async () => {
  expect(first).toBeInstanceOf(Promise);
  await expect(first).rejects.toThrow('userName is required.');
  expect(createValidator(user, false).change({})).toBeUndefined();
});

describe('validation against the schema', () => {
  const validator = createValidator(user, false);

  it.each([
    [{}, 'userName is required.'],
    [{ userName: '' }, 'userName is required and may not be empty.'],
    [{ userName: 'a', displayName: 42 }, 'displayName must be a string.'],
    [{ userName: 'a', name: 'x' }, 'name must be an object.'],
    [{ userName: 'a', active: 'yes' }, 'active must be true or false.'],
    [{ userName: 'a', emails: [{ value: 1 }] }, 'emails.value must be a string.'],
    [{ userName: 'a', x509Certificates: [{ value: '%%%' }] }, 'x509Certificates.value must be base64.'],
    [{ userName: 'a', [enterprise]: { department: {} } }, `${enterprise}:department must be a string.`],
    [{ userName: 'a', [enterprise]: { manager: { value: 7 } } }, `${enterprise}:manager.value must be a string.`],
    [
      { userName: 'a', emails: [{ primary: true }, { primary: true }] },
      'emails must have at most one value with primary true.',
    ],
  ])('refuses %j and names the attribute', (resource, detail) => {
    expect(() => validator.resource(resource)).toThrow(detail);
  });

  it('accepts values outside canonicalValues, which are suggestions (7643-2.3.1-01)', () => {
    void validator.resource({
      userName: 'a',
      emails: [{ value: 'x', type: 'custom', primary: true }, { primary: false }],
    });
  });

  it('requires of a change only the attributes that it has', () => {
    void validator.change({ title: 'x' });
    expect(() => validator.change({ title: 1 })).toThrow('title must be a string.');
  });

  it('never echoes a value', () => {
    expect.assertions(1);
    try {
      void validator.resource({ userName: 'a', displayName: { secret: 'hunter2' } });
    } catch (error) {
      expect((error as Error).message).not.toContain('hunter2');
    }
  });
});

describe('types that only custom schemas use', () => {
  const validator = createValidator(
    typeWith(
      { name: 'count', type: 'integer' },
      { name: 'ratio', type: 'decimal' },
      { name: 'since', type: 'dateTime' },
      { name: 'link', type: 'reference', referenceTypes: ['external'] },
      { name: 'size', canonicalValues: ['S', 'M'], closed: true },
      { name: 'code', canonicalValues: ['A'], closed: true, caseExact: true },
      { name: 'tags', multiValued: true },
      { name: 'must', type: 'complex', subAttributes: [{ name: 'have', required: true }, { name: 'may' }] },
    ),
    false,
  );

  it.each([
    [{ count: 1.5 }, 'count must be an integer.'],
    [{ ratio: '1.5' }, 'ratio must be a number.'],
    [{ since: '2008-01-23' }, 'since must be a date and time such as 2008-01-23T04:56:22Z.'],
    [{ size: 'XL' }, 'size must be one of the canonical values of its schema: S, M.'],
    [{ code: 'a' }, 'code must be one of the canonical values of its schema: A.'],
    [{ tags: 'x' }, 'tags must be an array.'],
    [{ tags: [1] }, 'tags must be a string.'],
    [{ must: { may: 'x' } }, 'must.have is required.'],
  ])('refuses %j', (resource, detail) => {
    expect(() => validator.change(resource)).toThrow(detail);
  });

  it('accepts values of the right types', () => {
    void validator.resource({
      count: 1,
      ratio: 1.5,
      since: '2008-01-23T04:56:22Z',
      size: 's',
      code: 'A',
      link: 'not a uri',
      tags: ['x'],
      must: { have: 'x' },
    });
  });

  it('names the required attribute of an extension', () => {
    const type = compileResourceType({
      name: 'Thing',
      endpoint: '/Things',
      schema: { id: 'urn:example:Thing', attributes: [{ name: 'a' }] },
      extensions: [{ required: true, schema: { id: 'urn:example:More', attributes: [{ name: 'b', required: true }] } }],
    });
    const strict = createValidator(type, false);
    expect(() => strict.resource({ a: 'x' })).toThrow('urn:example:More is required.');
    expect(() => strict.resource({ 'urn:example:More': {} })).toThrow('urn:example:More:b is required.');
  });
});

describe('strict mode', () => {
  it('checks references and country codes', () => {
    const strict = createValidator(user, true);
    expect(() => strict.resource({ userName: 'a', profileUrl: 'not a url' })).toThrow('profileUrl must be a URI.');
    expect(() => strict.resource({ userName: 'a', addresses: [{ country: 'USA' }] })).toThrow(
      'addresses.country must match ^[A-Za-z]{2}$.',
    );
    void strict.resource({ userName: 'a', profileUrl: '../me', addresses: [{ country: 'US' }] });
  });
});

describe('xsd:dateTime (RFC 7643 2.3.5)', () => {
  it.each([
    '2008-01-23T04:56:22Z',
    '2008-01-23T04:56:22',
    '2008-02-29T24:00:00+14:00',
    '2008-01-23T04:56:22.123456-05:30',
  ])('accepts %s', (text) => expect(isDateTime(text)).toBe(true));
  it.each([
    '2008-01-23',
    '04:56:22',
    '2007-02-29T00:00:00Z',
    '2008-13-01T00:00:00Z',
    '2008-00-01T00:00:00Z',
    '2008-01-00T00:00:00Z',
    '2008-01-23T25:00:00Z',
    '2008-01-23T24:00:01Z',
    '2008-01-23T04:60:00Z',
    '2008-01-23T04:00:60Z',
    '2008-01-23T04:00:00+15:00',
    '2008-01-23T04:00:00+01:60',
    '2008-01-23t04:00:00z',
    `2008-01-23T04:00:00.${'1'.repeat(60)}Z`,
  ])('refuses %s', (text) => expect(isDateTime(text)).toBe(false));
});

describe('base64 (RFC 7643 2.3.6)', () => {
  it.each(['', 'QQ==', 'QQ', 'QUI=', 'QUJD', 'a-_b', 'ab+/'])('accepts %j', (text) =>
    expect(isBase64(text)).toBe(true),
  );
  it.each(['%', 'Q', 'QUJDQ', 'Q=', 'QQ=', 'a-+b', 'QQ==='])('refuses %j', (text) =>
    expect(isBase64(text)).toBe(false),
  );
});

describe('constraints', () => {
  const validator = createValidator(
    typeWith(
      { name: 'code', minLength: 2, maxLength: 4, pattern: '^[a-z]+$' },
      { name: 'serial', pattern: '^(?:[a-z]\\d{1,3}-)*x+$' },
      { name: 'count', type: 'integer', minimum: 1, maximum: 9 },
      { name: 'price', type: 'decimal', minimum: 0.5 },
      { name: 'labels', multiValued: true, minItems: 2, maxItems: 3, maxLength: 3 },
      {
        name: 'parts',
        type: 'complex',
        multiValued: true,
        maxItems: 1,
        subAttributes: [{ name: 'value', maxLength: 1 }],
      },
    ),
    false,
  );

  it.each([
    [{ code: 'a' }, 'code must have at least 2 characters.', 'length'],
    [{ code: 'abcde' }, 'code must have at most 4 characters.', 'length'],
    [{ code: 'AB' }, 'code must match ^[a-z]+$.', 'pattern'],
    [{ serial: 'x'.repeat(1001) }, 'serial must have at most 1000 characters.', 'length'],
    [{ count: 0 }, 'count must be 1 or more.', 'range'],
    [{ count: 10 }, 'count must be 9 or less.', 'range'],
    [{ price: 0.4 }, 'price must be 0.5 or more.', 'range'],
    [{ labels: ['a'] }, 'labels must have at least 2 values.', 'count'],
    [{ labels: ['a', 'b', 'c', 'd'] }, 'labels must have at most 3 values.', 'count'],
    [{ labels: ['a', 'bcde'] }, 'labels must have at most 3 characters.', 'length'],
    [{ parts: [{ value: 'a' }, { value: 'b' }] }, 'parts must have at most 1 values.', 'count'],
    [{ parts: [{ value: 'ab' }] }, 'parts.value must have at most 1 characters.', 'length'],
  ])('refuses %j', (set, message, code) => {
    for (const check of [validator.change, validator.resource]) {
      expect(() => check(set)).toThrow(
        expect.objectContaining({ message, errors: [{ path: expect.any(String), code, message }] }),
      );
    }
  });

  it('accepts what fits', () => {
    const fine = {
      code: 'ab',
      serial: 'a12-xx',
      count: 9,
      price: 0.5,
      labels: ['a', '\u{1F600}\u{1F600}b'],
      parts: [],
    };
    expect(validator.resource(fine)).toBeUndefined();
  });

  it.each<[Omit<AttributeDefinition, 'name'>, string]>([
    [{ type: 'integer', maxLength: 1 }, 'has maxLength, which only strings can have'],
    [{ maxLength: -1 }, 'has an invalid maxLength'],
    [{ minLength: 3, maxLength: 2 }, 'has a minLength above its maxLength'],
    [{ minimum: 1 }, 'has minimum, which only numbers can have'],
    [{ type: 'decimal', maximum: NaN }, 'has an invalid maximum'],
    [{ type: 'integer', minimum: 3, maximum: 2 }, 'has a minimum above its maximum'],
    [{ maxItems: 1 }, 'has maxItems but is not multiValued'],
    [{ multiValued: true, minItems: 0.5 }, 'has an invalid minItems'],
    [{ multiValued: true, minItems: 2, maxItems: 1 }, 'has a minItems above its maxItems'],
    [{ type: 'boolean', pattern: 'a' }, 'has a pattern, which only strings can have'],
    [{ pattern: '(' }, 'has an invalid pattern'],
    [{ pattern: '(a+)+$' }, 'has a pattern that may take exponential time'],
    [{ pattern: '((a*)b)*' }, 'has a pattern that may take exponential time'],
    [{ pattern: '(a|a)*$' }, 'has a pattern that may take exponential time'],
    [{ pattern: '((?:a|aa)){2,}$' }, 'has a pattern that may take exponential time'],
    [{ pattern: '(a+){30}$' }, 'has a pattern that may take exponential time'],
    [{ pattern: '(a)\\1' }, 'has a pattern with a backreference'],
    [{ pattern: '(?=a)a' }, 'has a pattern with a lookaround'],
    [{ pattern: '(?<!a)b' }, 'has a pattern with a lookaround'],
  ])('refuses the definition %j', (definition, problem) => {
    expect(() => typeWith({ name: 'a', ...definition })).toThrow(problem);
  });

  it.each([['^[(+*)|]+$'], ['^(?:a|b)$'], ['^(?:a|b)?c$'], ['^(?:[a-z]{2,4}){1,3}$'], ['^(?<year>\\d{4})-\\w+$']])(
    'takes the pattern %s',
    (pattern) => {
      expect(() => typeWith({ name: 'a', pattern })).not.toThrow();
    },
  );
});

describe('the names of a definition', () => {
  it.each([
    [{ multivalued: true }, 'attribute "a" has an unknown characteristic "multivalued": write multiValued'],
    [{ uniq: true }, 'has an unknown characteristic "uniq": write one of name, type'],
    [{ multiValued: 'true' }, 'has a wrong multiValued: write true or false'],
    [{ description: 1 }, 'has a wrong description: write a string'],
  ])('refuses %j', (characteristic, problem) => {
    expect(() => typeWith({ name: 'a', ...characteristic } as AttributeDefinition)).toThrow(problem);
    const inner = { name: 'c', type: 'complex', subAttributes: [{ name: 'a', ...characteristic }] };
    expect(() => typeWith(inner as AttributeDefinition)).toThrow(problem);
  });
});

describe('every mistake at once', () => {
  const validator = createValidator(user, false);

  it('names each attribute once for each kind of mistake, and never a value', () => {
    const resource = {
      displayName: 1,
      active: 'secret',
      emails: [{ value: 1 }, { value: 2 }, 'x', { primary: true }, { primary: true }],
      name: { givenName: [] },
      [enterprise]: { department: {}, manager: 'm' },
    };
    const errors = [
      ['userName', 'required'],
      ['name.givenName', 'type'],
      ['displayName', 'type'],
      ['active', 'type'],
      ['emails.value', 'type'],
      ['emails', 'type'],
      [`${enterprise}:department`, 'type'],
      [`${enterprise}:manager`, 'type'],
      ['emails', 'value'],
    ];
    expect.assertions(3);
    try {
      void validator.resource(resource);
    } catch (error) {
      const { errors: found, message } = error as InvalidValueError;
      expect(found.map(({ path, code }) => [path, code])).toEqual(errors);
      expect(message).toBe(found.map((each) => each.message).join(' '));
      expect(message).not.toMatch(/secret/);
    }
  });

  it('lists at most 100, and names at most 20', () => {
    const wide = createValidator(
      typeWith(...Array.from({ length: 150 }, (_, index) => ({ name: `a${String(index)}`, required: true }))),
      false,
    );
    expect.assertions(2);
    try {
      void wide.resource({});
    } catch (error) {
      const { errors, message } = error as InvalidValueError;
      expect(errors).toHaveLength(100);
      expect(message).toMatch(/^a0 is required\. .* a19 is required\. 80 more values are wrong\.$/);
    }
  });
});
