import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseFilter } from '../../../src/protocol/filter/parse.js';
import type { Attributes } from '../../../src/contract/attribute.js';
import type { Filter, FilterValue } from '../../../src/contract/filter.js';
import type { Stored } from '../../../src/contract/resource.js';
import { base, enterprise, groupType, strict, userType } from './types.js';
import { random } from '../../random.js';

/**
 * A second evaluator, as plain as can be: it takes a filter as the client means it and a resource as the client sees
 * it, and knows nothing of binding, lowering, preparing or compiling.
 */
type Tree =
  | { readonly op: 'and' | 'or'; readonly filters: readonly Tree[] }
  | { readonly op: 'not'; readonly filter: Tree }
  | { readonly op: '[]'; readonly name: string; readonly filter: Tree }
  | { readonly op: 'pr'; readonly subject: Subject }
  | { readonly op: string; readonly subject: Subject; readonly value: string | boolean | null };

/** What a condition may be about. */
interface Subject {
  readonly name: string;
  readonly path: readonly string[];
  readonly kind: 'text' | 'exact' | 'boolean' | 'primary' | 'date' | 'version';
  readonly values: readonly (string | boolean)[];
}

const fold = (subject: Subject, text: string): string =>
  subject.kind === 'text' ? text.normalize('NFC').toLowerCase() : text.normalize('NFC');

function isAssigned(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return false;
  if (typeof value !== 'object') return true;
  return Object.values(value).some(isAssigned);
}

function valuesAt(value: unknown, path: readonly string[]): unknown[] {
  if (Array.isArray(value)) return value.flatMap((each) => valuesAt(each, path));
  const [key, ...rest] = path;
  if (key === undefined) return [value];
  return typeof value === 'object' && value !== null ? valuesAt((value as Attributes)[key], rest) : [];
}

function one(subject: Subject, op: string, actual: unknown, wanted: string | boolean): boolean {
  if (subject.kind === 'boolean' || subject.kind === 'primary') return actual === wanted;
  if (typeof actual !== 'string') return false;
  const texts = [fold(subject, actual), fold(subject, String(wanted))] as const;
  const [a, b] = subject.kind === 'date' ? [Date.parse(texts[0]), Date.parse(texts[1])] : texts;
  switch (op) {
    case 'eq':
      return a === b;
    case 'gt':
      return a > b;
    case 'ge':
      return a >= b;
    case 'lt':
      return a < b;
    case 'le':
      return a <= b;
    case 'co':
      return String(a).includes(String(b));
    case 'sw':
      return String(a).startsWith(String(b));
    default:
      return String(a).endsWith(String(b));
  }
}

const lists: readonly string[] = ['emails', 'members', 'schemas'];

function holds(tree: Tree, seen: unknown): boolean {
  if ('filters' in tree) {
    return tree.op === 'and'
      ? tree.filters.every((each) => holds(each, seen))
      : tree.filters.some((each) => holds(each, seen));
  }
  if ('name' in tree)
    return valuesAt(seen, [tree.name]).some((value) => isAssigned(value) && holds(tree.filter, value));
  if ('filter' in tree) return !holds(tree.filter, seen);
  const { subject } = tree;
  if (!('value' in tree)) return valuesAt(seen, subject.path).some(isAssigned);
  const { op, value } = tree;
  if (value === null) return valuesAt(seen, subject.path).some(isAssigned) === (op === 'ne');
  if (op === 'ne') {
    // Any value differs, or there is none (standards reading 12).
    const [first = '', ...path] = subject.path;
    if (!lists.includes(first)) return !holds({ op: 'eq', subject, value }, seen);
    const values = valuesAt(seen, [first]).filter(isAssigned);
    const isEqual = (each: unknown): boolean => holds({ op: 'eq', subject: { ...subject, path }, value }, each);
    return values.length === 0 || !values.every(isEqual);
  }
  if (subject.kind === 'primary') {
    const holders = subject.path.length === 1 ? [seen] : valuesAt(seen, subject.path.slice(0, 1));
    return holders.some((holder) => holder !== undefined && ((holder as Attributes)['primary'] ?? false) === value);
  }
  const found = valuesAt(seen, subject.path).some((actual) => one(subject, op, actual, value));
  if (subject.kind !== 'version') return found;
  // A filter may name a version with or without W/"".
  return found || valuesAt(seen, subject.path).some((actual) => one(subject, op, String(actual).slice(3, -1), value));
}

const subject = (name: string, kind: Subject['kind'], values: Subject['values'], path = name.split('.')): Subject => ({
  name,
  path,
  kind,
  values,
});
const urn = (name: string, values: Subject['values'], kind: Subject['kind'] = 'exact'): Subject =>
  subject(`${enterprise}:${name}`, kind, values, [enterprise, ...name.split('.')]);

// For ids that need encoding in a URI only equality is exact; parse.test.ts tests those.
const ids = ['1', '2', '12', 'a-b', 'Z'];
const texts = ['a', 'B', 'ab', 'Ba', 'É', 'E\u0301b', 'a"\\b', '%_', ''];
const dates = [
  '2020-01-01T00:00:00.000Z',
  '2020-01-01T02:00:00+02:00',
  '2020-01-01T00:00:00.001Z',
  '2019-12-31T23:59:59-01:00',
];
const uri = (endpoint: string, id: string): string => `${base}${endpoint}/${encodeURIComponent(id)}`;
const uris = [
  ...ids.flatMap((id) => [uri('/Users', id), uri('/Groups', id)]),
  'https://',
  '/Users/',
  `${base}/Users/`,
  // Relative URIs have tests of their own: a plain evaluator sees other texts.
  'sers/1',
  '/1',
  '1',
  'e',
  's/',
  'zzz',
  'urn:x',
];
const versions = ['v1', 'v', 'W/"v1"', 'W/"v', 'W', 'v1"', '1"', '"v1', '"'];

const emailSubs = [
  subject('value', 'text', texts),
  subject('type', 'text', ['work', 'Home', 'o']),
  subject('primary', 'primary', [true, false]),
];
const nameSubs = [subject('givenName', 'text', texts), subject('familyName', 'text', texts)];
const subjects = [
  subject('id', 'exact', ids),
  subject(
    'userName',
    'text',
    texts.filter((text) => text !== ''),
  ),
  subject('externalId', 'exact', texts),
  subject('title', 'text', texts),
  subject('active', 'boolean', [true, false]),
  subject('name.givenName', 'text', texts),
  subject('emails', 'text', texts, ['emails', 'value']),
  subject('emails.value', 'text', texts),
  subject('emails.type', 'text', ['work', 'Home', 'o']),
  subject('emails.primary', 'primary', [true, false]),
  subject('meta.created', 'date', dates),
  subject('meta.location', 'exact', uris),
  subject('meta.resourceType', 'exact', ['User', 'Use', 'er', 'Group']),
  subject('meta.version', 'version', versions),
  subject('schemas', 'exact', [userType.schema.id, enterprise, 'urn:', 'User', 'enterprise']),
  urn('department', texts, 'text'),
  urn('manager', ids),
  urn('manager.$ref', uris),
  urn('manager.displayName', texts, 'text'),
];
const groupSubs = [
  subject('value', 'exact', ids),
  subject('type', 'text', ['User', 'Group']),
  subject('$ref', 'exact', uris),
  subject('display', 'text', texts),
];
const groupSubjects = [
  subject('displayName', 'text', texts),
  subject('members', 'exact', ids, ['members', 'value']),
  subject('members.$ref', 'exact', uris),
  subject('members.display', 'text', texts),
  subject('members.type', 'text', ['User', 'Group']),
  subject('meta.location', 'exact', uris),
];

function condition(among: readonly Subject[]): fc.Arbitrary<Tree> {
  return fc.constantFrom(...among).chain((about): fc.Arbitrary<Tree> => {
    const ordered = about.kind !== 'boolean' && about.kind !== 'primary' && about.kind !== 'version';
    const searched = ordered && about.kind !== 'date';
    const operators = ['eq', 'eq', 'ne', ...(ordered ? ['gt', 'ge', 'lt', 'le'] : [])];
    const searches = searched || about.kind === 'version' ? ['co', 'sw', 'ew'] : [];
    // The bare name of a complex attribute means its value in comparisons only, so presence is tested by the path.
    const whole = about.name.includes('emails') || about.name.includes('members') || about.name.includes('manager');
    return fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          op: fc.constantFrom(...operators, ...searches),
          subject: fc.constant(about),
          value: fc.constantFrom(...about.values),
        }),
      },
      { weight: whole ? 0 : 1, arbitrary: fc.record({ op: fc.constant('pr' as const), subject: fc.constant(about) }) },
      {
        weight: whole ? 0 : 1,
        arbitrary: fc.record({
          op: fc.constantFrom('eq', 'ne'),
          subject: fc.constant(about),
          value: fc.constant(null),
        }),
      },
    );
  });
}

function trees(leaf: fc.Arbitrary<Tree>): fc.Arbitrary<Tree> {
  return fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      leaf,
      fc.record({
        op: fc.constantFrom('and' as const, 'or' as const),
        filters: fc.array(tie('tree'), { minLength: 2, maxLength: 3 }),
      }),
      fc.record({ op: fc.constant('not' as const), filter: tie('tree') }),
    ),
  })).tree;
}

const valuePath = (name: string, subs: readonly Subject[]): fc.Arbitrary<Tree> =>
  trees(condition(subs)).map((filter) => ({ op: '[]', name, filter }));
const userTrees = trees(
  fc.oneof(
    { weight: 4, arbitrary: condition(subjects) },
    { weight: 1, arbitrary: valuePath('emails', emailSubs) },
    { weight: 1, arbitrary: valuePath('name', nameSubs) },
  ),
);
const groupTrees = trees(fc.oneof(condition(groupSubjects), valuePath('members', groupSubs)));

function write(tree: Tree): string {
  if ('filters' in tree) return tree.filters.map((each) => `(${write(each)})`).join(` ${tree.op} `);
  if ('name' in tree) return `${tree.name}[${write(tree.filter)}]`;
  if ('filter' in tree) return `not (${write(tree.filter)})`;
  return 'value' in tree ? `${tree.subject.name} ${tree.op} ${JSON.stringify(tree.value)}` : `${tree.subject.name} pr`;
}

const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });
const text = fc.constantFrom(...texts.filter((each) => each !== ''));
const meta = fc.record({
  created: fc.constantFrom(...dates),
  lastModified: fc.constantFrom(...dates),
  version: fc.constantFrom('v1', 'v', '1'),
});
const users: fc.Arbitrary<Stored<Attributes>> = fc.record({
  id: fc.constantFrom(...ids),
  userName: text,
  externalId: optional(text),
  title: optional(text),
  active: optional(fc.boolean()),
  name: optional(fc.record({ givenName: optional(text), familyName: text })),
  emails: optional(
    fc.array(
      fc.record({
        value: text,
        type: optional(fc.constantFrom('work', 'home', 'other')),
        primary: optional(fc.boolean()),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  ),
  [enterprise]: optional(
    fc.record({ department: text, manager: optional(fc.record({ value: fc.constantFrom(...ids) })) }),
  ),
  meta,
});
const groups: fc.Arbitrary<Stored<Attributes>> = fc.record({
  id: fc.constantFrom(...ids),
  displayName: text,
  members: optional(
    fc.array(fc.record({ value: fc.constantFrom(...ids), type: fc.constantFrom('User', 'Group') }), {
      minLength: 1,
      maxLength: 3,
    }),
  ),
  meta,
});

/** The display names of the resources that references name. A reference to any other resource has no URI either. */
const namesById = new Map([
  ['1', 'a'],
  ['12', 'É'],
  ['a-b', 'B'],
  ['Z', ''],
]);

/** A stored resource whose references are complete. */
function complete(stored: Stored<Attributes>): Stored<Attributes> {
  const extension = stored[enterprise] as { manager?: { value: string } } | undefined;
  const members = stored['members'] as readonly { value: string; type: string }[] | undefined;
  const reference = (value: { value: string; type?: string }, name: string): Attributes => ({
    ...value,
    ...(namesById.has(value.value) && { $ref: uri(`/${value.type ?? 'User'}s`, value.value) }),
    ...(namesById.get(value.value) && { [name]: namesById.get(value.value) }),
  });
  const manager = extension?.manager;
  return {
    ...stored,
    [enterprise]: manager === undefined ? extension : { ...extension, manager: reference(manager, 'displayName') },
    members: members?.map((member) => reference(member, 'display')),
  };
}

/** A stored resource as a client sees it. */
function shown(type: typeof userType, stored: Stored<Attributes>): Attributes {
  return {
    ...complete(stored),
    schemas: [type.schema.id, ...(stored[enterprise] === undefined ? [] : [enterprise])],
    meta: {
      ...stored.meta,
      resourceType: type.name,
      location: uri(type.endpoint, stored.id),
      version: `W/"${stored.meta.version}"`,
    },
  };
}

/** The bare name of a complex attribute is its value. */
function asSeen(type: typeof userType, tree: Tree, stored: Stored<Attributes>): boolean {
  const resolve = (each: Tree): Tree => {
    if ('filters' in each) return { ...each, filters: each.filters.map(resolve) };
    if ('filter' in each) return 'name' in each ? each : { ...each, filter: resolve(each.filter) };
    return each.subject.name.endsWith(':manager')
      ? { ...each, subject: { ...each.subject, path: [enterprise, 'manager', 'value'] } }
      : each;
  };
  return holds(resolve(tree), shown(type, stored));
}

function constantsInside(filter: Filter, outermost = true): boolean {
  if (filter.op === 'and' || filter.op === 'or') {
    return (!outermost && filter.filters.length === 0) || filter.filters.some((each) => constantsInside(each, false));
  }
  return (filter.op === 'not' || filter.op === 'some') && constantsInside(filter.filter, false);
}

function satisfies(equals: Readonly<Record<string, FilterValue>>, stored: Stored<Attributes>): boolean {
  return Object.entries(equals).every(([path, value]) => {
    const keys = path.startsWith(enterprise)
      ? [enterprise, ...path.slice(enterprise.length + 1).split('.')]
      : path.split('.');
    const exact = path === 'id' || path === 'externalId' || path.endsWith('manager.value') || path === 'members.value';
    return valuesAt(stored, keys).some((actual) => {
      if (value instanceof Date) return Date.parse(String(actual)) === value.getTime();
      if (typeof actual !== 'string') return actual === value;
      return (
        (exact || path === 'meta.version' ? actual.normalize('NFC') : actual.normalize('NFC').toLowerCase()) === value
      );
    });
  });
}

describe.each([
  ['User', userType, userTrees, users],
  ['Group', groupType, groupTrees, groups],
] as const)('over any %s', (_name, type, anyTree, anyResource) => {
  it('the compiled predicate and a plain evaluator agree', () => {
    fc.assert(
      fc.property(anyTree, fc.array(anyResource, { minLength: 1, maxLength: 5 }), (tree, resources) => {
        const { matches, equals, filter, whole } = parseFilter(write(tree), type, strict);
        for (const resource of resources) {
          const wanted = asSeen(type, tree, resource);
          expect(whole === undefined ? matches(resource) : whole.matches(complete(resource))).toBe(wanted);
          // A store decides a part of the filter: every match satisfies it.
          if (wanted) expect([matches(resource), satisfies(equals, resource)]).toEqual([true, true]);
        }
        expect(constantsInside(filter)).toBe(false);
      }),
      random(3_000),
    );
  });
});

describe('precedence (RFC 7644 3.4.2.2, erratum 4670)', () => {
  it('binds not before and, and and before or', () => {
    const names = ['title', 'nickName', 'locale', 'timezone'];
    const term = fc.record({ name: fc.constantFrom(...names), negated: fc.boolean() });
    const chain = fc.tuple(term, fc.array(fc.tuple(fc.constantFrom('and', 'or'), term), { maxLength: 12 }));
    fc.assert(
      fc.property(chain, fc.subarray(names), ([first, rest], assigned) => {
        const parts = [first, ...rest.flat()];
        const text = parts
          .map((part) => (typeof part === 'string' ? part : part.negated ? `not (${part.name} pr)` : `${part.name} pr`))
          .join(' ');
        let wanted = false;
        let all = true;
        for (const part of parts) {
          if (part === 'or') {
            wanted ||= all;
            all = true;
          } else if (typeof part !== 'string') all &&= assigned.includes(part.name) !== part.negated;
        }
        const resource = Object.fromEntries(assigned.map((name) => [name, 'x']));
        expect(parseFilter(text, userType, strict).matches(resource)).toBe(wanted || all);
      }),
      random(500),
    );
  });
});
