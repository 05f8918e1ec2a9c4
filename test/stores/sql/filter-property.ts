import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compileFilter } from '../../../src/protocol/filter/compile.js';
import { prepareFor } from '../../../src/schema/prepare.js';
import type {
  AttributeRef,
  AttributeType,
  Attributes,
  Filter,
  SortKey,
  Stored,
  User,
} from '../../../src/store/contract.js';
import { comparePositions, positionOf } from '../../../src/store/position.js';
import type { MakeHarness } from '../contract-cases.js';
import { ctx, cursor, enterprise, index, listQuery, newUser } from '../requests.js';

// Code units and bytes order alike here: no character lies above U+FFFF.
const text = fc.oneof(
  fc.constantFrom(
    '',
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
  ),
  fc
    .array(fc.constantFrom('a', 'B', 'ß', '%', '_', '!', ' ', '"', '\\', 'ж', 'Ж', '日'), { maxLength: 4 })
    .map((all) => all.join('')),
  fc.constantFrom('x'.repeat(150), `${'x'.repeat(150)}y`, 'X'.repeat(150)),
);
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const email = fc.record({
  value: text,
  type: some(fc.constantFrom('work', 'Work', 'home')),
  primary: some(fc.boolean()),
});
const date = fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-01T01:00:00.500+01:00', '2020-02-02T00:00:00.000Z');
const person = fc.record({
  title: some(text),
  externalId: some(text),
  active: some(fc.boolean()),
  name: some(fc.record({ givenName: some(text) })),
  emails: some(fc.array(email, { maxLength: 3 })),
  [enterprise]: some(
    fc.record({ department: some(text), level: some(fc.integer({ min: -2, max: 2 })), since: some(date) }),
  ),
});

function ref(keys: readonly string[], type: AttributeType = 'string', more: Partial<AttributeRef> = {}): AttributeRef {
  return { path: keys.join('.'), keys, type, multiValued: false, caseExact: false, ...more };
}

const texts = [
  ref(['title']),
  ref(['userName']),
  ref(['externalId'], 'string', { caseExact: true }),
  ref(['name', 'givenName']),
  ref([enterprise, 'department']),
];
const inEmail = [ref(['emails', 'value']), ref(['emails', 'type'])];
const emails = ref(['emails'], 'complex', { multiValued: true });
const ordered = ['gt', 'ge', 'lt', 'le'] as const;

function textLeaf(attributes: readonly AttributeRef[]): fc.Arbitrary<Filter> {
  return fc
    .tuple(fc.constantFrom(...attributes), fc.constantFrom('eq', 'co', 'sw', 'ew', ...ordered), text)
    .map(([attribute, op, value]) => ({ op, attribute, value: prepareFor(attribute, value) }));
}
function presence(attributes: readonly AttributeRef[]): fc.Arbitrary<Filter> {
  return fc.constantFrom(...attributes).map((attribute) => ({ op: 'present', attribute }));
}
const other: fc.Arbitrary<Filter> = fc.oneof(
  fc.boolean().map((value): Filter => ({ op: 'eq', attribute: ref(['active'], 'boolean'), value })),
  fc
    .tuple(fc.constantFrom('eq', ...ordered), fc.integer({ min: -2, max: 2 }))
    .map(([op, value]): Filter => ({ op, attribute: ref([enterprise, 'level'], 'integer'), value })),
  fc.tuple(fc.constantFrom('eq', ...ordered), date).map(([op, value]): Filter => ({
    op,
    attribute: ref([enterprise, 'since'], 'dateTime'),
    value: new Date(value),
  })),
);
const primary: fc.Arbitrary<Filter> = fc
  .boolean()
  .map((value) => ({ op: 'eq', attribute: ref(['emails', 'primary'], 'boolean'), value }));

function tree(leaf: fc.Arbitrary<Filter>): fc.Arbitrary<Filter> {
  const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
    filter: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.tuple(tie('filter'), tie('filter')).map((filters): Filter => ({ op: 'and', filters })),
      fc.tuple(tie('filter'), tie('filter')).map((filters): Filter => ({ op: 'or', filters })),
      tie('filter').map((inner): Filter => ({ op: 'not', filter: inner })),
    ),
  }));
  return filter;
}
const anywhere = inEmail.map((each) => ({ ...each, multiValued: true }));
const filters = tree(
  fc.oneof(
    textLeaf([...texts, ...anywhere]),
    presence([...texts, ...anywhere, emails, ref(['name'], 'complex'), ref([enterprise], 'complex')]),
    other,
    tree(fc.oneof(textLeaf(inEmail), presence(inEmail), primary)).map((filter): Filter => ({
      op: 'some',
      attribute: emails,
      filter,
    })),
  ),
);
const sorts: fc.Arbitrary<readonly SortKey[]> = fc.array(
  fc.record({
    attribute: fc.constantFrom(
      ...texts,
      ...anywhere,
      ref(['active'], 'boolean'),
      ref([enterprise, 'level'], 'integer'),
    ),
    descending: fc.boolean(),
  }),
  { maxLength: 2 },
);

/** Random filters, orders and pages over random users give what the evaluator gives. */
export function filterProperty(name: string, make: MakeHarness, runs = 150): void {
  describe(name, () => {
    it('finds and sorts as the evaluator does, whatever the filter, order and data', async () => {
      const { store } = await make();
      let run = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(person, { minLength: 1, maxLength: 8 }),
          fc.array(fc.tuple(filters, sorts), { minLength: 5, maxLength: 5 }),
          async (people, questions) => {
            const tenant = ctx(`run${String(++run)}`);
            const users: Stored<User>[] = [];
            for (const [i, one] of people.entries()) {
              const more = JSON.parse(JSON.stringify(one)) as Partial<User>;
              users.push((await store.create(newUser(`User${String(i)}`, more), tenant)).resource);
            }
            for (const [filter, sort] of questions) {
              const matches = compileFilter(filter);
              const wanted = users
                .filter((user) => matches(user as unknown as Attributes))
                .sort((a, b) => comparePositions(positionOf(a, sort), positionOf(b, sort), sort))
                .map(({ id }) => id);
              const query = { ...listQuery<User>({ sort, page: index(0, 100) }), filter };
              const page = await store.list(query, tenant);
              expect(page.resources.map(({ id }) => id)).toEqual(wanted);
              expect(page.totalResults).toBe(wanted.length);
              const walked: string[] = [];
              for (
                let after = undefined as (typeof page)['next'], first = true;
                first || after !== undefined;
                first = false
              ) {
                const part = await store.list({ ...query, page: cursor(2, { ...(after && { after }) }) }, tenant);
                walked.push(...part.resources.map(({ id }) => id));
                after = part.next;
              }
              expect(walked).toEqual(wanted);
            }
          },
        ),
        { numRuns: runs },
      );
    }, 240_000);
  });
}
