import type { Checks } from '../../checks.js';
import { casesOf, type RunnableCase } from '../../store-case.js';
import { SkippedCase } from '../../skipped-case.js';
import type { Attribute } from '../../../schema/attribute.js';
import { type Kind, type Subject, valueAt, withText } from './kind.js';

/** Unique attributes: each key that a store gets is enforced, and freed when its value goes. */
export function keyCases<T extends Checks>(kind: Kind<T>): readonly RunnableCase<T>[] {
  const { prefix, noun, needs } = kind;
  const forEachKey = async (t: T, run: (s: Subject, attribute: Attribute) => Promise<void>): Promise<void> => {
    const s = kind.subject(t);
    if (s.unique.length === 0) throw new SkippedCase(`the store enforces no unique attribute of a ${noun}`);
    for (const attribute of s.unique) {
      await run(s, attribute);
      for (const id of await s.ids()) await s.remove(id);
    }
  };
  /** The nth example with the unique value of another. */
  const withKeyOf = (s: Subject, n: number, attribute: Attribute, other: number) =>
    withText(s.example(n), attribute, String(valueAt(s.example(other), attribute)));
  const conflict = (attribute: Attribute) => ({ status: 409, attribute: attribute.path });
  return casesOf<T>(
    `${prefix}-keys`,
    `Two resources share a value that must be unique, or a value that nobody has any more stays taken for ever.`,
    [
      [
        'taken',
        `create and update of a ${noun} refuse each taken unique value with ConflictError for its attribute, and change nothing`,
        (t) =>
          forEachKey(t, async (s, attribute) => {
            await s.add(1);
            const { id } = await s.add(2);
            const before = await s.everything();
            const third = withKeyOf(s, 3, attribute, 1);
            await t.refused(() => s.add(3, third), conflict(attribute), `a ${noun} with a taken ${attribute.path}`);
            const [top = ''] = attribute.keys;
            const set = { [top]: withKeyOf(s, 2, attribute, 1)[top] };
            await t.refused(() => s.update(id, set), conflict(attribute), `a change to a taken ${attribute.path}`);
            t.unchanged(await s.everything(), before, 'after a refused write');
          }),
        needs,
      ],
      [
        'parallel',
        `of 30 concurrent creations of a ${noun} with one unique value, one succeeds`,
        (t) =>
          forEachKey(t, async (s, attribute) => {
            const results = await Promise.allSettled(
              Array.from({ length: 30 }, (_, n) => s.add(n, withKeyOf(s, n, attribute, 99))),
            );
            const made = results.filter(({ status }) => status === 'fulfilled').length;
            t.same(made, 1, `the number of resources with one ${attribute.path}`);
          }),
        needs,
      ],
      [
        'freed-by-change',
        `a change of a unique value of a ${noun} frees the old one and takes the new one`,
        (t) =>
          forEachKey(t, async (s, attribute) => {
            const { id } = await s.add(1);
            const [top = ''] = attribute.keys;
            await s.update(id, { [top]: withKeyOf(s, 1, attribute, 2)[top] });
            await s.add(3, withKeyOf(s, 3, attribute, 1));
            await t.refused(
              () => s.add(4, withKeyOf(s, 4, attribute, 2)),
              conflict(attribute),
              `a ${noun} with the new ${attribute.path}`,
            );
          }),
        needs,
      ],
      [
        'freed-by-unset',
        `a unique attribute of a ${noun} that is unassigned, or left out of what replaces it, frees its value`,
        async (t) => {
          const s = kind.subject(t);
          const optional = s.unique.filter(({ keys: [top = ''] }) => s.optional.includes(top));
          if (optional.length === 0) t.skip(`the store enforces no optional unique attribute of a ${noun}`);
          for (const attribute of optional) {
            const [top = '', ...inner] = attribute.keys;
            const unset = await s.add(1);
            await s.update(unset.id, {}, { unset: [top] });
            await s.add(2, withKeyOf(s, 2, attribute, 1));
            if (inner.length > 0) {
              const rest = Object.entries(s.example(3)[top] as object).filter(([name]) => name !== inner[0]);
              const { id } = await s.add(3);
              if (rest.length > 0) {
                await s.update(id, { [top]: Object.fromEntries(rest) });
                await s.add(4, withKeyOf(s, 4, attribute, 3));
              }
            }
            for (const id of await s.ids()) await s.remove(id);
          }
        },
        needs,
      ],
      [
        'kept',
        `a change of other attributes of a ${noun} keeps its unique values taken`,
        (t) =>
          forEachKey(t, async (s, attribute) => {
            const { id } = await s.add(1);
            const [top = ''] = attribute.keys;
            const other = s.names.find((name) => name !== top);
            if (other !== undefined) await s.update(id, { [other]: s.example(2)[other] });
            await s.update(id, {}, { unset: s.optional.filter((name) => name !== top && name !== other).slice(0, 1) });
            await t.refused(
              () => s.add(3, withKeyOf(s, 3, attribute, 1)),
              conflict(attribute),
              `a ${noun} with a taken ${attribute.path}`,
            );
          }),
        needs,
      ],
      [
        'freed-by-deletion',
        `deletion of a ${noun} frees its unique values`,
        async (t) => {
          const s = kind.subject(t);
          for (let round = 0; round < 3; round++) {
            const { id } = await s.add(1);
            await s.remove(id);
          }
        },
        needs,
      ],
      [
        'own',
        `a ${noun} may keep its own unique values, and have them in another letter case where case does not count`,
        (t) =>
          forEachKey(t, async (s, attribute) => {
            const { id } = await s.add(1);
            t.same((await s.update(id, s.example(1)))?.changed, false, 'changed, with the same values');
            if (attribute.caseExact) return;
            const upper = String(valueAt(s.example(1), attribute)).toUpperCase();
            const [top = ''] = attribute.keys;
            const set = { [top]: withText(s.example(1), attribute, upper)[top] };
            t.same((await s.update(id, set))?.changed, true, 'changed, with another letter case');
            t.same(valueAt((await s.read(id)) ?? {}, attribute), upper, attribute.path);
          }),
        needs,
      ],
      [
        'tenants',
        `each tenant may have the same unique values of a ${noun}, by create and by update`,
        (t) =>
          forEachKey(t, async (s, attribute) => {
            await s.add(1, s.example(1), 'acme');
            await s.add(1, s.example(1), 'other');
            const { id } = await s.add(2, s.example(2), 'third');
            const [top = ''] = attribute.keys;
            const set = { [top]: s.example(1)[top] };
            t.same((await s.update(id, set, { tenant: 'third' }))?.changed, true, 'changed');
            for (const tenant of ['other', 'third']) {
              for (const each of await s.ids({}, tenant)) await s.remove(each, undefined, tenant);
            }
          }),
        [...needs, 'tenants'],
      ],
    ],
  );
}
