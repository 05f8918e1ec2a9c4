import { describe, expect, it } from '@jest/globals';
import { enterpriseUserSchema } from '../../src/schema/core/enterprise-user.js';
import { userSchema } from '../../src/schema/core/user.js';
import { type Parts, restrictType, withKeptParts, withoutParts } from '../../src/schema/restrict-type.js';
import { compileResourceType } from '../../src/schema/resource-type.js';

const enterprise = enterpriseUserSchema.id;
const user = compileResourceType({
  name: 'User',
  endpoint: '/Users',
  schema: userSchema,
  extensions: [{ schema: enterpriseUserSchema }],
});

/** The type without `hidden`, and with `readOnly` as paths that cannot be written. */
const restricted = (hidden: readonly string[], readOnly: readonly string[] = []) =>
  restrictType(user, {
    isHidden: ({ path }) => hidden.includes(path),
    isReadOnly: ({ path }) => readOnly.includes(path),
  });
const parts = (...names: string[]): Parts => new Map(names.map((name) => [name, true]));

describe('a restricted type', () => {
  it('has no complex attribute whose parts are all hidden', () => {
    const [name] = [...user.attributes].filter((attribute) => attribute.name === 'name');
    const all = [...(name?.attributes ?? [])].map(({ path }) => path);
    const { type, hidden } = restricted(all);
    expect(type.attributes.get('name')).toBeUndefined();
    expect(hidden.get('name')).toBe(true);
    expect(type.schema.attributes.some((attribute) => attribute.name === 'name')).toBe(false);
  });

  it('has neither an extension whose attributes are all hidden nor its URN', () => {
    const [container] = [...user.attributes].filter((attribute) => attribute.name === enterprise);
    const all = [...(container?.attributes ?? [])].map(({ path }) => path);
    const { type } = restricted(all);
    expect(type.extensions).toEqual([]);
    expect(type.uris.has(enterprise.toLowerCase())).toBe(false);
  });

  it('names what a creation needs and cannot write', () => {
    expect(restricted([], ['userName']).missing).toEqual(['userName']);
    expect(restricted(['userName']).missing).toEqual(['userName']);
    expect(restricted(['title'], ['displayName']).missing).toEqual([]);
  });

  it('leaves out what is unique and not written', () => {
    expect(restricted([]).type.unique.map(({ path }) => path)).toContain('userName');
    expect(restricted([], ['userName']).type.unique.map(({ path }) => path)).not.toContain('userName');
  });

  it('keeps the parts of a single value that cannot be written', () => {
    expect(restricted([], ['name.givenName']).kept.get('name')).toEqual(parts('givenName'));
    expect(restricted([], ['name']).kept.get('name')).toBeUndefined();
  });
});

describe('attributes without parts', () => {
  it('lack the parts, and what has no other part', () => {
    const attributes = {
      title: 'Dr',
      name: { givenName: 'A' },
      emails: [{ value: 'a' }, { type: 'work' }],
      roles: 'x',
    };
    const hidden: Parts = new Map<string, true | Parts>([
      ['title', true],
      ['name', parts('givenName')],
      ['emails', parts('value')],
      ['roles', parts('value')],
    ]);
    expect(withoutParts(attributes, hidden)).toEqual({ emails: [{ type: 'work' }], roles: 'x' });
    expect(withoutParts({ emails: [{ value: 'a' }] }, new Map([['emails', parts('value')]]))).toEqual({});
    expect(withoutParts(attributes, new Map())).toBe(attributes);
  });
});

describe('a change that keeps parts', () => {
  const kept: Parts = new Map([['name', parts('givenName')]]);
  const stored = { name: { givenName: 'Ada', familyName: 'Old' } };

  it('keeps the stored part beside what is written', () => {
    const change = { set: { name: { givenName: 'Eve', familyName: 'New' } }, unset: [] };
    expect(withKeptParts(change, kept, stored)).toEqual({
      set: { name: { givenName: 'Ada', familyName: 'New' } },
      unset: [],
    });
  });

  it('adds no part that is not stored', () => {
    const change = { set: { name: { givenName: 'Eve', familyName: 'New' } }, unset: [] };
    const without = { name: { givenName: null, familyName: 'Old' } };
    expect(withKeptParts(change, kept, without).set).toEqual({ name: { familyName: 'New' } });
  });

  it('keeps the stored part of a value that is removed', () => {
    expect(withKeptParts({ set: {}, unset: ['name'] }, kept, stored)).toEqual({
      set: { name: { givenName: 'Ada' } },
      unset: [],
    });
    expect(withKeptParts({ set: {}, unset: ['name'] }, kept, {})).toEqual({ set: {}, unset: ['name'] });
  });

  it('keeps parts inside an extension', () => {
    const nested: Parts = new Map([[enterprise, new Map([['manager', parts('displayName')]])]]);
    const current = { [enterprise]: { manager: { value: '1', displayName: 'Boss' } } };
    const change = { set: { [enterprise]: { manager: { value: '2', displayName: 'x' } } }, unset: [] };
    expect(withKeptParts(change, nested, current).set).toEqual({
      [enterprise]: { manager: { value: '2', displayName: 'Boss' } },
    });
  });

  it('leaves what it does not name, and whole attributes', () => {
    const change = { set: { title: 'Dr' }, unset: ['nickName'] };
    expect(withKeptParts(change, kept, stored)).toEqual(change);
    expect(withKeptParts({ set: { name: 'x' }, unset: [] }, new Map([['name', true]]), stored).set).toEqual({
      name: 'x',
    });
  });
});
