import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Delivery, DeliveryState } from '../../contract/deliveries.js';
import type { ChangeEvent } from '../../contract/event.js';
import { parseDatabase, tableOptionRules } from '../../database/database-arguments.js';
import type { TableOptions } from '../../database/table-names.js';
import { inTransaction, reading } from '../../database/transaction.js';
import { sequence } from '../../lifecycle/offboarding/sequence.js';
import type {
  ClaimedDelivery,
  DeliveryOutcome,
  DeliveryStore,
  DueEndpoint,
  EndpointFailure,
  NewDelivery,
} from '../delivery-store.js';
import { deliveryTables } from './tables.js';
import { usageError } from '../../contract/option-mistakes.js';

type EndpointKey = Pick<DueEndpoint, 'tenant' | 'endpoint'>;

/** Rows that one statement changes, so that none holds locks for long. */
const chunkSize = 200;

/**
 * Keeps deliveries in the tables of `createDeliveryTables`. Any number of processes may work on them.
 *
 * `add` takes the transaction of `dispatchOutbox`: deliveries are then saved if, and only if, the event leaves the outbox.
 *
 * @throws TypeError if the dialect is unknown, or if `options.tables` is not a valid prefix
 * @example
 * import { sqlDeliveryStore } from 'express-scim/sql';
 * import type { Kysely } from 'kysely';
 *
 * export const deliveryStore = (db: Kysely<unknown>) => sqlDeliveryStore(db);
 */
export function sqlDeliveryStore<DB>(database: Kysely<DB>, options: TableOptions = {}): DeliveryStore {
  const { db, dialect } = parseDatabase(database, options, tableOptionRules('sqlDeliveryStore'));
  const names = deliveryTables(options.tables);
  const table = sql.table(names.deliveries);
  const endpointTable = sql.table(names.endpoints);
  // `insert ignore` of MySQL would also ignore what does not fit.
  const orKeep = dialect === 'mysql' ? sql`on duplicate key update tenant = tenant` : sql`on conflict do nothing`;
  const nextOrdinal = sequence();
  const write = <T>(work: (transaction: Kysely<unknown>) => Promise<T>): Promise<T> => inTransaction(db, dialect, work);

  const addEndpoints = async (keys: readonly EndpointKey[], on: Kysely<unknown>): Promise<void> => {
    for (const { tenant, endpoint } of keys) {
      const is = sql`tenant = ${tenant} and id = ${endpoint}`;
      // A read first: an insert would wait for every process that reports about the endpoint.
      const { rows } = await sql`select 1 from ${endpointTable} where ${is}`.execute(on);
      if (rows.length > 0) continue;
      await sql`insert into ${endpointTable} (tenant, id, failures, paused, served)
        values (${tenant}, ${endpoint}, 0, 0, 0) ${orKeep}`.execute(on);
    }
  };
  const addAll = async (deliveries: readonly NewDelivery[], on: Kysely<unknown>): Promise<void> => {
    await addEndpoints(endpointsOf(deliveries), on);
    for (const { tenant, id, endpoint, event, createdAt } of deliveries) {
      const about = sql.join([tenant, id, nextOrdinal(), endpoint, event.id, event.type, JSON.stringify(event)]);
      await sql`insert into ${table} (tenant, id, ordinal, endpoint, event_id, event_type, event, state, created, queued, due,
        attempts) values (${about}, 'pending', ${createdAt}, ${createdAt}, ${createdAt}, 0) ${orKeep}`.execute(on);
    }
  };
  /** Changes rows in chunks, each in a transaction of its own, until none matches. */
  const changeAll = async (
    matching: RawBuilder<unknown>,
    change: (keys: RawBuilder<unknown>) => RawBuilder<unknown>,
  ): Promise<number> => {
    for (let total = 0; ;) {
      const { rows } = await reading(() =>
        sql<Key>`select tenant, id from ${table} where ${matching} limit ${chunkSize}`.execute(db),
      );
      if (rows.length === 0) return total;
      const keys = sql.join(rows.map(({ tenant, id }) => sql`(${textOf(tenant)}, ${textOf(id)})`));
      const statement = change(sql`${matching} and (tenant, id) in (${keys})`);
      const { numAffectedRows = 0n } = await write((transaction) => statement.execute(transaction));
      total += Number(numAffectedRows);
      if (rows.length < chunkSize) return total;
    }
  };

  return {
    async add(deliveries, transaction) {
      if (transaction !== undefined) return addAll(deliveries, parseTransaction(transaction));
      await write((own) => addAll(deliveries, own));
    },
    due: (now, limit) =>
      reading(async () => {
        const { rows } = await sql<EndpointRow>`select e.tenant, e.id, e.failures, e.failing_since
          from ${endpointTable} e where e.disabled is null and e.paused <= ${now} and exists (select 1 from ${table} d
            where d.tenant = e.tenant and d.endpoint = e.id and d.due <= ${now})
          order by e.served limit ${limit}`.execute(db);
        return rows.map((row) => ({
          ...{ tenant: textOf(row.tenant), endpoint: textOf(row.id), failures: Number(row.failures) },
          failingSince: numberOf(row.failing_since),
        }));
      }),
    async claim({ tenant, endpoint }, now, leaseMilliseconds, limit) {
      const { rows } = await reading(() =>
        sql<DueRow>`select id, event, created, queued, due, attempts from ${table} where tenant = ${tenant}
          and endpoint = ${endpoint} and due <= ${now} order by due, ordinal limit ${limit}`.execute(db),
      );
      const claimed: ClaimedDelivery[] = [];
      await write(async (transaction) => {
        claimed.length = 0;
        await sql`update ${endpointTable} set served = ${now} where tenant = ${tenant} and id = ${endpoint}`.execute(
          transaction,
        );
        for (const row of rows) {
          const id = textOf(row.id);
          const attempts = Number(row.attempts);
          // Compare-and-swap: the process that still finds the row as it was read gets the delivery.
          const { numAffectedRows } = await sql`update ${table} set due = ${now + leaseMilliseconds},
            attempts = ${attempts + 1}, attempted = ${now} where tenant = ${tenant} and id = ${id}
            and due = ${Number(row.due)} and attempts = ${attempts}`.execute(transaction);
          if (numAffectedRows !== 1n) continue;
          claimed.push({
            ...{ tenant, id, endpoint, attempts: attempts + 1, event: toEvent(row.event) },
            ...{ createdAt: Number(row.created), queuedAt: Number(row.queued) },
          });
        }
      });
      return claimed;
    },
    report: (delivery, outcome, now) =>
      write(async (transaction) => {
        const endpoint = sql`tenant = ${delivery.tenant} and id = ${delivery.endpoint}`;
        const is = sql`tenant = ${delivery.tenant} and id = ${delivery.id}`;
        if (outcome.state === 'delivered') {
          await sql`update ${table} set state = 'delivered', due = null, event = null, error = null,
            status = ${outcome.status ?? null} where ${is}`.execute(transaction);
          await sql`update ${endpointTable} set failures = 0, failing_since = null, paused = 0
            where ${endpoint} and failures > 0`.execute(transaction);
          return;
        }
        await sql`update ${table} set ${settingsOf(outcome, now)}
          where ${is} and state = 'pending' and attempts = ${delivery.attempts}`.execute(transaction);
        if (outcome.endpoint === undefined) return;
        await sql`update ${endpointTable} set ${failureOf(outcome.endpoint, now)} where ${endpoint}`.execute(
          transaction,
        );
      }),
    health: (tenant) =>
      reading(async () => {
        const { rows } = await sql<EndpointRow>`select id, failures, failing_since, paused, disabled
          from ${endpointTable} where tenant = ${tenant} order by id`.execute(db);
        return rows.map((row) => ({
          ...{ endpoint: textOf(row.id), failures: Number(row.failures), failingSince: numberOf(row.failing_since) },
          ...(Number(row.paused) > 0 && { pausedUntil: Number(row.paused) }),
          disabledAt: numberOf(row.disabled),
        }));
      }),
    count: (tenant, endpoint, state, limit) =>
      reading(async () => {
        const { rows } = await sql<{ n: unknown }>`select count(*) as n from (select 1 as one from ${table}
          where tenant = ${tenant} and endpoint = ${endpoint} and state = ${state} limit ${limit}) as found`.execute(
          db,
        );
        return Number(rows[0]?.n);
      }),
    list: (tenant, { endpoint, state, before, limit }) =>
      reading(async () => {
        const conditions = [sql`tenant = ${tenant}`];
        if (endpoint !== undefined) conditions.push(sql`endpoint = ${endpoint}`);
        if (state !== undefined) conditions.push(sql`state = ${state}`);
        if (before !== undefined) {
          const { rows } = await sql<{ ordinal: unknown }>`select ordinal from ${table}
            where tenant = ${tenant} and id = ${before}`.execute(db);
          const [last] = rows;
          if (last === undefined) return [];
          conditions.push(sql`ordinal < ${textOf(last.ordinal)}`);
        }
        const { rows } = await sql<ListRow>`select tenant, id, endpoint, event_id, event_type, state, created, due,
          attempts, attempted, status, error from ${table} where ${sql.join(conditions, sql` and `)}
          order by ordinal desc limit ${limit}`.execute(db);
        return rows.map(toDelivery);
      }),
    resend(tenant, which, now) {
      const one = 'id' in which ? sql`id = ${which.id}` : sql`endpoint = ${which.endpoint}`;
      return changeAll(
        sql`tenant = ${tenant} and ${one} and state = 'dead'`,
        (rows) => sql`update ${table} set state = 'pending', queued = ${now}, due = ${now}, attempts = 0 where ${rows}`,
      );
    },
    enable: (tenant, endpoint) =>
      write(async (transaction) => {
        const is = sql`tenant = ${tenant} and id = ${endpoint}`;
        const { rows } = await sql`select 1 from ${endpointTable} where ${is}`.execute(transaction);
        if (rows.length === 0) return false;
        await sql`update ${endpointTable} set failures = 0, failing_since = null, paused = 0, disabled = null
          where ${is}`.execute(transaction);
        return true;
      }),
    expire: (queuedBefore, error) =>
      changeAll(
        sql`state = 'pending' and queued < ${queuedBefore}`,
        (rows) => sql`update ${table} set state = 'dead', due = null, error = ${error} where ${rows}`,
      ),
    async prune({ delivered, dead }) {
      for (const [state, before] of [
        ['delivered', delivered],
        ['dead', dead],
      ] as const) {
        await changeAll(
          sql`state = ${state} and queued < ${before}`,
          (rows) => sql`delete from ${table} where ${rows}`,
        );
      }
    },
  };
}

interface Key {
  readonly tenant: unknown;
  readonly id: unknown;
}

interface EndpointRow extends Key {
  readonly failures: unknown;
  readonly failing_since: unknown;
  readonly paused: unknown;
  readonly disabled: unknown;
}

interface DueRow {
  readonly id: unknown;
  readonly event: unknown;
  readonly created: unknown;
  readonly queued: unknown;
  readonly due: unknown;
  readonly attempts: unknown;
}

interface ListRow extends Key {
  readonly endpoint: unknown;
  readonly event_id: unknown;
  readonly event_type: unknown;
  readonly state: unknown;
  readonly created: unknown;
  readonly due: unknown;
  readonly attempts: unknown;
  readonly attempted: unknown;
  readonly status: unknown;
  readonly error: unknown;
}

function endpointsOf(deliveries: readonly NewDelivery[]): readonly EndpointKey[] {
  return [...new Map(deliveries.map((each) => [JSON.stringify([each.tenant, each.endpoint]), each])).values()];
}

function settingsOf(
  { state, status, error, nextAttemptAt }: Exclude<DeliveryOutcome, { readonly state: 'delivered' }>,
  now: number,
): RawBuilder<unknown> {
  const due = state === 'dead' ? null : (nextAttemptAt ?? now);
  return sql`state = ${state}, due = ${due}, status = ${status ?? null}, error = ${error}`;
}

/** Parallel attempts that fail together count as one failure: each reports the same number. */
function failureOf({ failures, pausedUntil, disable }: EndpointFailure, now: number): RawBuilder<unknown> {
  return sql`failures = case when failures < ${failures} then ${failures} else failures end,
    failing_since = coalesce(failing_since, ${now}),
    paused = case when paused < ${pausedUntil} then ${pausedUntil} else paused end,
    disabled = coalesce(disabled, ${disable ? now : null})`;
}

function toDelivery(row: ListRow): Delivery {
  return {
    ...{ tenant: textOf(row.tenant), id: textOf(row.id), endpoint: textOf(row.endpoint) },
    ...{ eventId: textOf(row.event_id), eventType: textOf(row.event_type), state: toState(textOf(row.state)) },
    ...{ createdAt: Number(row.created), attempts: Number(row.attempts), lastAttemptAt: numberOf(row.attempted) },
    nextAttemptAt: numberOf(row.due),
    status: numberOf(row.status),
    error: row.error === null ? undefined : textOf(row.error),
  };
}

function toState(text: string): DeliveryState {
  return text === 'pending' || text === 'delivered' ? text : 'dead';
}

function toEvent(value: unknown): ChangeEvent {
  return JSON.parse(textOf(value)) as ChangeEvent;
}

/** Kysely's `Transaction`, as `dispatchOutbox` passes it. @throws TypeError for anything else */
function parseTransaction(value: unknown): Kysely<unknown> {
  const isKysely = typeof value === 'object' && value !== null && 'isTransaction' in value;
  if (!isKysely) {
    throw usageError('enqueue', 'pass the transaction that dispatchOutbox passes to deliver', 'webhooks.md');
  }
  return value as unknown as Kysely<unknown>;
}

/** Binary columns of MySQL come as buffers. */
function textOf(value: unknown): string {
  return String(value);
}

function numberOf(value: unknown): number | undefined {
  return value === null || value === undefined ? undefined : Number(value);
}
