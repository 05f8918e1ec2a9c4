import type * as fastCheck from 'fast-check';
import { normalize } from '../../schema/normalize.js';
import type { AttributeRef, AttributeType } from '../../contract/attribute.js';
import type { Filter, SortKey } from '../../contract/filter.js';
import type { User } from '../../contract/resource.js';
import { isKept } from '../../contract/supports.js';
import type { CaseContext } from '../case-context.js';
import { enterprise } from '../requests.js';

export type FastCheck = typeof fastCheck;
type Arbitrary<T> = fastCheck.Arbitrary<T>;

/** Random users, filters over them, and orders. */
export interface UserArbitraries {
  readonly user: Arbitrary<Partial<User>>;
  readonly filter: Arbitrary<Filter>;
  readonly sort: Arbitrary<readonly SortKey[]>;
}

const ordered = ['gt', 'ge', 'lt', 'le'] as const;

/** Random users, and random filters and orders over the attributes that the store keeps. */
export function arbitrariesFor(fc: FastCheck, t: CaseContext): UserArbitraries {
  const isExact = t.underTest.exactText !== false;
  const keeps = ({ path }: AttributeRef): boolean => path === 'userName' || isKept(t.store.supports, path);
  const text = isExact ? textOf(fc) : fc.constantFrom('a', 'A', 'b', 'ab', 'ba', 'ada', 'ADA', 'Bob', 'zed9');
  const some = <T>(value: Arbitrary<T>): Arbitrary<T | undefined> => fc.option(value, { nil: undefined });

  const texts = [
    ref(['title']),
    ref(['userName']),
    ref(['displayName']),
    ref(['externalId'], 'string', { caseExact: true }),
    ref(['name', 'givenName']),
    ref([enterprise, 'department']),
  ].filter(keeps);
  const active = ref(['active'], 'boolean');
  const emails = ref(['emails'], 'complex', { multiValued: true });
  const inEmail = [ref(['emails', 'value']), ref(['emails', 'type'])].filter(keeps);
  const primary = ref(['emails', 'primary'], 'boolean');
  const anywhere = inEmail.map((each) => ({ ...each, multiValued: true }));
  // In no schema: only for stores that keep any attribute.
  const level = ref([enterprise, 'level'], 'integer');
  const since = ref([enterprise, 'since'], 'dateTime');
  const anyAttribute = t.underTest.anyAttribute === true;

  // RFC 7643 2.4: an absent `primary` is assumed to be false, so a store need not distinguish the two.
  const primaries = anyAttribute ? fc.boolean() : fc.constant(true);

  const date = fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-01T01:00:00.500+01:00', '2020-02-02T00:00:00.000Z');
  const user = fc
    .record({
      title: some(text),
      displayName: some(text),
      externalId: some(text),
      active: some(fc.boolean()),
      name: some(fc.record({ givenName: some(text) })),
      emails: some(
        fc.array(
          fc.record({
            value: text,
            type: some(fc.constantFrom('work', 'Work', 'home')),
            primary: some(primaries),
          }),
          { maxLength: 3 },
        ),
      ),
      [enterprise]: some(
        fc.record({
          department: some(text),
          ...(anyAttribute && { level: some(fc.integer({ min: -2, max: 2 })), since: some(date) }),
        }),
      ),
    })
    // Drops undefined members.
    .map((one) => t.kept(JSON.parse(JSON.stringify(one)) as Partial<User>));

  const leaf = (attribute: Arbitrary<AttributeRef>): Arbitrary<Filter> =>
    fc
      .tuple(attribute, fc.constantFrom('eq', 'co', 'sw', 'ew', ...(isExact ? ordered : [])), text)
      .map(([one, op, value]) => ({ op, attribute: one, value: normalize(one, value) }));
  const present = (...all: readonly AttributeRef[]): Arbitrary<Filter> =>
    fc.constantFrom(...all).map((attribute) => ({ op: 'present', attribute }));
  const booleanEquals = (attribute: AttributeRef, values = fc.boolean()): Arbitrary<Filter> =>
    values.map((value) => ({ op: 'eq', attribute, value }));
  const typed: Arbitrary<Filter> = fc.oneof(
    fc
      .tuple(fc.constantFrom('eq', ...ordered), fc.integer({ min: -2, max: 2 }))
      .map(([op, value]): Filter => ({ op, attribute: level, value })),
    fc
      .tuple(fc.constantFrom('eq', ...ordered), date)
      .map(([op, value]): Filter => ({ op, attribute: since, value: new Date(value) })),
  );
  const complex = [ref(['name'], 'complex'), ref([enterprise], 'complex'), emails].filter(keeps);
  const inOne = [
    ...(inEmail.length > 0 ? [leaf(fc.constantFrom(...inEmail)), present(...inEmail)] : []),
    ...(keeps(primary) ? [booleanEquals(primary, primaries)] : []),
  ];
  const someEmail =
    inOne.length === 0
      ? []
      : [filterTree(fc, fc.oneof(...inOne)).map((inner): Filter => ({ op: 'some', attribute: emails, filter: inner }))];
  // What `emails.type ne "x"` is rewritten to: any value differs, or there is none.
  const differs = inEmail.map((each): Arbitrary<Filter> =>
    text.map((value) => {
      const equal: Filter = { op: 'eq', attribute: each, value: normalize(each, value) };
      return {
        op: 'or',
        filters: [
          { op: 'not', filter: { op: 'present', attribute: emails } },
          { op: 'some', attribute: emails, filter: { op: 'not', filter: equal } },
        ],
      };
    }),
  );
  const filter = filterTree(
    fc,
    fc.oneof(
      leaf(fc.constantFrom(...texts, ...anywhere)),
      present(...texts, ...anywhere, ...complex),
      ...(keeps(active) ? [booleanEquals(active)] : []),
      ...(anyAttribute ? [typed] : []),
      ...someEmail,
      ...differs,
    ),
  );
  const sortable = [
    ...(isExact ? [...texts, ...anywhere] : []),
    ...(keeps(active) ? [active] : []),
    ...(anyAttribute ? [level] : []),
  ];
  const sort =
    sortable.length === 0 || t.store.supports?.sort === false
      ? fc.constant([])
      : fc.array(fc.record({ attribute: fc.constantFrom(...sortable), descending: fc.boolean() }), { maxLength: 2 });
  return { user, filter, sort };
}

// Short texts that can be read in a failure. No character above U+FFFF, so that code units and bytes have the same order.
function textOf(fc: FastCheck): Arbitrary<string> {
  const letters = ['a', 'B', 'ß', '%', '_', '!', ' ', '"', '\\', 'ж', 'Ж', '日'];
  const edgeCases = [
    'a',
    'A',
    'a ',
    'ada',
    'ADA',
    'straße',
    'STRASSE',
    'e\u0301',
    'é',
    'É',
    '50%',
    '5_',
    'İ',
    'ı',
    "o'!",
  ];
  return fc.oneof(
    fc.constantFrom(...edgeCases),
    fc.array(fc.constantFrom(...letters), { minLength: 1, maxLength: 4 }).map((all) => all.join('')),
    fc.constantFrom('x'.repeat(150), `${'x'.repeat(150)}y`, 'X'.repeat(150)),
  );
}

function ref(keys: readonly string[], type: AttributeType = 'string', more: Partial<AttributeRef> = {}): AttributeRef {
  const path = keys.join(keys[0] === enterprise ? ':' : '.');
  return { path, keys, type, multiValued: false, caseExact: false, ...more };
}

/** Filters that join leaves by `and`, `or` and `not`. */
export function filterTree(fc: FastCheck, leaf: Arbitrary<Filter>): Arbitrary<Filter> {
  return fc.letrec<{ filter: Filter }>((tie) => ({
    filter: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.tuple(tie('filter'), tie('filter')).map((filters): Filter => ({ op: 'and', filters })),
      fc.tuple(tie('filter'), tie('filter')).map((filters): Filter => ({ op: 'or', filters })),
      tie('filter').map((inner): Filter => ({ op: 'not', filter: inner })),
    ),
  })).filter;
}
