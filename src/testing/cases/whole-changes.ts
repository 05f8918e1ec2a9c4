import type { User } from '../../contract/resource.js';
import { change, enterprise } from '../requests.js';
import { casesOf } from '../store-case.js';
import { sampleUser } from './sample-user.js';

const lists = Object.entries(sampleUser).filter((entry): entry is [keyof User & string, readonly object[]] =>
  Array.isArray(entry[1]),
);

/** A user with these values of one attribute. */
function having(name: keyof User & string, values: unknown): Partial<User> {
  return { [name]: values } as Partial<User>;
}

/** Changes of each attribute, and changes that a database may take for none. */
export const wholeChangeCases = casesOf(
  'changes',
  'A client writes the same change in every cycle, or a right that was taken away stays.',
  [
    [
      'unset-each',
      'unset removes each attribute of a user, from get, from list, and from the result of update',
      async (t) => {
        const kept = t.kept(sampleUser);
        // Columns may have defaults.
        const bare = await t.user('bare');
        for (const [i, name] of (Object.keys(kept) as (keyof User & string)[]).entries()) {
          const { id } = await t.user(`ada${String(i)}`, kept);
          const result = await t.store.update(id, change<User>({ unset: [name] }), t.ctx());
          const expected = { ...kept, [name]: bare[name] };
          t.same(result?.changed, true, `changed, after ${name} was unset`);
          t.holds(result?.resource, expected, `what update returns after ${name} was unset`);
          t.holds(await t.read(id), expected, `what get returns after ${name} was unset`);
        }
      },
    ],
    [
      'fewer-values',
      'where set has fewer values of a multi-valued attribute than before, none of the earlier ones stays',
      async (t) => {
        for (const [i, [name, values]] of lists.entries()) {
          const all = t.kept(having(name, values));
          if (!(name in all)) continue;
          const { id } = await t.user(`ada${String(i)}`, all);
          for (const some of [values.slice(1), values.slice(0, 1), values]) {
            const set = t.kept(having(name, some));
            await t.store.update(id, change<User>({ set }), t.ctx());
            t.holds(await t.read(id), set, `a user with ${String(some.length)} ${name}`);
          }
        }
      },
    ],
    [
      'order-of-values',
      'the same values of a multi-valued attribute in another order are a change, and are stored in the new order',
      async (t) => {
        for (const [i, [name, values]] of lists.entries()) {
          const all = t.kept(having(name, values));
          if (!(name in all)) continue;
          const { id } = await t.user(`ada${String(i)}`, all);
          const set = t.kept(having(name, [...values].reverse()));
          // A store may keep one sub-attribute alone, in which two values are equal.
          if (JSON.stringify(set) === JSON.stringify(all)) continue;
          const result = await t.store.update(id, change<User>({ set }), t.ctx());
          t.same(result?.changed, true, `changed, with ${name} in another order`);
          t.holds(await t.read(id), set, 'the user');
        }
      },
      ['valueOrder'],
    ],
    [
      'one-part',
      'a change of one part of one value is a change: the type, the display name, or which value is primary',
      async (t) => {
        for (const [i, [name, values]] of lists.entries()) {
          const all = t.kept(having(name, values));
          if (!(name in all)) continue;
          const [first, ...rest] = values;
          const { id } = await t.user(`ada${String(i)}`, all);
          for (const part of [{ type: 'Other' }, { display: 'Another' }]) {
            const set = t.kept(having(name, [{ ...first, ...part }, ...rest]));
            if (JSON.stringify(set) === JSON.stringify(t.kept(having(name, values)))) continue;
            if (name === 'addresses' && 'display' in part) continue;
            const result = await t.store.update(id, change<User>({ set }), t.ctx());
            t.same(result?.changed, true, `changed, with ${JSON.stringify(part)} in ${name}`);
            t.holds(await t.read(id), set, 'the user');
          }
        }
      },
    ],
    [
      'false-of-absent',
      'active: false of a user without active is a change, and unset makes it what it was without',
      async (t) => {
        const user = await t.user('ada');
        const set = change<User>({ set: { active: false } });
        // A column may have a default.
        t.same(
          (await t.store.update(user.id, set, t.ctx()))?.changed,
          user.active !== false,
          'changed, with active: false',
        );
        t.holds(await t.read(user.id), { active: false }, 'the user');
        const unset = change<User>({ unset: ['active'] });
        t.same(
          (await t.store.update(user.id, unset, t.ctx()))?.changed,
          user.active !== false,
          'changed, after active was unset',
        );
        t.same((await t.read(user.id))?.active ?? null, user.active ?? null, 'active that was unset');
      },
      ['attribute:active'],
    ],
    [
      'extension-alone',
      'a change of one attribute of an extension keeps the core attributes, and the other way round',
      async (t) => {
        const core = t.kept({ displayName: 'Ada', name: { givenName: 'Ada', familyName: 'L' } });
        const extension = t.kept({ [enterprise]: { department: 'R & D', costCenter: '1' } });
        const other = t.kept({ [enterprise]: { department: 'Sales', costCenter: '1' } });
        const { id } = await t.user('ada', { ...core, ...extension });
        await t.store.update(id, change<User>({ set: other }), t.ctx());
        t.holds(await t.read(id), { ...core, ...other }, 'the user after a change of the extension');
        await t.store.update(id, change<User>({ set: { userName: 'eve' } }), t.ctx());
        t.holds(await t.read(id), { userName: 'eve', ...core, ...other }, 'the user after a change of userName');
      },
    ],
  ],
);
