/** Faults in filters. */
import type { Attributes } from '../../../src/contract/attribute.js';
import type { Filter } from '../../../src/contract/filter.js';
import { compileFilter } from '../../../src/protocol/filter/compile.js';
import { normalize } from '../../../src/schema/normalize.js';
import { Table } from '../../stores/broken/sound-store.js';
import { deciding, type Leaf, ofTables, paging, type PlantedFault, textAt } from './alter.js';

type Holds = Parameters<typeof deciding>[0];

const both = (holds: Holds) => () => ofTables(deciding(holds));

/** The condition is another one. */
const instead = (change: (leaf: Leaf) => Filter | undefined): (() => ReturnType<typeof ofTables>) =>
  both((condition, resource) => {
    if (!('value' in condition)) return undefined;
    const other = change(condition);
    return other && compileFilter(other)(resource);
  });

const isText = (leaf: Leaf): leaf is Leaf & { readonly value: string } =>
  typeof leaf.value === 'string' && leaf.attribute.type === 'string';

/** Texts are compared by a pattern. */
const pattern = (ops: readonly string[], source: (leaf: Leaf & { readonly value: string }) => string) =>
  both((condition, resource) => {
    if (!('value' in condition) || !isText(condition) || !ops.includes(condition.op)) return undefined;
    if (condition.attribute.path === 'id' || condition.attribute.path.startsWith('members')) return undefined;
    const text = textAt(resource, condition.attribute);
    if (text === undefined) return undefined;
    const { op } = condition;
    const body = source(condition);
    const whole = `${op === 'sw' || op === 'eq' ? '^' : ''}(?:${body})${op === 'ew' || op === 'eq' ? '$' : ''}`;
    return new RegExp(whole, 's').test(normalize(condition.attribute, text));
  });

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

const ordered = new Set(['eq', 'gt', 'ge', 'lt', 'le']);

function compareAs(form: (text: string) => string | number): () => ReturnType<typeof ofTables> {
  return both((condition, resource) => {
    if (!('value' in condition) || !isText(condition) || !ordered.has(condition.op)) return undefined;
    if (condition.attribute.path === 'id') return undefined;
    const text = textAt(resource, condition.attribute);
    if (text === undefined) return undefined;
    const [a, b] = [form(normalize(condition.attribute, text)), form(condition.value)];
    return { eq: a === b, gt: a > b, ge: a >= b, lt: a < b, le: a <= b }[condition.op as 'eq'];
  });
}

const times = (change: (time: number, op: string) => number): (() => ReturnType<typeof ofTables>) =>
  instead((leaf) =>
    leaf.value instanceof Date ? { ...leaf, value: new Date(change(leaf.value.getTime(), leaf.op)) } : undefined,
  );

export const filterFaults: readonly PlantedFault[] = [
  {
    name: 'regular-expression',
    what: 'a literal is part of a regular expression, and not escaped',
    caughtBy: [],
    create: pattern(['co', 'sw', 'ew'], ({ value }) => {
      try {
        return new RegExp(value, 's').source;
      } catch {
        return escaped(value);
      }
    }),
  },
  {
    name: 'glob',
    what: '* and ? of a literal are wildcards',
    caughtBy: [],
    create: pattern(['co', 'sw', 'ew'], ({ value }) => escaped(value).replaceAll('\\*', '.*').replaceAll('\\?', '.')),
  },
  {
    name: 'like-for-eq',
    what: 'eq is LIKE, so % and _ are wildcards',
    caughtBy: [],
    create: pattern(['eq'], ({ value }) => escaped(value).replaceAll('%', '.*').replaceAll('_', '.')),
  },
  {
    name: 'backslash',
    what: 'a backslash of a literal escapes what follows',
    caughtBy: [],
    create: pattern(['co', 'sw', 'ew'], ({ value }) => escaped(value.replace(/\\(.)/gs, '$1'))),
  },
  {
    name: 'quotes-doubled',
    what: 'quotes of a literal are doubled',
    caughtBy: [],
    create: instead((leaf) =>
      isText(leaf) && leaf.value.includes("'") ? { ...leaf, value: leaf.value.replaceAll("'", "''") } : undefined,
    ),
  },
  {
    name: 'words',
    what: 'co finds whole words',
    caughtBy: [],
    create: pattern(['co'], ({ value }) => `(?<![a-z0-9])${escaped(value)}(?![a-z0-9])`),
  },
  {
    name: 'prefix-index',
    what: 'eq compares the first 100 characters',
    caughtBy: [],
    create: compareAs((text) => text.slice(0, 100)),
  },
  {
    name: 'numbers-of-texts',
    what: 'texts of digits compare as numbers',
    caughtBy: [],
    create: compareAs((text) => (/^[\d.e]+$/.test(text) && !Number.isNaN(Number(text)) ? Number(text) : text)),
  },
  {
    name: 'padded-texts',
    what: 'spaces at the end of a text are ignored',
    caughtBy: [],
    create: compareAs((text) => text.trimEnd()),
  },
  {
    name: 'accents',
    what: 'accents are ignored',
    caughtBy: [],
    create: compareAs((text) => text.normalize('NFD').replace(/\p{M}/gu, '')),
  },
  {
    name: 'greater-for-ge',
    what: 'ge is gt',
    caughtBy: [],
    create: instead((leaf) => (leaf.op === 'ge' ? { ...leaf, op: 'gt' } : undefined)),
  },
  {
    name: 'less-for-le',
    what: 'le is lt',
    caughtBy: [],
    create: instead((leaf) => (leaf.op === 'le' ? { ...leaf, op: 'lt' } : undefined)),
  },
  {
    name: 'exact-for-all',
    what: 'co, sw and ew look at letter case',
    caughtBy: [],
    create: both((condition, resource) => {
      if (!('value' in condition) || !isText(condition) || !['co', 'sw', 'ew'].includes(condition.op)) return undefined;
      return compileFilter({ ...condition, attribute: { ...condition.attribute, caseExact: true } })(resource);
    }),
  },
  {
    name: 'folded-external-id',
    what: 'externalId compares without letter case',
    caughtBy: [],
    create: instead((leaf) =>
      leaf.attribute.path === 'externalId' && isText(leaf)
        ? { ...leaf, attribute: { ...leaf.attribute, caseExact: false }, value: leaf.value.toLowerCase() }
        : undefined,
    ),
  },
  {
    name: 'truthy-present',
    what: 'present is what JavaScript takes for true',
    caughtBy: [],
    create: both((condition, resource) =>
      condition.op === 'present' && condition.attribute.type === 'boolean' ? resource['active'] === true : undefined,
    ),
  },
  {
    name: 'present-empty',
    what: 'a user without emails has them present, as an empty list',
    caughtBy: [],
    create: both((condition) =>
      condition.op === 'present' && condition.attribute.path === 'emails' ? true : undefined,
    ),
  },
  {
    name: 'present-extension',
    what: 'a user without the extension has it present',
    caughtBy: [],
    create: both((condition) =>
      condition.op === 'present' &&
      condition.attribute.type === 'complex' &&
      condition.attribute.path.startsWith('urn:')
        ? true
        : undefined,
    ),
  },
  {
    name: 'present-name',
    what: 'every user has a name',
    caughtBy: [],
    create: both((condition) => (condition.op === 'present' && condition.attribute.path === 'name' ? true : undefined)),
  },
  {
    name: 'boolean-not',
    what: 'not of a comparison with true finds those who have false',
    caughtBy: [],
    create: both((condition, resource) =>
      condition.op === 'not' && condition.filter.op === 'eq' && condition.filter.attribute.type === 'boolean'
        ? resource['active'] === !(condition.filter.value === true)
        : undefined,
    ),
  },
  {
    name: 'some-or',
    what: 'or inside a value path is and',
    caughtBy: [],
    create: both((condition, resource) =>
      condition.op === 'some' && condition.filter.op === 'or'
        ? compileFilter({ ...condition, filter: { ...condition.filter, op: 'and' } })(resource)
        : undefined,
    ),
  },
  {
    name: 'some-boolean',
    what: 'primary inside a value path is ignored',
    caughtBy: [],
    create: both((condition, resource) => {
      if (condition.op !== 'some' || condition.filter.op !== 'and') return undefined;
      const filters = condition.filter.filters.filter((each) => !('value' in each) || typeof each.value !== 'boolean');
      return compileFilter({ ...condition, filter: { op: 'and', filters } })(resource);
    }),
  },
  {
    name: 'some-twice',
    what: 'two value paths of one attribute are taken for one',
    caughtBy: [],
    create: both((condition, resource) => {
      if (condition.op !== 'and') return undefined;
      const some = condition.filters.flatMap((each) => (each.op === 'some' ? [each] : []));
      const [first] = some;
      if (first === undefined || some.length < 2 || some.length < condition.filters.length) return undefined;
      return compileFilter({ ...first, filter: { op: 'and', filters: some.map((each) => each.filter) } })(resource);
    }),
  },
  {
    name: 'second-condition',
    what: 'a second eq on the same attribute replaces the first',
    caughtBy: [],
    create: both((condition, resource) => {
      if (condition.op !== 'and') return undefined;
      const kept = new Map(
        condition.filters.map((each, i) => [each.op === 'eq' ? each.attribute.path : String(i), each]),
      );
      if (kept.size === condition.filters.length) return undefined;
      return compileFilter({ op: 'and', filters: [...kept.values()] })(resource);
    }),
  },
  {
    name: 'two-terms',
    what: 'and and or take their first two conditions',
    caughtBy: [],
    create: both((condition, resource) =>
      'filters' in condition && condition.filters.length > 2
        ? compileFilter({ ...condition, filters: condition.filters.slice(0, 2) })(resource)
        : undefined,
    ),
  },
  {
    name: 'not-of-or',
    what: 'not of or negates each condition and keeps or',
    caughtBy: [],
    create: both((condition, resource) =>
      condition.op === 'not' && condition.filter.op === 'or'
        ? condition.filter.filters.some((each) => !compileFilter(each)(resource))
        : undefined,
    ),
  },
  {
    name: 'local-times',
    what: 'a time in a filter is taken for local time',
    caughtBy: [],
    create: times((time) => time + 2 * 3_600_000),
  },
  {
    name: 'whole-days',
    what: 'a time in a filter is cut to its day',
    caughtBy: [],
    create: times((time) => time - (time % 86_400_000)),
  },
  {
    name: 'times-as-texts',
    what: 'a filter on lastModified compares created',
    caughtBy: [],
    create: instead((leaf) =>
      leaf.attribute.path === 'meta.lastModified'
        ? { ...leaf, attribute: { ...leaf.attribute, path: 'meta.created', keys: ['meta', 'created'] } }
        : undefined,
    ),
  },
  {
    name: 'rows-of-join',
    what: 'a user is found once for each email that matches',
    caughtBy: [],
    create: () => ofTables(joined('emails')),
  },
  {
    name: 'rows-of-members',
    what: 'a group is found once for each member that matches',
    caughtBy: [],
    create: () => ofTables(Table, joined('members')),
  },
  {
    name: 'count-of-join',
    what: 'totalResults counts a user once for each email that matches',
    caughtBy: [],
    create: () => ofTables(joined('emails', true)),
  },
  {
    name: 'first-email',
    what: 'only the first email is compared',
    caughtBy: [],
    create: both((condition, resource) =>
      'value' in condition && condition.attribute.path.startsWith('emails.')
        ? compileFilter(condition)({ ...resource, emails: ((resource['emails'] ?? []) as []).slice(0, 1) })
        : undefined,
    ),
  },
  {
    name: 'groups-index',
    what: 'groups.value still finds who has left the group',
    caughtBy: [],
    create: () => ofTables(remembering(), Table),
  },
  {
    name: 'many-terms',
    what: 'a filter of more than 100 conditions is cut',
    caughtBy: [],
    create: both((condition, resource) =>
      'filters' in condition && condition.filters.length > 100
        ? compileFilter({ ...condition, filters: condition.filters.slice(0, 100) })(resource)
        : undefined,
    ),
  },
];

/** A page with a row for each value that matches, as a join without `distinct` returns it. */
function joined(name: string, countOnly = false): typeof Table {
  const matching = (filter: Filter | undefined, resource: Attributes): number => {
    if (filter === undefined || (filter.op !== 'or' && !('value' in filter))) return 1;
    const values = resource[name];
    if (!Array.isArray(values)) return 1;
    const found = (values as readonly Attributes[]).filter((value) =>
      compileFilter(filter)({ ...resource, [name]: [value] }),
    );
    const reads = JSON.stringify(filter).includes(`"${name}.`);
    return reads ? Math.max(1, found.length) : 1;
  };
  return paging((query, page) => {
    const rows = page.resources.map((each) => matching(query.filter, each as unknown as Attributes));
    const more = rows.reduce((sum, each) => sum + each - 1, 0);
    const resources = countOnly
      ? page.resources
      : page.resources.flatMap((each, i) => Array.from({ length: rows[i] ?? 1 }, () => each));
    return { ...page, resources, totalResults: (page.totalResults ?? 0) + more };
  });
}

/** Users by groups.value, from an index that is never cleaned. */
function remembering(): typeof Table {
  const seen = new Map<string, Set<string>>();
  return deciding((condition, resource) => {
    const groups = (resource['groups'] ?? []) as readonly { readonly value: string }[];
    const id = String(resource['id']);
    const all = seen.get(id) ?? new Set();
    for (const { value } of groups) all.add(value);
    seen.set(id, all);
    if (condition.op !== 'eq' || condition.attribute.path !== 'groups.value') return undefined;
    return all.has(String(condition.value));
  });
}
