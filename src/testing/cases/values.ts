import type { Filter } from '../../contract/filter.js';
import type { User } from '../../contract/resource.js';
import { normalizeFor } from '../../schema/normalize.js';
import type { CaseContext } from '../case-context.js';
import { casesOf, type CaseRow } from '../store-case.js';
import { change, listQuery } from '../requests.js';

const texts: readonly (readonly [id: string, what: string, text: string])[] = [
  ['quotes', 'quotes and backslashes', `O'Brien "the \\ one"`],
  ['percent', 'wildcards of SQL', '50%_off!'],
  ['injection', 'what looks like SQL', `'); drop table users; --`],
  ['json', 'what looks like JSON', '{"a":[1,2]}'],
  ['newline', 'line breaks and tabs', 'a\nb\tc\r\nd'],
  ['spaces', 'spaces at both ends', '  padded  '],
  ['umlaut', 'letters with marks', 'Jürgen Müller-Øst'],
  ['decomposed', 'decomposed letters, as they came', 'Ame\u0301lie'],
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

/** Texts whose comparison takes more than the letter case of Latin letters. */
const needsExact = new Set(['decomposed', 'sharp-s', 'turkish', 'greek', 'spaces', 'cyrillic', 'umlaut', 'emoji']);

async function keepsText(t: CaseContext, text: string): Promise<void> {
  const given = { ...t.kept({ name: { familyName: text } }), ...t.text.of(text) };
  const { id } = await t.user('ada', given);
  t.holds(await t.read(id), given, 'the user');
}

async function findsText(t: CaseContext, text: string): Promise<void> {
  const { ref, of } = t.text;
  const { id } = await t.user('ada', of(text));
  await t.user('bob', of('another'));
  const filter: Filter = { op: 'eq', attribute: ref, value: normalizeFor(ref, text) };
  const page = await t.store.list(listQuery<User>({ filter }), t.ctx());
  t.same(
    page.resources.map((user) => user.id),
    [id],
    `the ids found by ${ref.path} eq ${JSON.stringify(text.slice(0, 40))}`,
  );
}

/** What is stored, what is asked for, whether the library takes the two for one, and how the card says it. */
const likenesses: readonly (readonly [stored: string, asked: string, same: boolean, says: string])[] = [
  ['Rene', 'rené', false, 'é for e'],
  ['Ada', 'ada ', false, 'a space at the end for none'],
  ['ДМИТРИЙ', 'дмитрий', true, 'capitals of other scripts for small letters'],
  ['Straße', 'strasse', true, 'ß for ss'],
  ['Ame\u0301lie', 'amélie', true, 'decomposed letters for composed ones'],
];

/** Finds out which texts the database takes for each other, where the library does not, or the other way round. */
async function likens(t: CaseContext): Promise<void> {
  const { ref, of } = t.text;
  const more: string[] = [];
  const less: string[] = [];
  for (const [i, [stored, asked, same, says]] of likenesses.entries()) {
    const { id } = await t.user(`user${String(i)}`, of(stored));
    const { resources } = await t.store.list(
      listQuery<User>({ filter: { op: 'eq', attribute: ref, value: asked } }),
      t.ctx(),
    );
    const found = resources.some((user) => user.id === id);
    if (found !== same) (found ? more : less).push(says);
  }
  const parts = [
    ...(more.length > 0 ? [`takes ${more.join(', ')}`] : []),
    ...(less.length > 0 ? [`does not take ${less.join(', ')}`] : []),
  ];
  t.note = parts.length > 0 ? parts.join('; ') : 'as the library does, where it was tried';
}

const rows: readonly CaseRow[] = texts.flatMap(([id, what, text]): CaseRow[] => [
  [
    `keeps-${id}`,
    `a text is kept as it was given: ${what}`,
    (t) => keepsText(t, text),
    id === 'long' ? ['longText'] : [],
  ],
  [
    `finds-${id}`,
    `eq finds a text by its prepared form: ${what}`,
    (t) => findsText(t, text),
    id === 'long' ? ['filter', 'longText'] : needsExact.has(id) ? ['filter', 'exactText'] : ['filter'],
  ],
]);

export const valueCases = casesOf('values', 'Names of real users would be refused, changed, or not found again.', [
  ...rows,
  [
    'user-name-script',
    'a userName in another script is unique without letter case too',
    async (t) => {
      await t.user('дмитрий@example.com');
      await t.refused(() => t.user('ДМИТРИЙ@example.com'), { status: 409 }, 'creating ДМИТРИЙ beside дмитрий');
    },
    ['exactText'],
  ],
  [
    'likeness',
    'texts compare as the database has it, and the card says which it takes for each other',
    likens,
    ['filter', 'databaseText'],
  ],
  [
    'many-values',
    'an attribute with 500 values is kept whole and in order',
    async (t) => {
      const emails = Array.from({ length: 500 }, (_, i) => ({
        value: `m${String(i).padStart(3, '0')}@example.com`,
        type: 'other',
      }));
      const given = t.kept({ emails });
      const { id } = await t.user('ada', given);
      t.holds(await t.read(id), given, 'the user');
    },
  ],
  [
    'large',
    'a user of 200 kB is kept',
    async (t) => {
      const text = 'y'.repeat(200_000);
      const { id } = await t.user('ada', t.text.of(text));
      t.ok(JSON.stringify(await t.read(id)).includes(text), 'the text is not what was given');
      await t.store.update(id, change<User>({ set: t.text.of('short') }), t.ctx());
      t.holds(await t.read(id), t.text.of('short'), 'the user');
    },
    ['longText'],
  ],
]);
