import type { Checks } from '../../checks.js';
import { casesOf, type RunnableCase } from '../../store-case.js';
import { condition, type Kind, valueAt, withText } from './kind.js';

/** Texts, IDs and versions that are nearly the same, which a database may take for the same. */
export function similarCases<T extends Checks>(kind: Kind<T>): readonly RunnableCase<T>[] {
  const { prefix, noun, needs } = kind;
  return [
    ...casesOf<T>(
      `${prefix}-changes`,
      `A change of a ${noun} is not stored, so the client sends it again in every cycle.`,
      [
        [
          'letter-case',
          `a text of a ${noun} that differs in letter case alone is a change, and is stored as it was sent`,
          async (t) => {
            const s = kind.subject(t);
            // A text inside another attribute may be the name of a row of another table.
            for (const ref of s.needTexts(1).filter(({ keys }) => keys.length === 1)) {
              const [top = ''] = ref.keys;
              const { id } = await s.add(1);
              const text = String(valueAt(s.example(1), ref));
              const other = text === text.toUpperCase() ? text.toLowerCase() : text.toUpperCase();
              const result = await s.update(id, { [top]: withText(s.example(1), ref, other)[top] });
              t.same(result?.changed, text !== other, `changed, with ${ref.path} in another letter case`);
              t.same(valueAt((await s.read(id)) ?? {}, ref), other, `${ref.path} after the change`);
              await s.remove(id);
            }
          },
          needs,
        ],
        [
          'similar',
          `a text of a ${noun} that differs in an accent, or in a space at its end, is a change, and is stored as it was sent`,
          async (t) => {
            const s = kind.subject(t);
            const unique = new Set(s.unique.map(({ path }) => path));
            for (const ref of s.needTexts(1).filter(({ path, keys }) => keys.length === 1 && !unique.has(path))) {
              const [top = ''] = ref.keys;
              const { id } = await s.add(1, withText(s.example(1), ref, 'Rene'));
              for (const text of ['René', 'Rene\u0301', 'Rene', 'Rene ']) {
                const result = await s.update(id, { [top]: withText(s.example(1), ref, text)[top] });
                t.same(result?.changed, true, `changed, with ${ref.path} ${JSON.stringify(text)}`);
                t.same(valueAt((await s.read(id)) ?? {}, ref), text, `${ref.path} after the change`);
              }
              await s.remove(id);
            }
          },
          needs,
        ],
      ],
    ),
    ...casesOf<T>(`${prefix}-identity`, `A request changes another ${noun} than the one that it names.`, [
      [
        'similar',
        `an id of a ${noun} is compared exactly: letter case, leading zeros and signs, spaces and what follows it count`,
        async (t) => {
          const s = kind.subject(t);
          const made = await s.add(1);
          const { id } = made;
          const similar = [id.toUpperCase(), id.toLowerCase(), `0${id}`, `+${id}`, ` ${id}`, `${id} `, `${id}x`];
          const more = [`${id}.0`, `${id}%`, id.slice(0, -1), `${id}\n`, `"${id}"`];
          // What else a client may take for an id.
          const texts = s.texts.map((ref) => String(valueAt(s.example(1), ref)));
          for (const other of new Set([...similar, ...more, ...texts])) {
            if (other === id) continue;
            const what = `for ${JSON.stringify(other)}, where the id is ${JSON.stringify(id)},`;
            t.same(await s.read(other), undefined, `what get returns ${what}`);
            t.same(await s.update(other, s.example(2)), undefined, `what update returns ${what}`);
            t.same(await s.remove(other), false, `whether delete found a ${noun} ${what}`);
            t.same(await s.ids({ filter: condition('eq', idRef, other) }), [], `what id eq finds ${what}`);
          }
          t.same(await s.read(id), made, `the ${noun}`);
        },
        needs,
      ],
      [
        'recreated',
        `a ${noun} that is created after another one with the same values was deleted has a new id, and nothing else of it`,
        async (t) => {
          const s = kind.subject(t);
          const first = await s.add(1);
          await s.update(first.id, s.example(2));
          await s.update(first.id, s.example(1));
          await s.remove(first.id);
          const second = await s.add(1, s.required(1));
          t.ok(second.id !== first.id, 'it has the id of the deleted one');
          const now = await s.read(second.id);
          for (const name of s.optional) t.same(now?.[name], undefined, `${name} of the new ${noun}`);
          t.same(await s.read(first.id), undefined, 'what get returns for the old id');
          t.same(await s.update(first.id, s.example(2)), undefined, 'what update returns for the old id');
          t.same(await s.ids(), [second.id], 'the ids that list returns');
        },
        needs,
      ],
    ]),
    ...casesOf<T>(
      `${prefix}-versions`,
      `A lost update: one administrator’s change of a ${noun} silently overwrites another’s.`,
      [
        [
          'similar',
          `ifVersion of a ${noun} is compared exactly: a beginning of the version, more than it, and another letter case are refused`,
          async (t) => {
            const s = kind.subject(t);
            const { id } = await s.add(1);
            const version = (await s.read(id))?.meta.version ?? '';
            const similar = [`${version}0`, `${version}.`, `0${version}`, version.slice(0, -1), version.toUpperCase()];
            const more = [
              version.toLowerCase(),
              `-${version}`,
              `${version}x`,
              `${version}.0`,
              '9'.repeat(12),
              'v999999',
            ];
            for (const ifVersion of new Set([...similar, ...more])) {
              if (ifVersion === version || ifVersion === '') continue;
              const what = `with ifVersion ${ifVersion}, where the version is ${version},`;
              await t.refused(() => s.update(id, s.example(2), { ifVersion }), { status: 412 }, `a change ${what}`);
              await t.refused(() => s.remove(id, ifVersion), { status: 412 }, `a deletion ${what}`);
            }
            t.same((await s.read(id))?.meta.version, version, 'the version');
          },
          needs,
        ],
        [
          'empty',
          `an empty ifVersion of a ${noun} is the version of nothing: a change and a deletion with it are refused`,
          async (t) => {
            const s = kind.subject(t);
            const { id } = await s.add(1);
            const before = await s.read(id);
            const ifVersion = '';
            await t.refused(() => s.update(id, s.example(2), { ifVersion }), { status: 412 }, 'a change');
            await t.refused(() => s.remove(id, ifVersion), { status: 412 }, 'a deletion');
            t.same(await s.read(id), before, `the ${noun}`);
          },
          needs,
        ],
      ],
    ),
  ];
}

const idRef = { path: 'id', keys: ['id'], type: 'string', multiValued: false, caseExact: true } as const;
