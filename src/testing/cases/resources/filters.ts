import type { AttributeRef } from '../../../contract/attribute.js';
import type { Filter } from '../../../contract/filter.js';
import type { Checks } from '../../checks.js';
import { attribute, index } from '../../requests.js';
import { casesOf, type CaseRow, type RunnableCase } from '../../store-case.js';
import { condition, type Kind, type Subject, withText } from './kind.js';

/** Texts that differ where an operator, a wildcard or a letter case matters. The last resource has none. */
const texts = ['Alpha', 'ALPINE', 'beta', '50%_x', '50ab_x', 'a_c', 'abc', 'Zeta alpha'] as const;

type Row = readonly [
  id: string,
  what: string,
  filter: (ref: AttributeRef) => Filter,
  matches: (text: string) => boolean,
];

const lower = (text: string): string => text.toLowerCase();
const compare = (op: Parameters<typeof condition>[0], value: string) => (ref: AttributeRef) =>
  condition(op, ref, value);

/** `isExact` decides whether letter case counts. */
const rowsFor = (isExact: boolean): readonly Row[] => {
  const form = isExact ? (text: string): string => text : lower;
  const row = (id: string, what: string, op: Parameters<typeof condition>[0], value: string): Row => {
    const sought = form(value);
    const holds: Readonly<Record<typeof op, (text: string) => boolean>> = {
      eq: (text) => text === sought,
      co: (text) => text.includes(sought),
      sw: (text) => text.startsWith(sought),
      ew: (text) => text.endsWith(sought),
      gt: (text) => text > sought,
      ge: (text) => text >= sought,
      lt: (text) => text < sought,
      le: (text) => text <= sought,
    };
    return [id, what, compare(op, value), (text) => holds[op](form(text))];
  };
  return [
    row('eq', 'eq finds the equal text', 'eq', 'Alpha'),
    row('eq-case', 'eq looks at letter case where the attribute is caseExact, and only there', 'eq', 'aLPHA'),
    row('co', 'co finds a part of the text', 'co', 'lp'),
    row('co-wildcards', 'co takes % and _ as they are', 'co', '%_'),
    row('sw', 'sw finds the beginning of the text', 'sw', 'Al'),
    row('sw-wildcards', 'sw takes % and _ as they are', 'sw', '50%_'),
    row('sw-underscore', 'sw takes _ as it is', 'sw', 'a_'),
    row('ew', 'ew finds the end of the text', 'ew', 'alpha'),
    row('ew-wildcards', 'ew takes % and _ as they are', 'ew', '%_x'),
    row('gt', 'gt compares texts', 'gt', 'beta'),
    row('ge', 'ge compares texts', 'ge', 'beta'),
    row('lt', 'lt compares texts, and finds nothing without one', 'lt', 'beta'),
    row('le', 'le compares texts, and finds nothing without one', 'le', 'beta'),
  ];
};

/** Filters over each text attribute of a type, compared with what they must find. */
export function resourceFilterCases<T extends Checks>(kind: Kind<T>): readonly RunnableCase<T>[] {
  const { prefix, noun, needs } = kind;
  const why = `A client that does not find a ${noun} creates a second one; one that finds the wrong ${noun} changes that one.`;
  const filtered = [...needs, 'filter', 'exactText'] as const;
  const exact = rowsFor(true);
  const rows = rowsFor(false).map(([id, what, filter, matches], i): CaseRow<T> => [
    id,
    `${what}, for each text attribute of a ${noun}`,
    async (t) => {
      const s = kind.subject(t);
      for (const ref of s.needTexts(1)) {
        const expected = ref.caseExact ? (exact[i]?.[3] ?? matches) : matches;
        await finds(t, s, ref, filter(ref), expected);
      }
    },
    filtered,
  ]);
  return casesOf<T>(`${prefix}-filters`, why, [
    ...rows,
    [
      'present',
      `present finds each ${noun} with the attribute, and not each without`,
      async (t) => {
        const s = kind.subject(t);
        for (const ref of s.needTexts(1)) {
          const filter: Filter = { op: 'present', attribute: ref };
          await finds(t, s, ref, filter, () => true);
          await finds(t, s, ref, { op: 'not', filter }, () => false, true);
        }
      },
      filtered,
    ],
    [
      'not',
      `not inverts the result, so it finds each ${noun} without the attribute too`,
      async (t) => {
        const s = kind.subject(t);
        for (const ref of s.needTexts(1)) {
          const sought = ref.caseExact ? 'beta' : 'BETA';
          await finds(t, s, ref, { op: 'not', filter: condition('eq', ref, sought) }, (text) => text !== 'beta', true);
          await finds(
            t,
            s,
            ref,
            { op: 'not', filter: condition('sw', ref, '50') },
            (text) => !text.startsWith('50'),
            true,
          );
        }
      },
      filtered,
    ],
    [
      'and-or',
      `and requires both, or one; both nest, and an empty and holds where an empty or does not`,
      async (t) => {
        const s = kind.subject(t);
        for (const ref of s.needTexts(1)) {
          const [a, b] = [condition('sw', ref, '50'), condition('ew', ref, '_x')];
          const c = condition('eq', ref, 'abc');
          const isA = (text: string): boolean => text.startsWith('50');
          const isB = (text: string): boolean => text.endsWith('_x');
          await finds(t, s, ref, { op: 'and', filters: [a, b] }, (text) => isA(text) && isB(text));
          await finds(
            t,
            s,
            ref,
            { op: 'or', filters: [c, { op: 'and', filters: [a, b] }] },
            (text) => text === 'abc' || (isA(text) && isB(text)),
          );
          await finds(t, s, ref, { op: 'and', filters: [a, { op: 'or', filters: [] }] }, () => false);
          await finds(t, s, ref, { op: 'and', filters: [] }, () => true, true);
        }
      },
      filtered,
    ],
    [
      'equals',
      `eq on an id or a text of a ${noun} finds that one alone, and nothing if another condition fails`,
      async (t) => {
        const s = kind.subject(t);
        const all = await s.addMany(5);
        const [first, second] = all;
        if (first === undefined || second === undefined) return;
        const byId = condition('eq', attribute('id'), first.id);
        const found = await s.list({ filter: byId });
        t.same([found.totalResults, found.resources.map(({ id }) => id)], [1, [first.id]], 'total and ids by id');
        const otherId = condition('eq', attribute('id'), second.id);
        t.same(await s.ids({ filter: { op: 'and', filters: [byId, otherId] } }), [], 'what two different ids find');
        for (const id of ['u999', '', "'", 'x'.repeat(300), 'a\0b', `${first.id} `]) {
          t.same(await s.ids({ filter: condition('eq', attribute('id'), id) }), [], 'what an unknown id finds');
        }
        for (const ref of s.texts) {
          const text = textOf(first, ref);
          const filter = condition('eq', ref, text);
          t.same(await s.ids({ filter }), [first.id], `the ids found by ${ref.path}`);
          t.same(
            await s.ids({ filter: { op: 'and', filters: [filter, byId] } }),
            [first.id],
            `the ids by ${ref.path} and id`,
          );
          t.same(
            await s.ids({ filter: { op: 'and', filters: [filter, otherId] } }),
            [],
            `the ids by ${ref.path} and another id`,
          );
        }
      },
      needs,
    ],
    [
      'totals',
      `totalResults of a filtered page counts the matches, not the page and not all`,
      async (t) => {
        const s = kind.subject(t);
        const [ref] = s.needTexts(1);
        if (ref === undefined) return;
        await addTexts(s, ref);
        const filter = condition('co', ref, 'a');
        const whole = await s.list({ filter });
        const page = await s.list({ filter, page: index(1, 2) });
        t.same(page.totalResults, whole.resources.length, 'totalResults of a page');
        t.same(
          page.resources.map(({ id }) => id),
          whole.resources.slice(1, 3).map(({ id }) => id),
          'the second page',
        );
        t.ok(whole.resources.length < texts.length + 1, 'the filter was ignored');
      },
      filtered,
    ],
    [
      'changed',
      `a filter sees a change, an unset and a deletion of a ${noun} at once`,
      async (t) => {
        const s = kind.subject(t);
        for (const ref of s.needTexts(1)) {
          const [top = ''] = ref.keys;
          const { id } = await s.add(1);
          const old = condition('eq', ref, textOf(s.example(1), ref));
          const changed = withText(s.example(1), ref, 'Changed');
          await s.update(id, { [top]: changed[top] });
          t.same(await s.ids({ filter: old }), [], `what the old ${ref.path} finds`);
          t.same(await s.ids({ filter: condition('eq', ref, 'Changed') }), [id], `what the new ${ref.path} finds`);
          if (s.optional.includes(top)) {
            await s.update(id, {}, { unset: [top] });
            t.same(
              await s.ids({ filter: condition('eq', ref, 'Changed') }),
              [],
              `what ${ref.path} finds after it was unset`,
            );
          }
          await s.remove(id);
          t.same(await s.ids({ filter: condition('eq', ref, 'Changed') }), [], 'what is found after the deletion');
        }
      },
      needs,
    ],
  ]);
}

/** Resources whose attribute has each of the texts, and one without it where that is possible. @returns texts by ID */
async function addTexts(s: Subject, ref: AttributeRef): Promise<ReadonlyMap<string, string | undefined>> {
  const made = new Map<string, string | undefined>();
  for (const [n, text] of texts.entries()) made.set((await s.add(n, withText(s.example(n), ref, text))).id, text);
  const [top = ''] = ref.keys;
  if (s.optional.includes(top)) {
    const { [top]: _, ...rest } = s.example(texts.length);
    made.set((await s.add(texts.length, rest)).id, undefined);
  }
  return made;
}

async function finds(
  t: Checks,
  s: Subject,
  ref: AttributeRef,
  filter: Filter,
  matches: (text: string) => boolean,
  withoutText = false,
): Promise<void> {
  const made = await addTexts(s, ref);
  const page = await s.list({ filter });
  const shown = (all: Iterable<string>): readonly string[] =>
    [...all].map((id) => (made.has(id) ? (made.get(id) ?? '(none)') : 'an unknown resource')).sort();
  const expected = [...made].filter(([, text]) => (text === undefined ? withoutText : matches(text))).map(([id]) => id);
  t.same(shown(page.resources.map(({ id }) => id)), shown(expected), `the values of ${ref.path} that were found`);
  t.same(page.totalResults, expected.length, 'totalResults');
  for (const id of made.keys()) await s.remove(id);
}

function textOf(resource: Readonly<Record<string, unknown>>, { keys }: AttributeRef): string {
  let value: unknown = resource;
  for (const key of keys) value = (value as Readonly<Record<string, unknown>> | undefined)?.[key];
  return String(value);
}
