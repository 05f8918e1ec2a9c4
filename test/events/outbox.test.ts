import { describe, expect, it } from '@jest/globals';
import express from 'express';
import { type Kysely, sql } from 'kysely';
import { eventDelivery, memoryDeliveryStore } from '../../src/events/index.js';
import {
  createDeliveryTables,
  createScimTables,
  dispatchOutbox,
  dropDeliveryTables,
  dropScimTables,
  sqlDeliveryStore,
  sqlStore,
} from '../../src/sql.js';
import { scimOn } from '../http/app.js';
import { databases } from '../lifecycle/databases.js';
import { event, local, startReceiver, webhook } from './receiver.js';

describe.each(databases)('deliveries from the outbox in %s', (_, make) => {
  const open = async () => {
    const { db, tables, afterwards } = make();
    await createScimTables(db, { tables });
    await createDeliveryTables(db, { tables });
    afterwards(() => dropDeliveryTables(db, { tables }));
    afterwards(() => dropScimTables(db, { tables }));
    const receiver = await startReceiver();
    const deliveries = eventDelivery({
      store: sqlDeliveryStore(db, { tables }),
      endpoints: [webhook('crm', receiver.url), webhook('mail', receiver.url)],
      // One at a time, so that they arrive in their order.
      concurrency: 1,
      ...local,
    });
    const scim = scimOn(express, {}, sqlStore(db, { tables, outbox: true }));
    return { db, tables, receiver, deliveries, scim };
  };
  const left = async (db: Kysely<unknown>, tables: string): Promise<number> => {
    const { rows } = await sql<{ n: unknown }>`select count(*) as n from ${sql.table(`${tables}outbox`)}`.execute(db);
    return Number(rows[0]?.n);
  };

  it('are saved in the transaction that takes the event out of the outbox, and sent', async () => {
    const { db, tables, receiver, deliveries, scim } = await open();
    const id = await scim.user();
    await scim.patch(`/Users/${id}`, [{ op: 'replace', path: 'active', value: false }]);
    await scim.delete(`/Users/${id}`);
    expect(await dispatchOutbox(db, (each, transaction) => deliveries.enqueue(each, transaction), { tables })).toBe(4);
    expect(await left(db, tables)).toBe(0);
    expect(receiver.received).toEqual([]);
    expect(await deliveries.run()).toBe(8);
    const types = receiver.received.map(({ body }) => (JSON.parse(body) as { type: string }).type);
    expect(types.filter((_, i) => i % 2 === 0)).toHaveLength(4);
    expect(new Set(types)).toEqual(new Set(['user.created', 'user.deactivated', 'user.updated', 'user.deleted']));
    await deliveries.stop();
  });

  it('are saved for all endpoints or none, and the event stays in the outbox where the transaction fails', async () => {
    const { db, tables, receiver, deliveries, scim } = await open();
    await scim.user();
    const fails = dispatchOutbox(
      db,
      async (each, transaction) => {
        await deliveries.enqueue(each, transaction);
        throw new Error('another consumer failed');
      },
      { tables },
    );
    await expect(fails).rejects.toThrow('another consumer failed');
    expect(await left(db, tables)).toBe(1);
    expect(await deliveries.deliveries('default')).toEqual([]);
    await dispatchOutbox(db, (each, transaction) => deliveries.enqueue(each, transaction), { tables });
    await deliveries.run();
    expect(receiver.received).toHaveLength(2);
    await deliveries.stop();
  });

  it('take no other value for a transaction', async () => {
    const { deliveries } = await open();
    for (const value of [{}, 'begin', 1]) {
      await expect(deliveries.enqueue(event(), value)).rejects.toThrow(
        'pass the transaction that dispatchOutbox passes',
      );
    }
    await deliveries.stop();
  });
});

describe('deliveries of a store without an outbox', () => {
  it('are saved by onChange', async () => {
    const receiver = await startReceiver();
    const endpoints = [webhook('crm', receiver.url)];
    const deliveries = eventDelivery({ store: memoryDeliveryStore(), endpoints, ...local });
    const scim = scimOn(express, { onChange: (each) => deliveries.enqueue(each) });
    await scim.user();
    await deliveries.run();
    expect(receiver.received).toHaveLength(1);
    await deliveries.stop();
  });
});
