import { describe, expect, it } from '@jest/globals';
import { defaultLimits } from '../../../src/limits.js';
import { readPatch } from '../../../src/protocol/patch/read.js';
import { createPathReader } from '../../../src/protocol/path.js';
import type { PatchPlan } from '../../../src/protocol/patch/operation.js';
import type { QuirkId } from '../../../src/quirks/quirks.js';
import { enterpriseUserSchema } from '../../../src/schema/core/enterprise-user.js';
import { userSchema } from '../../../src/schema/core/user.js';
import { compileResourceType, type ResourceType } from '../../../src/schema/resource-type.js';
import {
  enterprise,
  groupType,
  message,
  optionsFor,
  patchOp,
  refusal,
  scimTypeOf,
  type Setting,
  strictly,
  thingType,
  usingQuirk,
  userType,
} from './patching.js';

function plan(operations: readonly unknown[], type: ResourceType = userType, setting?: Setting): PatchPlan {
  return readPatch(message(...operations), type, optionsFor(type, setting));
}

function refused(body: unknown, setting?: Setting): string | undefined {
  return scimTypeOf(() => readPatch(body, userType, optionsFor(userType, setting)));
}

/** The quirks that reading the operations uses. */
function quirksOf(operations: readonly unknown[], type: ResourceType = userType): QuirkId[] {
  const useQuirk = usingQuirk();
  plan(operations, type, { useQuirk });
  return [...useQuirk.used];
}

const title = { op: 'replace', path: 'title', value: 'Glazier' };

describe('the PATCH message (RFC 7644 3.5.2)', () => {
  it.each([
    ['no object', 'x'],
    ['null', null],
    ['a list', [title]],
    ['empty schemas', { schemas: [], Operations: [title] }],
    ['schemas as a string', { schemas: patchOp, Operations: [title] }],
    ['schemas of numbers', { schemas: [5], Operations: [title] }],
    ['the schemas of a User', { schemas: [userSchema.id], Operations: [title] }],
  ])('refuses %s (7644-3.5.2-01)', (_, body) => expect(refused(body)).toBe('invalidSyntax'));

  it.each([
    ['absent beside another member', { schemas: [patchOp], active: false }],
    ['null beside another member', { schemas: [patchOp], Operations: null, op: 'replace' }],
    ['an object', { schemas: [patchOp], Operations: title }],
    ['a string', { schemas: [patchOp], Operations: 'replace' }],
    ['in two spellings', { schemas: [patchOp], Operations: [title], operations: [title] }],
  ])('refuses Operations that are %s (7644-3.5.2-02)', (_, body) => expect(refused(body)).toBe('invalidSyntax'));

  it('accepts member names in any letter case', () => {
    const body = {
      Schemas: [patchOp.toUpperCase()],
      OPERATIONS: [{ OP: 'replace', Path: 'title', VALUE: 'x' }],
    };
    expect(readPatch(body, userType, optionsFor(userType)).operations).toHaveLength(1);
  });

  it('accepts an empty list as a no-op, unless strict (standards reading 44)', () => {
    expect(plan([])).toMatchObject({
      operations: [],
      needsCurrent: false,
      needsMembers: false,
    });
    expect(quirksOf([])).toEqual(['empty-operations']);
    expect(refused(message(), { useQuirk: strictly })).toBe('invalidSyntax');
  });

  it.each([{ schemas: [patchOp] }, { schemas: [patchOp], operations: null }, {}])(
    'accepts %j as a no-op, unless strict (standards reading 50)',
    (body) => {
      expect(readPatch(body, userType, optionsFor(userType)).operations).toEqual([]);
      expect(refused(body, { useQuirk: usingQuirk(['operations-missing']) })).toBe('invalidSyntax');
    },
  );

  it.each([{ Operations: [title] }, { SCHEMAS: null, Operations: [title] }])(
    'accepts %j, unless strict (standards reading 49)',
    (body) => {
      expect(readPatch(body, userType, optionsFor(userType)).operations).toHaveLength(1);
      expect(refused(body, { useQuirk: usingQuirk(['schemas-missing']) })).toBe('invalidSyntax');
    },
  );

  it('refuses more operations than the limit with 413', () => {
    expect(refused(message(title, title, title), { limits: { patchOperations: 2 } })).toBe('413');
    expect(refused(message(title, title), { limits: { patchOperations: 2 } })).toBeUndefined();
  });

  it.each([undefined, null, 1, ['replace'], 'move', 'test', 'constructor', '', 'replace '])(
    'refuses %j as op (7644-3.5.2-03)',
    (op) => expect(refused(message({ ...title, op }))).toBe('invalidSyntax'),
  );

  it('reads op in any letter case, as a quirk (7644-3.5.2-03)', () => {
    expect(quirksOf([{ ...title, op: 'Replace' }])).toEqual(['op-case']);
    expect(quirksOf([title])).toEqual([]);
    expect(refused(message({ ...title, op: 'Replace' }), { useQuirk: strictly })).toBe('invalidSyntax');
  });

  it.each(['replace', null, 3, [title]])('refuses %j as an operation', (operation) => {
    expect(refused(message(operation))).toBe('invalidSyntax');
  });

  it('refuses a path that is not a string, and reads null as absent', () => {
    expect(refused(message({ ...title, path: { name: 'title' } }))).toBe('invalidPath');
    expect(plan([{ op: 'replace', path: null, value: { title: 'x' } }]).operations).toHaveLength(1);
    expect(refused(message({ op: 'remove', path: null }))).toBe('noTarget');
  });

  it('refuses add and replace without a value (7644-3.5.2.1-01)', () => {
    expect(refused(message({ op: 'add', path: 'title' }))).toBe('invalidValue');
    expect(refused(message({ op: 'replace', path: 'title' }))).toBe('invalidValue');
    expect(refused(message({ op: 'add' }))).toBe('invalidValue');
  });

  it.each(['text', '[{"title":"x"}]', '{"title":', true, 5, null, [], [[{ title: 'x' }]], [{ title: 'x' }, {}]])(
    'refuses %j as the value of an operation without a path (7644-3.5.2.1-02)',
    (value) => {
      expect(refused(message({ op: 'add', value }))).toBe('invalidValue');
      expect(refused(message({ op: 'replace', path: userSchema.id, value }))).toBe('invalidValue');
    },
  );

  it.each([[[{ title: 'x' }]], ['{"title":"x"}'], [' {"title": "x"}'], [['{"title":"x"}']]])(
    'reads %j as the value of an operation without a path, unless strict (standards reading 51)',
    (value) => {
      for (const path of [undefined, userSchema.id]) {
        expect(plan([{ op: 'replace', path, value }]).operations).toMatchObject([{ kind: 'set', value: 'x' }]);
      }
      const off = { useQuirk: usingQuirk(['wrapped-pathless-value']) };
      expect(refused(message({ op: 'replace', value }), off)).toBe('invalidValue');
    },
  );

  it.each(['{"title":"\\u0000"}', '{"title":"\\ud800"}', `{"a":${'['.repeat(40)}${']'.repeat(40)}}`])(
    'checks the strings and the nesting of JSON text: %s',
    (value) => expect(refused(message({ op: 'replace', value }))).toBe('invalidSyntax'),
  );

  it('refuses remove without a path, and of the resource itself (7644-3.5.2.2-01)', () => {
    expect(refused(message({ op: 'remove' }))).toBe('noTarget');
    expect(refused(message({ op: 'remove', path: userSchema.id }))).toBe('noTarget');
  });

  it('reports the first operation that fails', () => {
    const unknown = { op: 'replace', path: 'nosuch', value: 1 };
    const readOnly = { op: 'remove', path: 'meta.created' };
    expect(refused(message(title, unknown, readOnly))).toBe('invalidPath');
    expect(refused(message(title, readOnly, unknown))).toBe('mutability');
  });
});

describe('a PATCH that needs no read', () => {
  it.each([
    ['a simple attribute is set', [title]],
    ['active is switched off', [{ op: 'Replace', path: 'active', value: 'False' }]],
    ['several are set without a path', [{ op: 'replace', value: { active: false, title: 'x' } }]],
    [
      'one is cleared',
      [
        { op: 'remove', path: 'title' },
        { op: 'replace', path: 'nickName', value: null },
      ],
    ],
    ['a password is set', [{ op: 'replace', value: { password: 'x' } }]],
  ])('is one where %s', (_, operations) => {
    const read = plan(operations);
    expect(read).toMatchObject({ needsCurrent: false, needsMembers: false });
    expect(read.operations).not.toEqual([]);
  });

  it.each([
    ['add', { op: 'add', path: 'members', value: [{ value: 'a' }] }],
    ['remove by id', { op: 'remove', path: 'members[value eq "a"]' }],
    ['remove by a list', { op: 'remove', path: 'members', value: [{ value: 'a' }] }],
    ['replace', { op: 'replace', path: 'members', value: [] }],
    ['remove all', { op: 'remove', path: 'members' }],
  ])('is one where members are named: %s', (_, operation) => {
    const rename = { op: 'replace', path: 'displayName', value: 'x' };
    expect(plan([rename, operation], groupType)).toMatchObject({
      needsCurrent: false,
      needsMembers: false,
    });
  });

  it.each([
    ['a complex attribute', { op: 'replace', path: 'name', value: { givenName: 'x' } }],
    ['a sub-attribute', { op: 'remove', path: 'name.givenName' }],
    ['a multi-valued attribute', { op: 'add', path: 'emails', value: [{ value: 'x' }] }],
    ['all values', { op: 'replace', path: 'emails', value: [{ value: 'x' }] }],
    ['a value path', { op: 'replace', path: 'emails[type eq "work"].value', value: 'x' }],
    ['an extension attribute', { op: 'replace', path: `${enterprise}:department`, value: 'x' }],
    ['a whole extension', { op: 'remove', path: enterprise }],
    ['an id that is repeated', { op: 'replace', path: 'id', value: 'x' }],
  ])('is none where it touches %s', (_, operation) => {
    expect(plan([title, operation])).toMatchObject({
      needsCurrent: true,
      needsMembers: false,
    });
  });

  it('is none where an attribute is immutable', () => {
    expect(plan([{ op: 'add', path: 'serial', value: '1' }], thingType).needsCurrent).toBe(true);
    expect(plan([{ op: 'add', path: 'label', value: '1' }], thingType).needsCurrent).toBe(false);
  });

  it('is none, and needs the members, where a filter selects members', () => {
    expect(plan([{ op: 'remove', path: 'members[type eq "Group"]' }], groupType)).toMatchObject({
      needsCurrent: true,
      needsMembers: true,
    });
  });
});

describe('keys of a value without a path (standards readings 6, 7, 9, 10)', () => {
  const names = (value: unknown, setting?: Setting): string[] =>
    plan([{ op: 'replace', value }], userType, setting).operations.map((step) =>
      'attribute' in step ? step.attribute.path : step.kind,
    );

  it('are attribute paths (7644-3.5.2.1-10)', () => {
    const value = {
      'name.givenName': 'K',
      [`${enterprise}:employeeNumber`]: '1',
      'emails[type eq "work"].value': 'k@example.com',
      [`${userSchema.id}:title`]: 'x',
      [userSchema.id]: { nickName: 'y' },
    };
    expect(names(value)).toEqual(['name', `${enterprise}:employeeNumber`, 'emails', 'title', 'nickName']);
    expect(quirksOf([{ op: 'replace', value }])).toEqual(['pathless-operation', 'path-as-key']);
    expect(quirksOf([{ op: 'replace', value: { [enterprise]: { department: 'x' } } }])).toEqual(['pathless-operation']);
  });

  it('are paths inside an extension too', () => {
    expect(names({ [enterprise]: { 'manager.value': 'x', department: 'y' } })).toEqual([
      `${enterprise}:manager`,
      `${enterprise}:department`,
    ]);
  });

  it('are unknown attributes where the quirk for paths as keys is off', () => {
    const value = { 'name.givenName': 'K', title: 'x' };
    expect(names(value, { useQuirk: usingQuirk(['path-as-key']) })).toEqual(['title']);
    expect(refused(message({ op: 'replace', value }), { useQuirk: strictly })).toBe('invalidSyntax');
  });

  it('are ignored where no schema has them', () => {
    expect(
      names({
        shoeSize: 41,
        'name.shoeSize': 41,
        constructor: { prototype: 1 },
        title: 'x',
      }),
    ).toEqual(['title']);
    expect(quirksOf([{ op: 'add', value: { shoeSize: 41 } }])).toEqual(['pathless-operation', 'unknown-attribute']);
    expect(quirksOf([{ op: 'add', value: { 'urn:example:other:2.0:User': {} } }])).toEqual([
      'pathless-operation',
      'unknown-schema',
    ]);
    expect(plan([{ op: 'add', value: { shoeSize: 41 } }]).operations).toEqual([]);
  });

  it('need the URN of an extension (standards reading 43)', () => {
    expect(names({ manager: null, department: 'x', title: 'y' })).toEqual(['title']);
  });

  it.each([
    ['shoeSize', 'unknown-attribute'],
    ['urn:example:other:2.0:User', 'unknown-schema'],
  ] as const)('are refused where nothing here has %s and %s is off', (key, quirk) => {
    expect(
      refused(message({ op: 'add', value: { [key]: 1 } }), {
        useQuirk: usingQuirk([quirk]),
      }),
    ).toBe('invalidSyntax');
  });

  it('are ignored where they are read-only (7644-3.5.2-06)', () => {
    const value = {
      id: 'x',
      schemas: [],
      meta: {},
      groups: [],
      'meta.created': 'x',
      title: 'y',
    };
    expect(names(value)).toEqual(['title']);
    expect(quirksOf([{ op: 'replace', value: { id: 'x' } }])).toEqual(['pathless-operation', 'read-only-in-value']);
    expect(
      refused(message({ op: 'replace', value: { id: 'x' } }), {
        useQuirk: strictly,
      }),
    ).toBe('mutability');
  });

  it('are refused where they name the same attribute twice', () => {
    expect(refused(message({ op: 'add', value: { title: 'x', Title: 'y' } }))).toBe('invalidSyntax');
    expect(
      refused(
        message({
          op: 'add',
          value: { title: 'x', [`${userSchema.id}:title`]: 'y' },
        }),
      ),
    ).toBe('invalidSyntax');
    expect(
      refused(
        message({
          op: 'add',
          value: { [enterprise]: { department: 'x', Department: 'y' } },
        }),
      ),
    ).toBe('invalidSyntax');
  });

  it('are refused where the filter of one cannot be read', () => {
    expect(refused(message({ op: 'add', value: { 'emails[type eq': 'x' } }))).toBe('invalidPath');
  });

  it('never reach a prototype (7644-3.5.2-19)', () => {
    const value: unknown = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');
    expect(plan([{ op: 'add', value }]).operations).toEqual([]);
    expect(refused(message({ op: 'add', value }), { useQuirk: strictly })).toBe('invalidSyntax');
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('an attribute that the store does not keep', () => {
  const type = compileResourceType({
    name: 'User',
    endpoint: '/Users',
    schema: userSchema,
    extensions: [{ schema: enterpriseUserSchema }],
    keeps: (path) => path !== 'phoneNumbers' && path !== `${enterprise}:manager`,
  });
  const off = { op: 'replace', path: 'active', value: false };

  it.each([
    { op: 'add', path: 'phoneNumbers[type eq "work"].value', value: '1' },
    { op: 'remove', path: 'phoneNumbers' },
    { op: 'add', path: `${enterprise}:manager`, value: 'x' },
    { op: 'add', value: { phoneNumbers: [] } },
    { op: 'add', value: { [`${enterprise}:manager`]: 'x' } },
    { op: 'add', value: { [enterprise]: { manager: 'x' } } },
  ])('is ignored, and the rest is applied: %j', (operation) => {
    expect(plan([operation, off], type).operations).toMatchObject([{ kind: 'set', value: false }]);
    expect(quirksOf([operation], type)).toContain('unsupported-attribute');
  });

  it('is refused in strict mode', () => {
    expect(
      refusal(type, {}, [{ op: 'remove', path: 'phoneNumbers' }], {
        useQuirk: strictly,
      }),
    ).toBe('invalidPath');
    expect(
      refusal(type, {}, [{ op: 'add', value: { phoneNumbers: [] } }], {
        useQuirk: strictly,
      }),
    ).toBe('invalidSyntax');
  });
});

describe('errors that depend on the schema alone', () => {
  it.each([
    ['replace', 'groups[value eq "x"]', { value: 'x' }],
    ['remove', `${enterprise}:manager.displayName`, undefined],
    ['remove', 'id', undefined],
    ['remove', 'schemas', undefined],
    ['remove', 'groups[value eq "x"]', undefined],
    ['remove', 'meta.version', undefined],
  ])('%s of %s, which is read-only (7644-3.5.2-06)', (op, path, value) => {
    expect(refused(message({ op, path, value }))).toBe('mutability');
  });

  it('removal of a required attribute (7644-3.5.2.2-06)', () => {
    expect(refused(message({ op: 'remove', path: 'userName' }))).toBe('mutability');
    expect(refusal(thingType, {}, [{ op: 'remove', path: 'codes' }])).toBe('mutability');
    expect(refusal(thingType, {}, [{ op: 'remove', path: 'case.material' }])).toBe('mutability');
  });

  it.each([null, ''])('%j for a required attribute (7644-3.5.2.3-09)', (value) => {
    expect(refused(message({ op: 'replace', path: 'userName', value }))).toBe('invalidValue');
    expect(refused(message({ op: 'add', value: { userName: value } }))).toBe('invalidValue');
    expect(refusal(thingType, {}, [{ op: 'replace', path: 'codes', value }])).toBe('invalidValue');
    expect(refusal(thingType, {}, [{ op: 'replace', path: 'case.material', value }])).toBe('invalidValue');
    expect(refusal(thingType, {}, [{ op: 'replace', path: thingType.extensions[0]?.schema.id, value }])).toBe(
      'invalidValue',
    );
  });

  it('two primary values in one list (RFC 7643 2.4)', () => {
    const value = [
      { value: 'a', primary: true },
      { value: 'b', primary: 'True' },
    ];
    for (const op of ['add', 'replace']) expect(refused(message({ op, path: 'emails', value }))).toBe('invalidValue');
  });

  it.each([
    ['name', 'text'],
    ['name', 5],
    ['name', [{ givenName: 'a' }, { givenName: 'b' }]],
    ['emails', 'text'],
    ['emails', 5],
    ['emails[type eq "work"]', 'text'],
    [enterprise, 'text'],
    [enterprise, [{ department: 'x' }]],
    [`${enterprise}:manager`, [{ value: 'a' }, { value: 'b' }]],
  ])('a value of the wrong shape for %s: %j', (path, value) => {
    for (const op of ['add', 'replace']) expect(refused(message({ op, path, value }))).toBe('invalidValue');
  });
});

it('reads paths through a path reader, which caches them', () => {
  const options = {
    ...optionsFor(userType),
    paths: createPathReader(userType, defaultLimits),
  };
  const body = message({ op: 'remove', path: 'emails[type eq "work"]' });
  const [, first, second] = [1, 2, 3].map(() => readPatch(body, userType, options).operations[0]);
  expect(first).toMatchObject({ kind: 'values' });
  expect((first as { filter: unknown }).filter).toBe((second as { filter: unknown }).filter);
});
