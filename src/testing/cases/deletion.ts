import type { User } from '../../contract/resource.js';
import { change, removal } from '../requests.js';
import { casesOf } from '../store-case.js';

export const deletionCases = casesOf(
  'deletion',
  'GET would find nobody and POST answer 409 for ever, or somebody who left would still be found.',
  [
    [
      'once',
      'of ten parallel deletions one answers true',
      async (t) => {
        const { id } = await t.user('ada');
        const results = await Promise.all(
          Array.from({ length: 10 }, async () => t.store.delete(id, removal(), t.ctx())),
        );
        t.same(results.filter((deleted) => deleted).length, 1, 'the number of deletions that answered true');
      },
    ],
    [
      'version',
      'a deletion with an old version is refused, one with the right version is done',
      async (t) => {
        const { id, meta } = await t.user('ada');
        await t.refused(
          () => t.store.delete(id, removal('stale'), t.ctx()),
          { status: 412 },
          'a deletion with an old version',
        );
        t.ok((await t.read(id)) !== undefined, 'the user is gone');
        t.same(await t.store.delete(id, removal(meta.version), t.ctx()), true, 'the answer of delete');
      },
    ],
    [
      'invisible',
      'a deleted resource is found by no call',
      async (t) => {
        const { id } = await t.user('ada');
        await t.store.delete(id, removal(), t.ctx());
        t.same(await t.read(id), undefined, 'the answer of get');
        t.same(
          await t.store.update(id, change<User>({ set: t.text.of('x') }), t.ctx()),
          undefined,
          'the answer of update',
        );
        t.same(await t.store.delete(id, removal(), t.ctx()), false, 'the answer of a second delete');
      },
    ],
  ],
);
