import { deletedType } from '../../../stores/over/primitives.js';
import { casesOf } from '../../store-case.js';
import { changed, idsOf, newId, type PrimitivesContext, record, scanned } from './primitives-context.js';

export const findCases = casesOf<PrimitivesContext>(
  'find',
  'A client reads the user of another customer, or an old state, on which it bases its next change.',
  [
    [
      'unknown',
      'unknown IDs are left out, without an error: also empty, similar and hostile ones',
      async (t) => {
        const { id } = await t.insert(record());
        const unknown = [newId(), 'none', '', `${id} `, ` ${id}`, id.slice(0, -1), `${id}0`, `%`, "' or 1=1 --"];
        const hostile = ['__proto__', 'constructor', '../acme', '{"$ne":null}', 'é😀'];
        for (const each of [...unknown, ...hostile]) {
          t.same(
            idsOf(await t.store.find('acme', [each])),
            [],
            `the IDs that find returns for ${JSON.stringify(each)}`,
          );
        }
      },
    ],
    [
      'many',
      'find returns all records of 500 IDs at once, each once, and leaves out those that do not exist',
      async (t) => {
        const records = Array.from({ length: 490 }, (_, n) => record({ attributes: { title: String(n) } }));
        await t.insertAll(records);
        const asked = [...records.map(({ id }) => id), ...Array.from({ length: 10 }, newId)];
        t.same(idsOf(await t.store.find('acme', asked)), idsOf(records), 'the IDs that find returns');
      },
    ],
    [
      'types',
      'find returns records of every type: users, groups, others and deletions that are not finished',
      async (t) => {
        const records = ['User', 'Group', 'Device', deletedType].map((type) => record({ type }));
        await t.insertAll(records);
        const found = [...(await t.store.find('acme', idsOf(records)))];
        const sorted = found.sort((a, b) => (a.id < b.id ? -1 : 1));
        t.same(sorted, records, 'the records');
      },
    ],
    [
      'tenants',
      'find returns no record of another tenant, also where names of tenants are joined with IDs',
      async (t) => {
        const { id } = await t.insert(record({ tenant: 'other' }));
        t.same(await t.find(id), undefined, 'what find returns for the ID of another tenant');
        t.same((await t.find(id, 'other'))?.id, id, 'the ID of the record in its own tenant');
        for (const separator of [':', '/', '|', '#', '.', '-', '_', ' ']) {
          const inner = record({ tenant: `acme${separator}x` });
          // A storage may refuse such a name of a tenant.
          const isStored = await t.insert(inner).then(
            () => true,
            () => false,
          );
          if (!isStored) continue;
          const asked = `x${separator}${inner.id}`;
          t.same(await t.find(asked), undefined, `what find returns for an ID that begins with x${separator}`);
        }
      },
    ],
    [
      'two-handles',
      'what one process has written, another one reads at once',
      async (t) => {
        const [first, second] = await t.twoHandles();
        const before = record({ attributes: { title: 'old' } });
        await second.insert(before, {});
        t.same([...(await first.find('acme', [before.id]))], [before], 'what the first handle finds');
        const after = changed(before, { attributes: { title: 'new' } });
        t.same(await first.replaceIf(after, before.version, {}), true, 'what replaceIf returns');
        t.same([...(await second.find('acme', [before.id]))], [after], 'what the second handle finds');
        t.same(await scanned(second, { tenant: 'acme', type: 'User' }), [after], 'what the second handle scans');
        await second.remove('acme', before.id);
        t.same([...(await first.find('acme', [before.id]))], [], 'what the first handle finds after remove');
        t.same(await scanned(first, { tenant: 'acme', type: 'User' }), [], 'what the first handle scans after remove');
      },
    ],
  ],
);
