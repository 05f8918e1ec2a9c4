import type * as FastCheck from 'fast-check';
import { compileFilter } from '../../protocol/filter/compile.js';
import { prepareFor } from '../../schema/prepare.js';
import type {
  AttributeRef,
  AttributeType,
  Attributes,
  Filter,
  Page,
  SortKey,
  Stored,
  User,
} from '../../store/contract.js';
import { comparePositions, positionOf } from '../../store/position.js';
import { type Bench, casesOf, ContractViolation, type StoreCase } from '../case.js';
import { cursor, enterprise, index, listQuery } from '../requests.js';
import { SkippedCase } from '../skipped.js';

type Fc = typeof FastCheck;

/** Random people, and random filters and orders over them. */
function arbitraries(fc: Fc) {
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
  const some = <T>(value: FastCheck.Arbitrary<T>) => fc.option(value, { nil: undefined });
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

  function ref(
    keys: readonly string[],
    type: AttributeType = 'string',
    more: Partial<AttributeRef> = {},
  ): AttributeRef {
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

  function textLeaf(attributes: readonly AttributeRef[]): FastCheck.Arbitrary<Filter> {
    return fc
      .tuple(fc.constantFrom(...attributes), fc.constantFrom('eq', 'co', 'sw', 'ew', ...ordered), text)
      .map(([attribute, op, value]) => ({ op, attribute, value: prepareFor(attribute, value) }));
  }
  function presence(attributes: readonly AttributeRef[]): FastCheck.Arbitrary<Filter> {
    return fc.constantFrom(...attributes).map((attribute) => ({ op: 'present', attribute }));
  }
  const other: FastCheck.Arbitrary<Filter> = fc.oneof(
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
  const primary: FastCheck.Arbitrary<Filter> = fc
    .boolean()
    .map((value) => ({ op: 'eq', attribute: ref(['emails', 'primary'], 'boolean'), value }));

  function tree(leaf: FastCheck.Arbitrary<Filter>): FastCheck.Arbitrary<Filter> {
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
  const sorts: FastCheck.Arbitrary<readonly SortKey[]> = fc.array(
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
  return { person, filters, sorts };
}

/** Random filters, orders and pages over random users give what the evaluator gives. */
export function randomCases(runs: number): readonly StoreCase[] {
  return casesOf(
    'random',
    'A filter that is right for nine people and wrong for the tenth changes the tenth one’s account.',
    [
      [
        'filters',
        'random filters, orders and pages over random users find and sort as the library’s own evaluator does',
        async (t) => {
          const fc = await import('fast-check').catch(() => undefined);
          if (fc === undefined) throw new SkippedCase('fast-check is not installed');
          await compare(t, fc, runs);
        },
        ['filter', 'sort', 'exactText', 'tenants', 'attribute:emails', 'attribute:title', `attribute:${enterprise}`],
      ],
    ],
  );
}

async function compare(t: Bench, fc: Fc, runs: number): Promise<void> {
  const { person, filters, sorts } = arbitraries(fc);
  const questions = fc.array(fc.tuple(filters, sorts), { minLength: 5, maxLength: 5 });
  let run = 0;
  const { failed, errorInstance, seed, counterexamplePath } = await fc.check(
    fc.asyncProperty(fc.array(person, { minLength: 1, maxLength: 8 }), questions, async (people, asked) => {
      const tenant = `run${String(++run)}`;
      const users: Stored<User>[] = [];
      for (const [i, one] of people.entries()) {
        const more = JSON.parse(JSON.stringify(one)) as Partial<User>;
        users.push(await t.user(`User${String(i)}`, more, tenant));
      }
      for (const [filter, sort] of asked) await ask(t, tenant, users, filter, sort);
    }),
    { numRuns: runs },
  );
  if (!failed) return;
  const did = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  throw new ContractViolation(`${did} (seed ${String(seed)}, path ${String(counterexamplePath)})`);
}

async function ask(
  t: Bench,
  tenant: string,
  users: readonly Stored<User>[],
  filter: Filter,
  sort: readonly SortKey[],
): Promise<void> {
  const matches = compileFilter(filter);
  const wanted = users
    .filter((user) => matches(user as unknown as Attributes))
    .sort((a, b) => comparePositions(positionOf(a, sort), positionOf(b, sort), sort))
    .map(({ id }) => id);
  const what = `what ${JSON.stringify(filter)} finds, sorted by ${JSON.stringify(sort)}`;
  const query = listQuery<User>({ filter, sort, page: index(0, 100) });
  const page = await t.store.list(query, t.ctx(tenant));
  const found = page.resources.map(({ id }) => id);
  // Ties may go by the key that ids are made of: then only the values are compared.
  if (sort.length > 0 || found.length !== wanted.length)
    t.same(
      places(page.resources, sort),
      places(
        wanted.map((id) => users.find((user) => user.id === id)),
        sort,
      ),
      what,
    );
  t.same([...found].sort(), [...wanted].sort(), what);
  t.same(page.totalResults, wanted.length, 'totalResults');
  if (t.store.supports?.cursor === false) return;
  const walked: string[] = [];
  for (let after: Page<User>['next'], first = true; first || after !== undefined; first = false) {
    const part = await t.store.list({ ...query, page: cursor(2, after && { after }) }, t.ctx(tenant));
    walked.push(...part.resources.map(({ id }) => id));
    after = part.next;
  }
  t.same(walked, found, `${what}, by cursor`);
}

function places(users: readonly (Stored<User> | undefined)[], sort: readonly SortKey[]): unknown {
  return users.map((user) => user && positionOf(user, sort).slice(0, -1));
}
