import { describe, expect, it } from '@jest/globals';
import { MemoryStore, type UserStore } from '../../../src/index.js';
import {
  adoptBy,
  memoryConflictStore,
  memoryOffboardingTaskStore,
  memoryTombstoneStore,
  offboarding,
} from '../../../src/lifecycle/index.js';
import {
  createOffboardingTables,
  createScimTables,
  dispatchOutbox,
  sqlOffboardingTaskStore,
  sqlStore,
  sqlTombstoneStore,
} from '../../../src/sql.js';
import { enterprise, expresses, scimOn, userSchemas } from '../../http/app.js';
import { sqlite } from '../../stores/sql/sqlite.js';
import { Assets } from './assets.js';

const ada = {
  schemas: userSchemas,
  userName: 'ada@example.com',
  externalId: 'ext-ada',
  [enterprise]: { employeeNumber: '1' },
};
const active = (value: boolean) => [{ op: 'replace', path: 'active', value }];

type Open = () => Promise<{
  readonly users: UserStore;
  readonly stores: Pick<Parameters<typeof offboarding>[0], 'store'> & {
    tombstones: ReturnType<typeof memoryTombstoneStore>;
  };
  /** Delivers the events that the store has saved. */
  deliver(to: ReturnType<typeof offboarding>): Promise<unknown>;
}>;

const settings: readonly (readonly [string, Open])[] = [
  [
    'as onChange',
    async () => ({
      users: new MemoryStore(),
      stores: { store: memoryOffboardingTaskStore(), tombstones: memoryTombstoneStore() },
      // The response does not wait for handlers.
      deliver: () => new Promise((resolve) => setTimeout(resolve, 10)),
    }),
  ],
  [
    'from the outbox',
    async () => {
      const { db } = sqlite();
      await createScimTables(db);
      await createOffboardingTables(db);
      return {
        users: sqlStore(db, { outbox: true }),
        stores: { store: sqlOffboardingTaskStore(db), tombstones: sqlTombstoneStore(db) },
        deliver: (to) => dispatchOutboxTo(db, to),
      };
    },
  ],
];

// SQLite has one connection: what is delivered inside the transaction could not write through another.
async function dispatchOutboxTo(db: Parameters<typeof dispatchOutbox>[0], to: ReturnType<typeof offboarding>) {
  const events: Parameters<typeof to.onChange>[0][] = [];
  await dispatchOutbox(db, (event) => void events.push(event));
  for (const event of events) await to.onChange(event);
}

describe.each(expresses)('off-boarding over HTTP on %s', (_, make) => {
  describe.each(settings)('%s', (__, open) => {
    const set = async (policy: 'flag' | 'block' = 'flag') => {
      const { users, stores, deliver } = await open();
      const assets = new Assets('assets', {});
      const leaving = offboarding({ ...stores, handlers: [assets], policy: { assets: policy } });
      const adopt = adoptBy({ find: () => [], conflicts: memoryConflictStore(), tombstones: stores.tombstones });
      const onChange = users.supports?.outbox === true ? undefined : leaving.onChange;
      const scim = scimOn(make, { adopt, onChange, beforeChange: leaving.guard }, users);
      const work = async (): Promise<void> => {
        await deliver(leaving);
        await leaving.run();
      };
      return { scim, assets, work, tombstones: stores.tombstones };
    };
    const give = (assets: Assets, holder: string): void => void assets.assets.push({ id: 'laptop', holder });

    it('flags on active: false, and undoes it on active: true', async () => {
      const { scim, assets, work } = await set();
      const id = await scim.user();
      give(assets, id);
      expect((await scim.patch(`/Users/${id}`, active(false))).status).toBe(200);
      await work();
      expect(assets.asset('laptop').marked?.as).toBe('flag');
      expect((await scim.patch(`/Users/${id}`, active(true))).status).toBe(200);
      await work();
      expect(assets.asset('laptop').marked).toBeUndefined();
    });

    it('lets a deleted user return through adopt with a new id, but never by userName', async () => {
      const { scim, assets, work, tombstones } = await set();
      const id = ((await scim.post('/Users', ada)).body as { id: string }).id;
      give(assets, id);
      expect((await scim.delete(`/Users/${id}`)).status).toBe(204);
      await work();
      const [tombstone] = await tombstones.list('default');
      expect(tombstone).toMatchObject({ userId: id, externalId: 'ext-ada', custody: [{ item: { id: 'laptop' } }] });
      const namesake = await scim.post('/Users', {
        ...ada,
        externalId: 'ext-other',
        [enterprise]: { employeeNumber: '2' },
      });
      await work();
      expect(namesake.status).toBe(201);
      expect((await tombstones.list('default'))[0]?.claimedBy).toBeUndefined();
      expect(assets.asset('laptop').marked?.as).toBe('flag');
      const returned = await scim.post('/Users', { ...ada, userName: 'ada.l@example.com', externalId: 'ext-new' });
      await work();
      const returnedAs = (returned.body as { id: string }).id;
      expect(returned.status).toBe(201);
      expect(returnedAs).not.toBe(id);
      expect((await tombstones.list('default'))[0]?.claimedBy).toBe(returnedAs);
      expect(assets.markers).toMatchObject([{ userId: id, returnedAs }]);
    });

    it('refuses to delete a user who holds a blocked item, until the item is returned', async () => {
      const { scim, assets, work } = await set('block');
      const id = await scim.user();
      give(assets, id);
      expect((await scim.delete(`/Users/${id}`)).status).toBe(403);
      expect((await scim.patch(`/Users/${id}`, active(false))).status).toBe(200);
      await work();
      expect(assets.asset('laptop').marked?.as).toBe('block');
      assets.asset('laptop').holder = undefined;
      expect((await scim.delete(`/Users/${id}`)).status).toBe(204);
      expect((await scim.delete(`/Users/${id}`)).status).toBe(404);
    });
  });
});
