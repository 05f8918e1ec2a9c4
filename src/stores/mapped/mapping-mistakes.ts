import { isObject } from '../../contract/is-object.js';
import { mistakesIn, type NamedKinds, remedyFor } from '../../contract/option-mistakes.js';
import type {
  Address,
  AnyChildren,
  AnyLookup,
  ChildPath,
  Complex,
  Enterprise,
  Name,
  PlainText,
  UnknownName,
} from './mapping-types.js';

/**
 * What TypeScript checks in a mapping, for mappings in plain JavaScript: a misspelled option would otherwise be ignored,
 * and a misspelled `softDelete` delete rows.
 */

const plainTexts: Readonly<Record<PlainText, true>> = {
  userName: true,
  externalId: true,
  displayName: true,
  nickName: true,
  profileUrl: true,
  title: true,
  userType: true,
  preferredLanguage: true,
  locale: true,
  timezone: true,
};
const names: Readonly<Record<Name, true>> = {
  formatted: true,
  familyName: true,
  givenName: true,
  middleName: true,
  honorificPrefix: true,
  honorificSuffix: true,
};
const enterpriseTexts: Readonly<Record<Enterprise, true>> = {
  employeeNumber: true,
  costCenter: true,
  organization: true,
  division: true,
  department: true,
};
const complex: Readonly<Record<Complex, true>> = {
  emails: true,
  phoneNumbers: true,
  ims: true,
  photos: true,
  entitlements: true,
  roles: true,
};
const address: Readonly<Record<Address, true>> = {
  formatted: true,
  streetAddress: true,
  locality: true,
  region: true,
  postalCode: true,
  country: true,
};

const multiValued: readonly string[] = [...Object.keys(complex), 'addresses' satisfies ChildPath];
const paths: readonly string[] = [
  ...Object.keys(plainTexts),
  'active',
  ...Object.keys(names).map((name) => `name.${name}`),
  ...Object.keys(enterpriseTexts).map((name) => `enterprise.${name}`),
  'enterprise.manager.value',
  ...multiValued,
];
const enterpriseUrn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:';
const slot = /^(\w+)\[type eq "[^"]+"\]\.(\w+)$/;

/** What is wrong with the attributes of a mapping: paths that do not exist, and descriptions that cannot work. */
export function mistakesInAttributes(attributes: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(attributes).flatMap(([path, description]) => {
    if (description === undefined) return [];
    const mistake = mistakeInPath(path);
    return [...(mistake === undefined ? [] : [mistake]), ...mistakesInDescription(path, description)];
  });
}

function mistakeInPath(path: string): string | undefined {
  const unknown = `there is no attribute ${JSON.stringify(path)}`;
  if (path.startsWith(enterpriseUrn)) {
    const short = `enterprise.${path.slice(enterpriseUrn.length)}`;
    return paths.includes(short) ? undefined : `${unknown}: ${remedyFor(short, paths)}`;
  }
  if (path.startsWith('urn:ietf:params:scim:schemas:core:')) {
    return `${unknown}: write the name alone, such as userName`;
  }
  if (path.startsWith('urn:')) {
    return /:\d+\.\d+:[A-Za-z]+:[A-Za-z]/.test(path)
      ? undefined
      : `${path} is not an attribute: write the URN of the schema, a colon, and the name of the attribute`;
  }
  const match = slot.exec(path);
  if (match === null) {
    if (paths.includes(path)) return undefined;
    return path === 'members'
      ? `${unknown}: write the option members of the mapping`
      : `${unknown}: ${remedyFor(path, paths)}`;
  }
  const [, attribute = '', sub = ''] = match;
  if (!multiValued.includes(attribute)) return `${unknown}: ${remedyFor(attribute, multiValued)}`;
  const known = attribute === 'addresses' ? Object.keys(address) : ['value', 'display'];
  return known.includes(sub) ? undefined : `${unknown}: ${remedyFor(sub, known)}`;
}

const unknownKinds = ['create', 'ignore', 'reject', 'read-only'] satisfies UnknownName[];
const lookupKinds: NamedKinds<keyof AnyLookup> = {
  required: ['column', 'table', 'key', 'value', 'unknown'],
  kinds: {
    kind: 'string',
    column: 'string',
    table: 'string',
    key: 'string',
    value: 'string',
    tenant: 'string',
    shared: 'boolean',
    unknown: { oneOf: unknownKinds },
    create: 'function',
  },
};
const childrenKinds: NamedKinds<keyof AnyChildren> = {
  required: ['table', 'owner', 'columns'],
  kinds: { kind: 'string', table: 'string', owner: 'string', columns: 'object' },
};
const referenceKinds: NamedKinds<'kind' | 'column'> = {
  required: ['column'],
  kinds: { kind: 'string', column: 'string' },
};
const computedKinds: NamedKinds<'kind' | 'columns' | 'read' | 'write'> = {
  required: ['columns', 'read'],
  kinds: { kind: 'string', columns: 'list of strings', read: 'function', write: 'function' },
};
const flagKinds: NamedKinds<'column' | 'on' | 'off'> = {
  required: ['column', 'on', 'off'],
  kinds: { column: 'string', on: 'list', off: 'list' },
};
const convertedKinds: NamedKinds<'column' | 'read' | 'write' | 'reversible'> = {
  required: ['column', 'read'],
  kinds: { column: 'string', read: 'function', write: 'function', reversible: 'boolean' },
};
const plainKinds: NamedKinds<'column' | 'empty'> = {
  required: ['column'],
  kinds: { column: 'string', empty: ['text', 'boolean', 'number'] },
};

function mistakesInDescription(path: string, description: unknown): readonly string[] {
  const place = `attributes[${JSON.stringify(path)}]`;
  const kind = isObject(description) ? description['kind'] : undefined;
  if (multiValued.includes(path) && kind !== 'children') {
    return [`${place} must be children({ ... }): for a column write ${path}[type eq "work"].value`];
  }
  if (typeof description === 'string' && description !== '') return [];
  if (!isObject(description)) return [`${place} must be a column, or an object such as { column, read, write }`];
  const inside = `${place}.`;
  switch (kind) {
    case 'lookup':
      return mistakesIn(description, lookupKinds, inside);
    case 'reference':
      return mistakesIn(description, referenceKinds, inside);
    case 'children':
      return [
        ...mistakesIn(description, childrenKinds, inside),
        ...mistakesInColumns(description['columns'], `${inside}columns`),
      ];
    case 'computed':
      return mistakesIn(description, computedKinds, inside);
    case 'constant':
      return ['string', 'boolean', 'number'].includes(typeof description['value'])
        ? []
        : [`${place} must be constant(value) with a string, a boolean or a number`];
    case undefined:
      return mistakesInColumnOf(description, inside);
    default:
      return [`${inside}kind must be 'computed', or left out: lookup(), reference(), children() and constant() set it`];
  }
}

function mistakesInColumnOf(description: Readonly<Record<string, unknown>>, inside: string): readonly string[] {
  const given = Object.fromEntries(Object.entries(description).filter(([, value]) => value !== undefined));
  if ('on' in given || 'off' in given) {
    const mistakes = mistakesIn(given, flagKinds, inside);
    const empty = (['on', 'off'] as const).filter((name) => Array.isArray(given[name]) && given[name].length === 0);
    const { on, off } = given;
    const isInBoth = Array.isArray(on) && Array.isArray(off) && on.some((state) => off.includes(state));
    return [
      ...mistakes,
      ...empty.map((name) => `${inside}${name} must list at least one state`),
      ...(isInBoth ? [`${inside}on and ${inside}off must not share a state`] : []),
    ];
  }
  if ('read' in given || 'write' in given || 'reversible' in given) return mistakesIn(given, convertedKinds, inside);
  return mistakesIn(given, plainKinds, inside);
}

/** What is wrong with an object whose values are columns or attributes. */
export function mistakesInColumns(columns: unknown, place: string): readonly string[] {
  if (!isObject(columns)) return [];
  return Object.entries(columns)
    .filter(([, column]) => typeof column !== 'string' || column === '')
    .map(([name]) => `${place}.${name} must be a non-empty string`);
}
