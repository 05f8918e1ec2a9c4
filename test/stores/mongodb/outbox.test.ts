import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ChangeEvent } from '../../../src/contract/event.js';
import type { User } from '../../../src/contract/resource.js';
import type { WriteResult } from '../../../src/contract/store.js';
import { dispatchMongoOutbox, type MongoDispatchOptions } from '../../../src/mongodb.js';
import { change, ctx, newUser, nothing, removal } from '../../../src/testing/requests.js';
import { type MadeStore, TestDatabase, url } from './mongodb.js';

const describeWithServer = url === undefined ? describe.skip : describe;

describeWithServer('the outbox of mongoStore', () => {
  let database: TestDatabase;
  let made: MadeStore;
  beforeAll(() => {
    database = new TestDatabase(url ?? '');
  });
  beforeEach(async () => {
    made = await database.make({ outbox: true });
  });
  afterAll(() => database.close());

  const dispatch = (
    deliver: (event: ChangeEvent) => void | Promise<void>,
    options: MongoDispatchOptions = {},
  ): Promise<number> => dispatchMongoOutbox(database.db, deliver, { collection: made.collection, ...options });
  const saved = async (): Promise<readonly ChangeEvent[]> => (await made.outbox?.()) ?? [];

  /** A user whose versions 1 to `count` have an event each. */
  async function changedUser(userName: string, count: number): Promise<string> {
    const { id } = (await made.store.create(newUser(userName), ctx())).resource;
    for (let i = 2; i <= count; i++) {
      await made.store.update(id, change<User>({ set: { title: `t${String(i)}` } }), ctx());
    }
    return id;
  }

  it('delivers the oldest resource first, its events in their order, each once, and is then empty', async () => {
    const a = await changedUser('ada', 4);
    const b = await changedUser('bob', 3);
    await made.store.delete(a, removal(), ctx());
    const c = await changedUser('carol', 1);
    const delivered: string[] = [];
    expect(await dispatch(({ id }) => void delivered.push(id))).toBe(9);
    expect(delivered).toEqual([
      ...[1, 2, 3, 4, 4].map((version) => `${a}@${String(version)}`),
      ...[1, 2, 3].map((version) => `${b}@${String(version)}`),
      `${c}@1`,
    ]);
    expect(await dispatch(() => undefined)).toBe(0);
  });

  it('keeps an event that could not be delivered, and the later ones of its resource', async () => {
    const id = await changedUser('ada', 3);
    const refuse = ({ id: event }: ChangeEvent): void => {
      if (event.endsWith('@2')) throw new Error('The receiver is down.');
    };
    await expect(dispatch(refuse)).rejects.toThrow('The receiver is down.');
    expect((await saved()).map((event) => event.id)).toEqual([`${id}@2`, `${id}@3`]);
    expect(await dispatch(() => undefined)).toBe(2);
  });

  it('lets several processes deliver at the same time, and none delivers what another one is delivering', async () => {
    for (let i = 0; i < 10; i++) await changedUser(`user${String(i)}`, 3);
    const delivered: string[] = [];
    const slow = async ({ id }: ChangeEvent): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      delivered.push(id);
    };
    const counts = await Promise.all([dispatch(slow), dispatch(slow), dispatch(slow)]);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(30);
    expect(new Set(delivered).size).toBe(30);
  });

  it('delivers again what a process had taken that ended, after the lease', async () => {
    const id = await changedUser('ada', 1);
    const until = new Date(Date.now() + 3_600_000);
    await made.documents.updateOne({ _id: id }, { $set: { lease: { owner: 'gone', until } } });
    expect(await dispatch(() => undefined)).toBe(0);
    await made.documents.updateOne({ _id: id }, { $set: { 'lease.until': new Date(Date.now() - 1) } });
    expect(await dispatch(() => undefined)).toBe(1);
    expect((await made.documents.findOne({ _id: id }))?.['lease']).toBeUndefined();
  });

  it('saves an event that is made while others are delivered', async () => {
    const id = await changedUser('ada', 1);
    let isFirst = true;
    const total = await dispatch(async () => {
      if (isFirst) await made.store.update(id, change<User>({ set: { title: 'late' } }), ctx());
      isFirst = false;
    });
    expect(total).toBe(2);
    expect(await saved()).toEqual([]);
  });

  it('hands the exact state before and after to the events, also under concurrent writes', async () => {
    const { id } = (await made.store.create(newUser('ada', { title: 't0' }), ctx())).resource;
    const seen: WriteResult<User>[] = [];
    await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const wanted = change<User>({ set: { title: `t${String(i + 1)}` } });
        const events = (result: WriteResult<User>): readonly ChangeEvent[] => {
          seen.push(result);
          return wanted.events(result);
        };
        await made.store.update(id, { ...wanted, events }, ctx());
      }),
    );
    const titles = seen.map(({ before, resource }) => [before?.title, resource.title]);
    for (const [i, [before]] of titles.entries()) expect(before).toBe(i === 0 ? 't0' : titles[i - 1]?.[1]);
    expect(seen.map(({ resource }) => resource.meta.version)).toEqual(seen.map((_, i) => String(i + 2)));
  });

  it('keeps the record of a deletion until its event is delivered', async () => {
    const id = await changedUser('ada', 1);
    await made.store.delete(id, removal(), ctx());
    expect(await made.store.get(id, nothing, ctx())).toBeUndefined();
    expect((await saved()).map((event) => event.resourceId)).toEqual([id, id]);
  });
});
