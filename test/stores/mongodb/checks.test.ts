import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ClientSession } from 'mongodb';
import type { User } from '../../../src/contract/resource.js';
import type { WriteCheck } from '../../../src/contract/store.js';
import { ForbiddenError } from '../../../src/errors.js';
import { change, ctx, newUser, removal } from '../../../src/testing/requests.js';
import { imitations, type MadeStore, TestDatabase, url } from './mongodb.js';

const describeWithServer = url === undefined ? describe.skip : describe;

/**
 * Transactions of a server that has none: statements are carried out at once, and nothing is rolled back. What is tested
 * is which statements belong to a transaction, and their order.
 */
function imitatedClient(log: string[]): { startSession(): ClientSession } {
  const session = {
    withTransaction: async (work: () => Promise<unknown>) => {
      log.push('begin');
      try {
        const result = await work();
        log.push('commit');
        return result;
      } catch (error) {
        log.push('rollback');
        throw error;
      }
    },
    endSession: () => {
      log.push('end');
      return Promise.resolve();
    },
  };
  imitations.add(session);
  return { startSession: () => session as unknown as ClientSession };
}

describeWithServer('checks in a transaction of mongoStore', () => {
  let database: TestDatabase;
  let made: MadeStore;
  let log: string[];
  beforeAll(() => {
    database = new TestDatabase(url ?? '');
  });
  beforeEach(async () => {
    log = [];
    made = await database.make({ outbox: true, client: imitatedClient(log) });
    made.fault.before = (write) => {
      log.push(write);
      return Promise.resolve();
    };
  });
  afterAll(() => database.close());

  const check: WriteCheck<User> = {
    before: () => void log.push('before'),
    after: ({ changed }) => void log.push(`after ${String(changed)}`),
  };

  it('supports checks only with a client', async () => {
    expect(made.store.supports?.checks).toBe(true);
    expect((await database.make()).store.supports?.checks).toBe(false);
  });

  it('takes the lock, calls before, writes, calls after, saves the events, and commits', async () => {
    const { id } = (await made.store.create({ ...newUser('ada'), check }, ctx())).resource;
    expect(log).toEqual(['begin', 'updateOne', 'before', 'insertOne', 'after true', 'updateOne', 'commit', 'end']);
    log.length = 0;
    await made.store.update(id, { ...change<User>({ set: { title: 'x' } }), check }, ctx());
    expect(log).toEqual([
      ...['begin', 'updateOne', 'before', 'findOneAndUpdate', 'after true', 'updateOne', 'commit', 'end'],
    ]);
    log.length = 0;
    await made.store.update(id, { ...change<User>({ set: { title: 'x' } }), check }, ctx());
    expect(log).toEqual(['begin', 'updateOne', 'before', 'after false', 'commit', 'end']);
    log.length = 0;
    await made.store.delete(id, { ...removal<User>(), check }, ctx());
    expect(log.slice(0, 7)).toEqual([
      ...['begin', 'updateOne', 'before', 'findOneAndUpdate', 'after true', 'updateOne', 'commit'],
    ]);
    expect(await made.outbox?.()).toHaveLength(3);
  });

  it('takes the lock only for a write with a before', async () => {
    await made.store.create({ ...newUser('ada'), check: { after: () => undefined } }, ctx());
    expect(log).toEqual(['begin', 'insertOne', 'updateOne', 'commit', 'end']);
  });

  it('ends the transaction with what a check throws, and passes it on as it is', async () => {
    const refuse = { before: () => Promise.reject(new ForbiddenError('No seat is free.')) };
    await expect(made.store.create({ ...newUser('ada'), check: refuse }, ctx())).rejects.toThrow('No seat is free.');
    expect(log).toEqual(['begin', 'updateOne', 'rollback', 'end']);
    // As a unique index of the app's own collection would refuse it.
    const own = Object.assign(new Error('of the app'), { code: 11000 });
    await expect(
      made.store.create({ ...newUser('ada'), check: { before: () => Promise.reject(own) } }, ctx()),
    ).rejects.toBe(own);
  });

  it('calls no check for an unknown id or an old version', async () => {
    const { id } = (await made.store.create(newUser('ada'), ctx())).resource;
    log.length = 0;
    expect(await made.store.update('unknown', { ...change<User>({ set: { title: 'x' } }), check }, ctx())).toBe(
      undefined,
    );
    const stale = { ...change<User>({ ifVersion: '99', set: { title: 'x' } }), check };
    await expect(made.store.update(id, stale, ctx())).rejects.toMatchObject({ status: 412 });
    await expect(made.store.delete(id, { ...removal<User>('99'), check }, ctx())).rejects.toMatchObject({
      status: 412,
    });
    expect(log).not.toContain('before');
  });

  it('names the cause where the server has no transactions', async () => {
    const { store } = await database.make({ client: database.client });
    const outcome: unknown = await Promise.resolve(store.create({ ...newUser('ada'), check }, ctx())).catch(
      (error: unknown) => error,
    );
    // A replica set, where the tests run against one, has them.
    if (outcome instanceof Error) expect(outcome.message).toContain('replica set');
    else expect(log).toContain('before');
  });
});
