import { describe, expect, it } from '@jest/globals';
import { InvalidPathError } from '../../src/errors.js';
import { defaultLimits } from '../../src/limits.js';
import { createPathReader, findPath, type PatchPath } from '../../src/protocol/path.js';
import { enterpriseUserSchema } from '../../src/schema/core/enterprise-user.js';
import { userSchema } from '../../src/schema/core/user.js';
import type { UseQuirk } from '../../src/quirks/active-quirks.js';
import { compileResourceType, type ResourceType } from '../../src/schema/resource-type.js';
import { base, enterprise, groupType, scimTypeOf, strictly, usingQuirk, userType } from './patch/patching.js';

const core = userSchema.id;

function read(text: string, type: ResourceType = userType, useQuirk: UseQuirk = usingQuirk()): PatchPath | undefined {
  return findPath(text, type, { limits: defaultLimits, base, useQuirk });
}

/** The `scimType` that a path is refused with; a path that names no attribute is invalidPath. */
function refusal(text: string, type?: ResourceType, useQuirk?: UseQuirk): string | undefined {
  return scimTypeOf(() => {
    if (read(text, type, useQuirk) === undefined) throw new InvalidPathError('');
  });
}

/** The target of a path: attribute, brackets, sub-attribute. */
function named(text: string): string {
  const path = read(text);
  if (path?.kind !== 'target') return String(path?.kind);
  return `${path.attribute.path}${path.filter === undefined ? '' : '[]'}${path.sub === undefined ? '' : `.${path.sub.name}`}`;
}

describe('paths of PATCH operations (RFC 7644 3.5.2, Figure 7)', () => {
  it.each([
    ['title', 'title'],
    ['name.familyName', 'name.familyName'],
    ['addresses[type eq "work"]', 'addresses[]'],
    ['addresses[type eq "work"].streetAddress', 'addresses[].streetAddress'],
    ['emails.value', 'emails.value'],
    ['TITLE', 'title'],
    ['Name.GIVENNAME', 'name.givenName'],
    ['EMAILS[Type eq "work"].VALUE', 'emails[].value'],
    ['emails[value eq "a]b"].type', 'emails[].type'],
    ['emails[value eq "a\\"]b"]', 'emails[]'],
    ['emails[value eq "C:\\\\"]', 'emails[]'],
  ])('reads %s as %s (7644-3.5.2-04)', (text, expected) => expect(named(text)).toBe(expected));

  it.each([
    [`${core}:title`, 'title'],
    [`${core}:name.familyName`, 'name.familyName'],
    [`${core}:emails[type eq "work"].value`, 'emails[].value'],
    [`${core.toUpperCase()}:TITLE`, 'title'],
    [`${enterprise}:manager.value`, `${enterprise}:manager.value`],
    [`${enterprise.toUpperCase()}:DEPARTMENT`, `${enterprise}:department`],
  ])('reads the URN of %s (7644-3.5.2-09)', (text, expected) => expect(named(text)).toBe(expected));

  it('reads a bare extension URN as the whole extension (7644-3.5.2-11)', () => {
    expect(named(enterprise)).toBe(enterprise);
    expect(named(enterprise.toUpperCase())).toBe(enterprise);
  });

  it('reads the bare URN of the core schema as the resource', () => {
    expect(named(core)).toBe('resource');
    expect(named(core.toUpperCase())).toBe('resource');
  });

  it.each([
    'nosuch',
    'name.nosuch',
    'title.more',
    'name.givenName.more',
    'urn:',
    'urn:example:params:other:2.0:User:department',
    `${enterprise}:manager.shoeSize`,
    'urn:ietf:params:scim:schemas:extension:enterprise:2.1:User:department',
    `${core}:${enterprise}`,
    'emails[type eq "work"].color',
    '__proto__',
    '__proto__.polluted',
    'constructor.prototype.polluted',
    'prototype',
    'hasOwnProperty',
  ])('refuses %s, which names no attribute (7644-3.5.2-05)', (text) => {
    expect(refusal(text)).toBe('invalidPath');
  });

  it.each([
    '',
    ' ',
    ' title',
    'title ',
    '.name',
    'name.',
    'title,nickName',
    'userName eq "x"',
    'title\n',
    'emails[type eq "work"',
    'emails[type eq "work]',
    'emails[type eq "work"].',
    'emails[type eq "work"]value',
    'emails[type eq "work"]xvalue',
    'emails[type eq "work"] ',
    'emails[type eq "work"][value pr]',
    'emails[type eq "work"].value.more',
    'emails[type eq "work"]. value',
    'emails.value[type eq "work"]',
    '[type eq "work"]',
    'title[value eq "x"]',
    'name[givenName eq "x"]',
    `${core}[title eq "x"]`,
    'nic\u212aName',
  ])('refuses %j, which is not a path (7644-3.5.2-04)', (text) => {
    expect(refusal(text)).toBe('invalidPath');
  });

  it.each(['emails[]', 'emails[0]', 'emails[type eq]', 'emails[color eq "red"]', "emails[type eq 'work']"])(
    'refuses the filter of %s (7644-3.5.2-04)',
    (text) => expect(refusal(text)).toMatch(/^invalid(Path|Filter)$/),
  );

  it('refuses long and unclosed paths', () => {
    expect(refusal('a'.repeat(9_000))).toBe('invalidPath');
    expect(refusal(`emails[value eq "${'\\"'.repeat(4_000)}`)).toBe('invalidPath');
    expect(refusal('a.'.repeat(4_000))).toBe('invalidPath');
  });

  it('never echoes the path', () => {
    try {
      read('emails[s3cret eq "x"]');
      throw new Error('was accepted');
    } catch (error) {
      expect((error as Error).message).not.toContain('s3cret');
    }
  });
});

describe('an extension attribute without its URN (standards reading 43)', () => {
  it('is found where one extension has it, as a quirk', () => {
    const useQuirk = usingQuirk();
    expect(read('manager', userType, useQuirk)).toMatchObject({
      attribute: { path: `${enterprise}:manager` },
    });
    expect([...useQuirk.used]).toEqual(['unprefixed-extension']);
  });

  it('is invalidPath in strict mode', () => {
    expect(refusal('manager', userType, strictly)).toBe('invalidPath');
  });
});

describe('an attribute that the store does not keep', () => {
  const dropped = new Set(['phoneNumbers', 'name.middleName', 'emails.display', `${enterprise}:costCenter`]);
  const type = compileResourceType({
    name: 'User',
    endpoint: '/Users',
    schema: userSchema,
    extensions: [{ schema: enterpriseUserSchema }],
    keeps: (path) => !dropped.has(path),
  });
  const bare = compileResourceType({
    name: 'User',
    endpoint: '/Users',
    schema: userSchema,
    extensions: [{ schema: enterpriseUserSchema }],
    keeps: (path) => path !== enterprise,
  });

  it.each([
    'phoneNumbers',
    'PHONENUMBERS',
    `${core}:phoneNumbers`,
    'phoneNumbers[type eq "work"].value',
    'phoneNumbers.value',
    'name.middleName',
    'emails[type eq "work"].display',
    `${enterprise}:costCenter`,
    'costCenter',
  ])('is skipped: %s', (text) => {
    const useQuirk = usingQuirk();
    expect(read(text, type, useQuirk)).toEqual({ kind: 'unsupported' });
    expect(useQuirk.used).toContain('unsupported-attribute');
  });

  it.each([enterprise, `${enterprise}:department`, `${enterprise}:manager.value`])(
    'is skipped where the store keeps nothing of the extension: %s',
    (text) => expect(read(text, bare)).toEqual({ kind: 'unsupported' }),
  );

  it('is invalidPath in strict mode, like an attribute that no schema has', () => {
    expect(refusal('phoneNumbers', type, strictly)).toBe('invalidPath');
    expect(refusal('shoeSize', type)).toBe('invalidPath');
    expect(refusal('emails[type eq "work"].shoeSize', type)).toBe('invalidPath');
    expect(refusal('urn:example:other:costCenter', type)).toBe('invalidPath');
  });
});

describe('a path reader', () => {
  it('returns the same path for the same text from the second time on', () => {
    const reader = createPathReader(userType, defaultLimits);
    const find = (text: string): PatchPath | undefined => reader.find(text, { base, useQuirk: usingQuirk() });
    find('emails[type eq "work"].value');
    const first = find('emails[type eq "work"].value');
    expect(first).toMatchObject({ kind: 'target', attribute: { path: 'emails' } });
    expect(find('emails[type eq "work"].value')).toBe(first);
    expect(find('title')).toMatchObject({ attribute: { path: 'title' } });
    expect(find('nosuch[type eq "work"]')).toBeUndefined();
    expect(find('nosuch[type eq "work"]')).toBeUndefined();
  });

  it('uses the quirks of a cached path again, and does not return it where they are off', () => {
    const reader = createPathReader(userType, defaultLimits);
    const text = 'roles[primary eq "True"].value';
    for (let i = 0; i < 3; i++) {
      const useQuirk = usingQuirk();
      reader.find(text, { base, useQuirk });
      expect([...useQuirk.used]).toEqual(['boolean-as-string-in-filter']);
    }
    expect(scimTypeOf(() => reader.find(text, { base, useQuirk: strictly }))).toBe('invalidFilter');
  });

  it('keeps paths of different base URLs apart', () => {
    const reader = createPathReader(groupType, defaultLimits, new Map([['User', '/Users']]));
    const text = 'members[$ref eq "https://one.example/Users/a"]';
    const find = (url: string): PatchPath | undefined => reader.find(text, { useQuirk: usingQuirk(), base: url });
    const matches = (url: string): unknown => {
      const path = find(url);
      return (
        path?.kind === 'target' &&
        path.filter?.matches({ value: 'a', type: 'User', $ref: 'https://one.example/Users/a' })
      );
    };
    for (let i = 0; i < 3; i++) {
      expect([matches('https://one.example'), matches('https://two.example')]).toEqual([true, false]);
    }
    expect(find('https://one.example')).toBe(find('https://one.example'));
  });

  it('evicts the least recently used path, and caches no long one', () => {
    const reader = createPathReader(userType, defaultLimits, new Map(), 2);
    const find = (id: string): PatchPath | undefined =>
      reader.find(`emails[value eq "${id}"]`, { base, useQuirk: usingQuirk() });
    for (const id of ['1', '2', '3']) find(id);
    const first = find('1');
    expect(find('1')).toBe(first);
    find('2');
    find('3');
    expect(find('1')).not.toBe(first);
    const long = 'x'.repeat(300);
    expect(find(long)).not.toBe(find(long));
  });
});
