import type { User } from '../../store/contract.js';
import { prepare } from '../../schema/prepare.js';
import { type Bench, casesOf, type CaseRow } from '../case.js';
import { change, eq, listQuery } from '../requests.js';

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

async function keepsText(t: Bench, text: string): Promise<void> {
  const { id } = await t.user('ada', { displayName: text, name: { familyName: text } });
  t.holds(await t.read(id), { displayName: text, name: { familyName: text } }, 'the user');
}

async function findsText(t: Bench, text: string): Promise<void> {
  const { id } = await t.user('ada', { displayName: text });
  await t.user('bob', { displayName: 'another' });
  const page = await t.store.list(listQuery<User>({ filter: eq('displayName', prepare(text, false)) }), t.ctx());
  t.same(
    page.resources.map((user) => user.id),
    [id],
    `the ids found by displayName eq ${JSON.stringify(text.slice(0, 40))}`,
  );
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

export const valueCases = casesOf('values', 'Names of real people would be refused, changed, or not found again.', [
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
    'many-values',
    'an attribute with 500 values is kept whole and in order',
    async (t) => {
      const emails = Array.from({ length: 500 }, (_, i) => ({
        value: `m${String(i).padStart(3, '0')}@example.com`,
        type: 'other',
      }));
      const { id } = await t.user('ada', { emails });
      t.same((await t.read(id))?.emails?.length, 500, 'the number of e-mails');
    },
  ],
  [
    'large',
    'a user of 200 kB is kept',
    async (t) => {
      const title = 'y'.repeat(200_000);
      const { id } = await t.user('ada', { nickName: title });
      t.same((await t.read(id))?.nickName?.length, 200_000, 'the length of the text');
      await t.store.update(id, change<User>({ set: { nickName: 'short' } }), t.ctx());
      t.holds(await t.read(id), { nickName: 'short' }, 'the user');
    },
  ],
]);
