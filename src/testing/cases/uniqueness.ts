import type { User } from '../../contract/resource.js';
import { change, newUser, removal } from '../requests.js';
import { casesOf } from '../store-case.js';

export const uniquenessCases = casesOf(
  'uniqueness',
  'Two accounts for one user: provisioning changes one, and the other keeps its access.',
  [
    [
      'parallel',
      'of 100 concurrent creations of one userName, in any case, exactly one succeeds; the others throw ConflictError for userName',
      async (t) => {
        const results = await Promise.allSettled(
          Array.from({ length: 100 }, async (_, i) => t.store.create(newUser(i % 2 === 0 ? 'Ada' : 'ADA'), t.ctx())),
        );
        const made = results.filter(({ status }) => status === 'fulfilled').length;
        t.same(made, 1, 'the number of users made');
        for (const result of results) {
          if (result.status === 'rejected') {
            const { status, attribute } = result.reason as { status?: unknown; attribute?: unknown };
            t.same([status, attribute], [409, 'userName'], 'status and attribute of a refusal');
          }
        }
      },
    ],
    [
      'letter-case',
      'a userName that differs only in case is taken: the key decides, not the text',
      async (t) => {
        await t.user('Ada');
        await t.refused(
          () => t.store.create(newUser('aDA'), t.ctx()),
          { status: 409, attribute: 'userName' },
          'creating aDA beside Ada',
        );
      },
    ],
    [
      'change',
      'a change to a userName that is taken is refused and changes nothing',
      async (t) => {
        await t.user('ada');
        const bob = await t.user('bob', t.text.of('old'));
        const set = { userName: 'ADA', ...t.text.of('new') };
        await t.refused(
          () => t.store.update(bob.id, change<User>({ set }), t.ctx()),
          { status: 409, attribute: 'userName' },
          'renaming bob to ADA',
        );
        t.same(await t.read(bob.id), bob, 'bob');
      },
    ],
    [
      'refused-rename',
      'a rename that is refused keeps the old userName taken',
      async (t) => {
        await t.user('anna');
        const { id } = await t.user('bob');
        await t.refused(
          () => t.store.update(id, change<User>({ set: { userName: 'anna' } }), t.ctx()),
          { status: 409, attribute: 'userName' },
          'renaming bob to anna',
        );
        await t.refused(
          () => t.store.create(newUser('Bob'), t.ctx()),
          { status: 409, attribute: 'userName' },
          'creating a second bob after the refused rename',
        );
      },
    ],
    [
      'parallel-change',
      'when 30 users are renamed to one userName concurrently, one succeeds',
      async (t) => {
        const ids = await t.users(30);
        const results = await Promise.allSettled(
          ids.map(async (id) => t.store.update(id, change<User>({ set: { userName: 'same' } }), t.ctx())),
        );
        t.same(
          results.filter(({ status }) => status === 'fulfilled').length,
          1,
          'the number of users that got the name',
        );
      },
    ],
    [
      'frees',
      'a rename frees the previous userName',
      async (t) => {
        const { id } = await t.user('ada');
        await t.store.update(id, change<User>({ set: { userName: 'eve' } }), t.ctx());
        await t.user('ADA');
        await t.refused(() => t.store.create(newUser('EVE'), t.ctx()), { status: 409 }, 'creating EVE beside eve');
      },
    ],
    [
      'own',
      'a user may change the case of its own userName',
      async (t) => {
        const { id } = await t.user('ada');
        const result = await t.store.update(id, change<User>({ set: { userName: 'ADA' } }), t.ctx());
        t.same(result?.changed, true, 'changed');
        t.holds(await t.read(id), { userName: 'ADA' }, 'the user');
      },
    ],
    [
      'deleted',
      'deletion frees the userName',
      async (t) => {
        const { id } = await t.user('ada');
        await t.store.delete(id, removal(), t.ctx());
        const again = await t.user('ADA');
        t.ok(again.id !== id, 'the new user has the id of the deleted one');
      },
    ],
    [
      'external-id',
      'externalId is not unique unless a key says so',
      async (t) => {
        await t.user('ada', { externalId: 'same' });
        await t.user('bob', { externalId: 'same' });
      },
    ],
  ],
);
