import type { Filter } from '../../contract/filter.js';
import type { User } from '../../contract/resource.js';
import { normalize } from '../../schema/normalize.js';
import type { CaseContext } from '../case-context.js';
import { casesOf, type CaseRow } from '../store-case.js';
import { change, listQuery } from '../requests.js';

/** `similar` is another text, which a database may take for the same. */
const texts: readonly (readonly [id: string, what: string, text: string, similar?: string])[] = [
  ['quotes', 'quotes and backslashes', `O'Brien "the \\ one"`],
  ['percent', 'wildcards of SQL', '50%_off!', '50 % off!'],
  ['digits', 'digits with zeros in front', '00123', '123'],
  ['exponent', 'what looks like a number', '1e3', '1000'],
  ['true', 'the word true', 'true'],
  ['null', 'the word null', 'null'],
  ['time', 'what looks like a time', '2026-01-01T01:00:00.5+01:00', '2026-01-01T00:00:00.500Z'],
  ['pattern', 'what looks like a regular expression', '^(a|b).*[c]?$', 'b c'],
  ['injection', 'text that looks like SQL', `'); drop table users; --`],
  ['json', 'text that looks like JSON', '{"a":[1,2]}'],
  ['newline', 'line breaks and tabs', 'a\nb\tc\r\nd'],
  ['spaces', 'spaces at both ends', '  padded  ', '  padded'],
  ['umlaut', 'letters with marks', 'Jürgen Müller-Øst', 'Jurgen Muller-Ost'],
  ['decomposed', 'decomposed letters', 'Ame\u0301lie'],
  ['sharp-s', 'ß', 'Straße'],
  ['turkish', 'dotted and dotless i', 'İıIi'],
  ['cyrillic', 'Cyrillic', 'Дмитрий'],
  ['greek', 'Greek with a final sigma', 'ΟΔΥΣΣΕΥΣ ς'],
  ['chinese', 'Chinese', '王小明'],
  ['arabic', 'Arabic', 'محمد'],
  ['emoji', 'letters above U+FFFF', '👩‍🔬🏳️‍🌈'],
  ['long', 'a text of 20,000 characters', 'x'.repeat(20_000)],
  ['prototype', 'a name of Object.prototype', 'constructor'],
];

/** Texts whose comparison needs more than ignoring the case of Latin letters. */
const needsExact = new Set(['decomposed', 'sharp-s', 'turkish', 'greek', 'spaces', 'cyrillic', 'umlaut', 'emoji']);

async function keepsText(t: CaseContext, text: string): Promise<void> {
  const attributes = { ...t.kept({ name: { familyName: text } }), ...t.text.of(text) };
  const { id } = await t.user('ada', attributes);
  t.holds(await t.read(id), attributes, 'the user');
}

async function findsText(t: CaseContext, text: string, similar = 'another'): Promise<void> {
  const { ref, of } = t.text;
  const { id } = await t.user('ada', of(text));
  await t.user('bob', of(similar));
  const filter: Filter = { op: 'eq', attribute: ref, value: normalize(ref, text) };
  const page = await t.store.list(listQuery<User>({ filter }), t.ctx());
  t.same(
    page.resources.map((user) => user.id),
    [id],
    `the ids found by ${ref.path} eq ${JSON.stringify(text.slice(0, 40))}`,
  );
}

/** A stored text, a text to look for, whether the library treats the two as equal, and the words of the report. */
const comparisons: readonly (readonly [stored: string, sought: string, isEqual: boolean, description: string])[] = [
  ['Rene', 'rené', false, 'e and é'],
  ['Ada', 'ada ', false, 'texts with and without a space at the end'],
  ['ДМИТРИЙ', 'дмитрий', true, 'upper and lower case of other scripts'],
  ['Straße', 'strasse', true, 'ss and ß'],
  ['Ame\u0301lie', 'amélie', true, 'composed and decomposed letters'],
];

/** Finds out which texts the database treats as equal and the library does not, or the other way round. */
async function compareWithLibrary(t: CaseContext): Promise<void> {
  const { ref, of } = t.text;
  const more: string[] = [];
  const less: string[] = [];
  for (const [i, [stored, sought, isEqual, description]] of comparisons.entries()) {
    const { id } = await t.user(`user${String(i)}`, of(stored));
    const { resources } = await t.store.list(
      listQuery<User>({ filter: { op: 'eq', attribute: ref, value: sought } }),
      t.ctx(),
    );
    const found = resources.some((user) => user.id === id);
    if (found !== isEqual) (found ? more : less).push(description);
  }
  const parts = [
    ...(more.length > 0 ? [`treats as equal: ${more.join(', ')}`] : []),
    ...(less.length > 0 ? [`treats as different: ${less.join(', ')}`] : []),
  ];
  t.note = parts.length > 0 ? parts.join('; ') : 'no difference found';
}

const rows: readonly CaseRow[] = texts.flatMap(([id, what, text, similar]): CaseRow[] => [
  [`keeps-${id}`, `a text is stored unchanged: ${what}`, (t) => keepsText(t, text), id === 'long' ? ['longText'] : []],
  [
    `finds-${id}`,
    `eq finds a text by its normalized form: ${what}`,
    (t) => findsText(t, text, similar),
    id === 'long' ? ['filter', 'longText'] : needsExact.has(id) ? ['filter', 'exactText'] : ['filter'],
  ],
]);

export const valueCases = casesOf('values', 'Otherwise names of real users are refused, changed, or not found.', [
  ...rows,
  [
    'user-name-script',
    'uniqueness of userName ignores case in other scripts too',
    async (t) => {
      await t.user('дмитрий@example.com');
      await t.refused(() => t.user('ДМИТРИЙ@example.com'), { status: 409 }, 'creating ДМИТРИЙ beside дмитрий');
    },
    ['exactText'],
  ],
  [
    'database-equality',
    'the capability report lists texts that the database compares differently from the library',
    compareWithLibrary,
    ['filter', 'databaseText'],
  ],
  [
    'many-values',
    'an attribute with 500 values is stored completely and in order',
    async (t) => {
      const emails = Array.from({ length: 500 }, (_, i) => ({
        value: `m${String(i).padStart(3, '0')}@example.com`,
        type: 'other',
      }));
      const attributes = t.kept({ emails });
      const { id } = await t.user('ada', attributes);
      t.holds(await t.read(id), attributes, 'the user');
    },
  ],
  [
    'large',
    'a user of 200 kB is stored',
    async (t) => {
      const text = 'y'.repeat(200_000);
      const { id } = await t.user('ada', t.text.of(text));
      t.ok(JSON.stringify(await t.read(id)).includes(text), 'the text is not what was stored');
      await t.store.update(id, change<User>({ set: t.text.of('short') }), t.ctx());
      t.holds(await t.read(id), t.text.of('short'), 'the user');
    },
    ['longText'],
  ],
]);
