import type { User } from '../../contract/resource.js';
import { change, removal } from '../requests.js';
import { wasDeleted } from './resources/kind.js';
import { casesOf } from '../store-case.js';

export const deletionCases = casesOf(
  'deletion',
  'GET returns 404 and POST returns 409 forever, or a user who left is still found.',
  [
    [
      'once',
      'of ten concurrent deletions one succeeds; the others find nothing',
      async (t) => {
        const { id } = await t.user('ada');
        const results = await Promise.all(
          Array.from({ length: 10 }, async () => t.store.delete(id, removal(), t.ctx())),
        );
        t.same(results.filter(wasDeleted).length, 1, 'the number of deletions that returned a result');
      },
    ],
    [
      'version',
      'a deletion with an outdated version is refused, one with the current version succeeds',
      async (t) => {
        const { id, meta } = await t.user('ada');
        await t.refused(
          () => t.store.delete(id, removal('stale'), t.ctx()),
          { status: 412 },
          'a deletion with an old version',
        );
        t.ok((await t.read(id)) !== undefined, 'the user is gone');
        t.ok(wasDeleted(await t.store.delete(id, removal(meta.version), t.ctx())), 'delete found no user');
      },
    ],
    [
      'result',
      'a deletion returns `changed: true` and the resource before it, at least `id` and `meta`',
      async (t) => {
        const { id, meta } = await t.user('ada');
        const result = await t.store.delete(id, removal(), t.ctx());
        t.same(
          [result?.changed, result?.resource.id, result?.resource.meta.version],
          [true, id, meta.version],
          'changed, id and version',
        );
      },
    ],
    [
      'invisible',
      'no call finds a deleted resource',
      async (t) => {
        const { id } = await t.user('ada');
        await t.store.delete(id, removal(), t.ctx());
        t.same(await t.read(id), undefined, 'what get returns');
        t.same(
          await t.store.update(id, change<User>({ set: t.text.of('x') }), t.ctx()),
          undefined,
          'what update returns',
        );
        t.ok(!wasDeleted(await t.store.delete(id, removal(), t.ctx())), 'a second delete returned a result');
      },
    ],
  ],
);
