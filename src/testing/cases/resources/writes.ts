import { casesOf, type CaseRow, type RunnableCase } from '../../store-case.js';
import type { Checks } from '../../checks.js';
import { display } from '../../checks.js';
import { type Kind, type Subject, valueAt, withText } from './kind.js';

/** Creating, changing and deleting: what get returns is what was written, and no more than that changes. */
export function writeCases<T extends Checks>(kind: Kind<T>): readonly RunnableCase<T>[] {
  const { prefix, noun, needs } = kind;
  const why = `A ${noun} that reads back other than it was written is written again in every cycle, or loses what a client set.`;
  const attributes = Object.keys(kind.example(0)).filter((name) => name !== 'members');
  const keeps = attributes.map((name): CaseRow<T> => {
    return [
      `keeps-${name.startsWith('urn:') ? (name.split(':').at(-3) ?? name) : name}`,
      `${name} of a ${noun} is stored unchanged by create and by update`,
      async (t) => {
        const s = kind.subject(t);
        if (!s.names.includes(name)) t.skip(`the store does not keep ${name}`);
        const first = s.example(1);
        const made = await s.add(1);
        t.holds(made, { [name]: first[name] }, 'what create returns');
        t.holds(await s.read(made.id), { [name]: first[name] }, 'what get returns after create');
        const other = s.example(2)[name];
        const result = await s.update(made.id, { [name]: other });
        t.holds(result?.resource, { [name]: other }, 'what update returns');
        t.holds(await s.read(made.id), { [name]: other }, 'what get returns after update');
        t.holds((await s.list()).resources[0], { [name]: other }, 'what list returns after update');
      },
      needs,
    ];
  });
  return casesOf<T>(`${prefix}-writes`, why, [
    ...keeps,
    [
      'unset',
      `unset removes the attribute of a ${noun}, and only that`,
      async (t) => {
        const s = kind.subject(t);
        if (s.optional.length === 0) t.skip('the store keeps no attribute that can be unassigned');
        for (const [n, name] of s.optional.entries()) {
          const { id, meta } = await s.add(n);
          const result = await s.update(id, {}, { unset: [name] });
          const expected = { ...s.example(n), [name]: undefined };
          t.same(result?.changed, true, `changed, after ${name} was unset`);
          t.ok(result?.resource.meta.version !== meta.version, `the version is the same after ${name} was unset`);
          t.holds(result?.resource, expected, 'what update returns');
          const now = await s.read(id);
          t.holds(now, expected, 'what get returns');
          t.ok(now !== undefined && now[name] === undefined, `${name} is ${display(now?.[name])} after it was unset`);
        }
      },
      needs,
    ],
    [
      'set-and-unset',
      `set and unset of a ${noun} happen in one write`,
      async (t) => {
        const s = kind.subject(t);
        const [gone] = s.optional;
        const kept = s.names.find((name) => name !== gone);
        if (gone === undefined || kept === undefined) return t.skip('the store keeps one attribute');
        const { id } = await s.add(1);
        const set = { [kept]: s.example(2)[kept] };
        await s.update(id, set, { unset: [gone] });
        t.holds(await s.read(id), { ...set, [gone]: undefined }, 'what get returns');
      },
      needs,
    ],
    [
      'rest-stays',
      `attributes of a ${noun} in neither set nor unset stay unchanged`,
      async (t) => {
        const s = kind.subject(t);
        for (const [n, name] of s.names.entries()) {
          const { id } = await s.add(10 + n);
          const set = { [name]: s.example(50 + n)[name] };
          const result = await s.update(id, set);
          if (result?.before !== undefined) t.holds(result.before, { [name]: s.example(10 + n)[name] }, '`before`');
          t.holds(await s.read(id), { ...s.example(10 + n), ...set }, `a ${noun} whose ${name} was changed`);
        }
      },
      needs,
    ],
    [
      'whole-values',
      `set replaces a complex attribute or an extension of a ${noun} as a whole; nothing of the old one is merged into it`,
      async (t) => {
        const s = kind.subject(t);
        const complex = complexOf(s);
        if (complex.length === 0) t.skip('the store keeps no complex attribute or extension with two parts');
        for (const [n, [name, sub]] of complex.entries()) {
          const { id } = await s.add(n);
          const whole = s.example(40 + n)[name];
          const part = { [sub]: (whole as Readonly<Record<string, unknown>>)[sub] };
          const result = await s.update(id, { [name]: part });
          t.holds(result?.resource, { [name]: part }, 'what update returns');
          t.holds(await s.read(id), { [name]: part }, 'what get returns');
        }
      },
      needs,
    ],
    [
      'no-op',
      `writing what a ${noun} already has returns changed: false, and keeps version and lastModified`,
      async (t) => {
        const s = kind.subject(t);
        const [, absent] = s.optional;
        const { [absent ?? '']: _, ...attributes } = s.example(1);
        const { id } = await s.add(1, attributes);
        const before = await s.read(id);
        const reordered = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, turned(value)]));
        const tries: readonly (readonly [what: string, set: typeof attributes, unset: readonly string[]])[] = [
          ['the same values', attributes, []],
          ['the same values in another order of properties', reordered, []],
          ['nothing', {}, []],
          ...(absent === undefined ? [] : [['an absent attribute unset', {}, [absent]] as const]),
        ];
        for (const [what, set, unset] of tries) {
          const result = await s.update(id, set, { unset });
          t.same(result?.changed, false, `changed, with ${what}`);
          t.same(await s.read(id), before, `the ${noun} after a write of ${what}`);
        }
      },
      needs,
    ],
    [
      'lost-update',
      `concurrent unconditional writes of different attributes of a ${noun} all take effect`,
      async (t) => {
        const s = kind.subject(t);
        if (s.names.length < 2) t.skip('the store keeps one attribute');
        for (let round = 0; round < 5; round++) {
          const { id } = await s.add(round);
          const target = s.example(60 + round);
          const writes = s.names.map(async (name) => s.update(id, { [name]: target[name] }));
          await Promise.all(round % 2 === 0 ? writes : writes.reverse());
          t.holds(await s.read(id), target, `the ${noun} after a write of each attribute`);
        }
      },
      needs,
    ],
    [
      'lost-unset',
      `a concurrent unconditional write of another attribute does not bring an unset one of a ${noun} back`,
      async (t) => {
        const s = kind.subject(t);
        const [gone] = s.optional;
        const other = s.names.find((name) => name !== gone);
        if (gone === undefined || other === undefined) return t.skip('the store keeps one attribute');
        for (let round = 0; round < 5; round++) {
          const { id } = await s.add(round);
          const set = { [other]: s.example(60 + round)[other] };
          await Promise.all([s.update(id, {}, { unset: [gone] }), s.update(id, set)]);
          t.holds(await s.read(id), { ...set, [gone]: undefined }, `the ${noun} after both writes`);
        }
      },
      needs,
    ],
    [
      'not-restored',
      `a change of a ${noun} during its deletion does not bring it back, and its values are free`,
      async (t) => {
        const s = kind.subject(t);
        for (let round = 0; round < 8; round++) {
          const { id } = await s.add(1);
          const both = [async () => s.update(id, s.example(2)), () => s.remove(id)];
          await Promise.all((round % 2 === 0 ? both : both.reverse()).map((write) => write()));
          t.same(await s.read(id), undefined, 'what get returns after both');
          t.same(await s.ids(), [], 'what list returns after both');
        }
      },
      needs,
    ],
    [
      'own-copy',
      `a returned ${noun} does not change when the store changes`,
      async (t) => {
        const s = kind.subject(t);
        const made = await s.add(1);
        const read = await s.read(made.id);
        const [listed] = (await s.list()).resources;
        const before = JSON.stringify([made, read, listed]);
        await s.update(made.id, s.example(2));
        await s.update(made.id, {}, { unset: s.optional });
        await s.remove(made.id);
        t.same(JSON.stringify([made, read, listed]), before, `the ${noun} that was returned before the changes`);
      },
      needs,
    ],
    [
      'unknown',
      `an unknown id of a ${noun} makes get, update and delete return undefined, whatever else is wrong with the request`,
      async (t) => {
        const s = kind.subject(t);
        const made = await s.add(1);
        for (const id of [
          'u999',
          '',
          '0',
          '-1',
          '__proto__',
          'x'.repeat(5_000),
          'a\0b',
          "' or 1=1 --",
          `${made.id} `,
        ]) {
          const what = `for the id ${JSON.stringify(id.slice(0, 20))}`;
          t.same(await s.read(id), undefined, `what get returns ${what}`);
          // The version does not match, and unique values are taken: an absent resource comes first.
          const update = s.update(id, s.example(1), { ifVersion: 'stale' });
          t.same(await update, undefined, `what update returns ${what}`);
          t.same(await s.remove(id, 'stale'), false, `whether delete found a ${noun} ${what}`);
        }
        t.same(await s.read(made.id), made, `the ${noun} that was there`);
      },
      needs,
    ],
    [
      'deletion',
      `no call finds a deleted ${noun}, of ten concurrent deletions one finds it, and its id never comes back`,
      async (t) => {
        const s = kind.subject(t);
        const seen = new Set<string>();
        for (let round = 0; round < 4; round++) {
          const { id } = await s.add(1);
          t.ok(!seen.has(id), `id ${id} came back`);
          seen.add(id);
          const deletions = await Promise.all(Array.from({ length: 10 }, () => s.remove(id)));
          t.same(deletions.filter(Boolean).length, 1, 'the number of deletions that found it');
          t.same(await s.read(id), undefined, 'what get returns');
          t.same(await s.update(id, s.example(2)), undefined, 'what update returns');
          const page = await s.list();
          t.same([page.totalResults, page.resources], [0, []], 'what list returns');
          t.same([...((await s.store.namesOf?.([id], s.ctx())) ?? [])], [], 'what namesOf returns');
        }
      },
      needs,
    ],
    [
      'returned-with-selection',
      `writes of a ${noun} return the selected attributes with id and meta; nothing selected is enough for id and meta`,
      async (t) => {
        const s = kind.subject(t);
        const none = new Set<string>();
        const made = await s.store.create({ ...s.creation(s.example(1)), selection: none }, s.ctx());
        const { id, meta } = made.resource;
        t.ok(
          typeof id === 'string' && id !== '' && typeof meta.version === 'string',
          'create returned no id or version',
        );
        for (const name of s.names) {
          const selection = new Set([name]);
          const value = s.example(1)[name];
          t.holds(await s.store.get(id, selection, s.ctx()), { id, [name]: value }, `what get returns of ${name}`);
          const { resources } = await s.list({ selection });
          t.holds(resources[0], { id, [name]: value }, `what list returns of ${name}`);
          const write = { ...s.change({}), selection };
          t.holds(
            (await s.store.update(id, write, s.ctx()))?.resource,
            { [name]: value },
            `what update returns of ${name}`,
          );
        }
        t.holds(await s.store.get(id, none, s.ctx()), { id, meta }, 'what get returns of nothing');
      },
      needs,
    ],
    [
      'texts',
      `texts of a ${noun} are stored unchanged, whatever characters they have`,
      async (t) => {
        const s = kind.subject(t);
        const names = [
          `O'Brien "the \\ one"`,
          '50%_off!',
          'Jürgen Müller',
          'Ame\u0301lie',
          'Дмитрий',
          '王小明',
          '👩‍🔬 🏳️‍🌈',
        ];
        const others = [
          '{"a":[1]}',
          ' padded ',
          '007',
          '1e5',
          'true',
          'null',
          '2026-01-01T01:00:00+01:00',
          'x'.repeat(150),
        ];
        for (const attribute of s.needTexts(1)) {
          for (const text of [...names, ...others]) {
            const { id } = await s.add(1, withText(s.example(1), attribute, text));
            t.same(valueAt((await s.read(id)) ?? {}, attribute), text, attribute.path);
            await s.remove(id);
          }
        }
      },
      needs,
    ],
  ]);
}

/** Complex attributes and extensions of which an example has two parts, with the name of the first. */
function complexOf(s: Subject): readonly (readonly [name: string, sub: string])[] {
  return s.names.flatMap((name) => {
    const value = s.example(0)[name];
    const subs = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
    const [first] = subs;
    return first !== undefined && subs.length > 1 ? [[name, first] as const] : [];
  });
}

/** The value with its properties in the opposite order. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).reverse());
}
