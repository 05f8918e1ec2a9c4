import type { AttributeRef, Attributes } from '../../../contract/attribute.js';
import type { Filter, FilterValue } from '../../../contract/filter.js';
import { compileFilter } from '../../../protocol/filter/compile.js';
import type { Checks } from '../../checks.js';
import { index } from '../../requests.js';
import { casesOf, type CaseRow, type RunnableCase } from '../../store-case.js';
import { condition, type Kind, type Subject, valueAt, withText, withValue } from './kind.js';

/** Texts of which each is another one, although a database may take two of them for the same. */
const digits = ['10', '9', '010', '10.0', '1e1', '100'] as const;
const patterns = [
  'a.c',
  'abc',
  '(x)*',
  'x',
  'C:\\temp',
  'C:temp',
  "O'Neil",
  'O"Neil',
  '[a]',
  'a',
  'a*c',
  '^a$',
] as const;
const begin = 'x'.repeat(180);
const long = [`${begin}1`, `${begin}2`, begin] as const;

/** Filters over texts that databases like to take for something else, and over values of other types. */
export function typedFilterCases<T extends Checks>(kind: Kind<T>): readonly RunnableCase<T>[] {
  const { prefix, noun, needs } = kind;
  const why = `A filter finds the wrong ${noun}, and the client changes that one.`;
  const ofTexts = (
    id: string,
    title: string,
    texts: readonly string[],
    ops: readonly Parameters<typeof condition>[0][],
    literals: readonly string[],
    more: readonly ('longText' | 'exactText')[],
  ): CaseRow<T> => [
    id,
    title,
    async (t) => {
      const s = kind.subject(t);
      for (const ref of s.needTexts(1)) {
        const made: Attributes[] = [];
        for (const [n, text] of texts.entries()) made.push(await s.add(n, withText(s.example(n), ref, text)));
        for (const op of ops) {
          for (const literal of literals) {
            await agrees(t, s, condition(op, ref, literal), made, `${ref.path} ${op} ${shown(literal)}`, ref);
          }
        }
        for (const id of await s.ids()) await s.remove(id);
      }
    },
    [...needs, 'filter', ...more],
  ];
  return casesOf<T>(`${prefix}-literals`, why, [
    ofTexts(
      'digits',
      `texts of digits of a ${noun} compare as texts: 010, 10.0 and 1e1 are not 10, and 9 is greater than 10`,
      digits,
      ['eq', 'gt', 'ge', 'lt', 'le', 'sw'],
      digits,
      ['exactText'],
    ),
    ofTexts(
      'patterns',
      `eq, co, sw and ew of a ${noun} take dots, stars, brackets, quotes and backslashes as they are`,
      patterns,
      ['eq', 'co', 'sw', 'ew'],
      ['a.c', '.', '(', '*', ')*', '\\', 'C:\\t', "'", '"', '[', '[a]', '?', '^a', 'a$', '|', '+'],
      [],
    ),
    ofTexts(
      'wildcards',
      `eq and co of a ${noun} take % and _ as they are`,
      ['a_c', 'abc', 'a%c', 'abbc', 'ac'],
      ['eq', 'co', 'sw', 'ew'],
      ['a_c', 'a%c', '%', '_', '_c', 'a%'],
      [],
    ),
    ofTexts(
      'long',
      `texts of a ${noun} that differ behind their 180th character are different ones`,
      long,
      ['eq', 'sw', 'ew', 'gt', 'le'],
      long,
      ['longText'],
    ),
    ofTexts(
      'similar',
      `eq of a ${noun} distinguishes accents, and a space at the end of a text`,
      ['Rene', 'René', 'Rene ', ' Rene'],
      ['eq', 'sw', 'ew', 'co'],
      ['rene', 'RENÉ', 'Rene ', ' rene'],
      ['exactText'],
    ),
    [
      'types',
      `booleans, numbers and times of a ${noun} compare as what they are, and a comparison with none of them fails`,
      async (t) => {
        const s = kind.subject(t);
        const typed = s.typed(['boolean', 'integer', 'decimal', 'dateTime']);
        if (typed.length === 0) t.skip(`the examples of a ${noun} have no boolean, number or time with one value`);
        for (const ref of typed) {
          const made: Attributes[] = [];
          for (let n = 0; n < 12; n++) made.push(await s.add(n));
          const [top = ''] = ref.keys;
          if (s.optional.includes(top)) {
            const { [top]: _, ...rest } = s.example(12);
            made.push(await s.add(12, rest));
          }
          const values = [9, 10, 1].map((n) => literalOf(valueAt(s.example(n), ref)));
          const ops = ref.type === 'boolean' ? (['eq'] as const) : (['eq', 'gt', 'ge', 'lt', 'le'] as const);
          for (const value of ref.type === 'boolean' ? [true, false] : values) {
            if (value === undefined) continue;
            for (const op of ops) {
              const filter = condition(op, ref, value);
              const what = `${ref.path} ${op} ${JSON.stringify(value)}`;
              await agrees(t, s, filter, made, what, ref);
              await agrees(t, s, { op: 'not', filter }, made, `not (${what})`, ref);
            }
          }
          await agrees(t, s, { op: 'present', attribute: ref }, made, `${ref.path} pr`, ref);
          for (const id of await s.ids()) await s.remove(id);
        }
      },
      [...needs, 'filter'],
    ],
    [
      'types-order',
      `numbers, booleans and times of a ${noun} are sorted as what they are: 9 before 10, false before true`,
      async (t) => {
        const s = kind.subject(t);
        const typed = s.typed(['boolean', 'integer', 'decimal', 'dateTime']);
        if (typed.length === 0) t.skip(`the examples of a ${noun} have no boolean, number or time with one value`);
        for (let n = 0; n < 12; n++) await s.add(n);
        for (const attribute of typed) {
          for (const descending of [false, true]) {
            const { resources } = await s.list({ sort: [{ attribute, descending }] });
            const values = resources.map((each) => Number(literalOf(valueAt(each, attribute))));
            const sorted = [...values].sort((a, b) => (descending ? b - a : a - b));
            t.same(values, sorted, `the order of ${attribute.path}${descending ? ', descending' : ''}`);
          }
        }
      },
      [...needs, 'sort'],
    ],
    [
      'times-offset',
      `a time of a ${noun} with an offset is the instant that it names`,
      async (t) => {
        const s = kind.subject(t);
        const times = s.typed(['dateTime']);
        if (times.length === 0) t.skip(`the examples of a ${noun} have no time with one value`);
        for (const ref of times) {
          const made: Attributes[] = [];
          const texts = ['2026-01-01T01:00:00+02:00', '2025-12-31T23:00:00Z', '2026-01-01T00:00:00Z'];
          for (const [n, text] of texts.entries()) made.push(await s.add(n, withValue(s.example(n), ref, text)));
          for (const op of ['eq', 'gt', 'ge', 'lt', 'le'] as const) {
            const filter = condition(op, ref, new Date('2025-12-31T23:00:00Z'));
            await agrees(t, s, filter, made, `${ref.path} ${op} 2025-12-31T23:00:00Z`, ref);
          }
          for (const id of await s.ids()) await s.remove(id);
        }
      },
      [...needs, 'filter'],
    ],
    [
      'terms',
      `a filter of a ${noun} with 150 conditions under or, and one that is 15 levels deep, are evaluated completely`,
      async (t) => {
        const s = kind.subject(t);
        const made = await s.addMany(4);
        const one = (id: string): Filter => condition('eq', idRef, id);
        const many: Filter = {
          op: 'or',
          filters: [
            ...Array.from({ length: 148 }, (_, n) => one(`none${String(n)}`)),
            one(made[1]?.id ?? ''),
            one(made[3]?.id ?? ''),
          ],
        };
        const expected = [made[1]?.id ?? '', made[3]?.id ?? ''].sort();
        t.same([...(await s.ids({ filter: many }))].sort(), expected, 'the ids that 150 conditions find');
        const all: Filter = { op: 'and', filters: made.map(({ id }): Filter => ({ op: 'not', filter: one(id) })) };
        t.same(await s.ids({ filter: all }), [], 'what is found where every id is excluded');
        let deep: Filter = many;
        for (let level = 0; level < 14; level++) deep = { op: 'not', filter: deep };
        t.same([...(await s.ids({ filter: deep }))].sort(), expected, 'the ids that 14 times not find');
      },
      [...needs, 'filter'],
    ],
    [
      'same-attribute',
      `two conditions on one text of a ${noun} both count, under and as under or`,
      async (t) => {
        const s = kind.subject(t);
        const made = await s.addMany(3);
        for (const ref of s.needTexts(1)) {
          const [a, b] = [0, 1].map((n) => condition('eq', ref, String(valueAt(s.example(n), ref)))) as [
            Filter,
            Filter,
          ];
          t.same(await s.ids({ filter: { op: 'and', filters: [a, b] } }), [], `what two values of ${ref.path} find`);
          if (s.store.supports?.filter === 'equals') continue;
          const either = await s.ids({ filter: { op: 'or', filters: [a, b] } });
          t.same([...either].sort(), [made[0]?.id, made[1]?.id].sort(), `what either value of ${ref.path} finds`);
        }
      },
      needs,
    ],
    [
      'filtered-pages',
      `a filtered page of a ${noun} with a limit of 0, or behind the end, has the exact total and no resources`,
      async (t) => {
        const s = kind.subject(t);
        await s.addMany(5);
        for (const ref of s.needTexts(1)) {
          const filter: Filter = { op: 'not', filter: condition('eq', ref, String(valueAt(s.example(0), ref))) };
          for (const page of [index(0, 0), index(4, 3), index(2, 0), index(50, 10)]) {
            const found = await s.list({ filter, page });
            t.same([found.totalResults, found.resources], [4, []], `total and resources of ${JSON.stringify(page)}`);
          }
        }
      },
      [...needs, 'filter'],
    ],
  ]);
}

const idRef = { path: 'id', keys: ['id'], type: 'string', multiValued: false, caseExact: true } as const;

/** The store finds what the library's own evaluator finds. */
async function agrees(
  t: Checks,
  s: Subject,
  filter: Filter,
  made: readonly Attributes[],
  what: string,
  ref: AttributeRef,
): Promise<void> {
  const matches = compileFilter(filter);
  const page = await s.list({ filter });
  const values = (all: readonly Attributes[]): string[] =>
    all.map((each) => shown(JSON.stringify(valueAt(each, ref)) ?? '(none)')).sort();
  t.same(values(page.resources), values(made.filter((each) => matches(each))), `the values that ${what} finds`);
  t.same(page.totalResults, page.resources.length, `totalResults of ${what}`);
}

function shown(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 20)}...${text.slice(-5)}`;
}

/** The value of an attribute as a filter has it. */
function literalOf(value: unknown): FilterValue | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  return typeof value === 'string' ? new Date(value) : undefined;
}
