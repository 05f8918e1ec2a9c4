import type { User } from '../../contract/resource.js';
import { change, newUser } from '../requests.js';
import { casesOf } from '../store-case.js';

const base = 'a.very.long.name.of.somebody.'.repeat(5);

export const userNameCases = casesOf(
  'uniqueness',
  'Two accounts for one user, or a user who cannot be created because another one has a similar name.',
  [
    [
      'errors',
      'when users are renamed to one userName concurrently, all but one get ConflictError for userName',
      async (t) => {
        const ids = await t.users(12);
        const results = await Promise.allSettled(
          ids.map(async (id) => t.store.update(id, change<User>({ set: { userName: 'Same' } }), t.ctx())),
        );
        for (const result of results) {
          if (result.status === 'fulfilled') continue;
          const refusal = async (): Promise<never> => Promise.reject(result.reason as Error);
          await t.refused(refusal, { status: 409, attribute: 'userName' }, 'a rename that came too late');
        }
      },
    ],
    [
      'long',
      'userNames that differ behind their 145th character are different names, and are stored completely',
      async (t) => {
        const { id } = await t.user(`${base}1`);
        const other = await t.user(`${base}2`);
        t.holds(await t.read(id), { userName: `${base}1` }, 'the first user');
        t.holds(await t.read(other.id), { userName: `${base}2` }, 'the second user');
        await t.refused(() => t.store.create(newUser(`${base}1`), t.ctx()), { status: 409 }, 'the first name again');
      },
      ['longText'],
    ],
    [
      'similar',
      'userNames that differ in an accent are different names',
      async (t) => {
        await t.user('rene');
        const { id } = await t.user('rené');
        t.holds(await t.read(id), { userName: 'rené' }, 'the second user');
        await t.refused(() => t.store.create(newUser('RENÉ'), t.ctx()), { status: 409 }, 'creating RENÉ beside rené');
      },
      ['exactText'],
    ],
    [
      'as-sent',
      'userName is stored as it was sent, although its key is normalized',
      async (t) => {
        for (const userName of ['Ame\u0301lie', 'Straße', '007', '1e5', 'true', 'null']) {
          const { id } = await t.user(userName);
          t.holds(await t.read(id), { userName }, 'the user');
        }
      },
    ],
  ],
);
