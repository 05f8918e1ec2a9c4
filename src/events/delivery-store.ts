import type { Awaitable } from '../contract/awaitable.js';
import type { Delivery, DeliveryQuery, DeliveryState } from '../contract/deliveries.js';
import type { ChangeEvent } from '../contract/event.js';

/**
 * A delivery that is about to be saved.
 *
 * @example
 * import type { NewDelivery } from 'express-scim/events';
 *
 * export const typesOf = (deliveries: readonly NewDelivery[]) => deliveries.map(({ event }) => event.type);
 */
export interface NewDelivery {
  readonly tenant: string;
  readonly id: string;
  readonly endpoint: string;
  readonly event: ChangeEvent;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/**
 * A delivery that this process has for itself until its lease ends.
 *
 * @example
 * import type { ClaimedDelivery } from 'express-scim/events';
 *
 * export const isFirstAttempt = ({ attempts }: ClaimedDelivery): boolean => attempts === 1;
 */
export interface ClaimedDelivery extends NewDelivery {
  /** With the attempt that begins now. */
  readonly attempts: number;
  /** When it was created or last resent: its age counts from here. */
  readonly queuedAt: number;
}

/**
 * An endpoint of a tenant that has due deliveries, and how it does.
 *
 * @example
 * import type { DueEndpoint } from 'express-scim/events';
 *
 * export const isFailing = ({ failures }: DueEndpoint): boolean => failures > 0;
 */
export interface DueEndpoint {
  readonly tenant: string;
  readonly endpoint: string;
  /** Failed attempts since the last success. */
  readonly failures: number;
  readonly failingSince?: number | undefined;
}

/**
 * What an attempt leads to.
 *
 * @example
 * import type { DeliveryOutcome } from 'express-scim/events';
 *
 * export const delivered: DeliveryOutcome = { state: 'delivered', status: 204 };
 */
export type DeliveryOutcome =
  | { readonly state: 'delivered'; readonly status?: number | undefined }
  | {
      readonly state: 'pending' | 'dead';
      readonly status?: number | undefined;
      readonly error: string;
      /** Of a pending delivery. */
      readonly nextAttemptAt?: number | undefined;
      /** What becomes of the endpoint. Default: it stays as it is. */
      readonly endpoint?: EndpointFailure | undefined;
    };

/**
 * A failure of an endpoint.
 *
 * @example
 * import type { EndpointFailure } from 'express-scim/events';
 *
 * export const gone: EndpointFailure = { failures: 1, pausedUntil: Date.now(), disable: true };
 */
export interface EndpointFailure {
  /** Failed attempts since the last success, this one included. */
  readonly failures: number;
  readonly pausedUntil: number;
  readonly disable: boolean;
}

/**
 * What a store knows about an endpoint.
 *
 * @example
 * import type { EndpointHealth } from 'express-scim/events';
 *
 * export const isDisabled = ({ disabledAt }: EndpointHealth): boolean => disabledAt !== undefined;
 */
export interface EndpointHealth {
  readonly endpoint: string;
  readonly failures: number;
  readonly failingSince?: number | undefined;
  readonly pausedUntil?: number | undefined;
  readonly disabledAt?: number | undefined;
}

/**
 * Keeps deliveries: `memoryDeliveryStore()`, `sqlDeliveryStore(db)` of express-scim/sql, or your own. Any number of
 * processes may use one store. Times are milliseconds since 1970.
 *
 * @example
 * import { memoryDeliveryStore, type DeliveryStore } from 'express-scim/events';
 *
 * export const store: DeliveryStore = memoryDeliveryStore();
 */
export interface DeliveryStore {
  /**
   * Saves pending deliveries: all of them, or none. One whose ID exists stays as it is.
   *
   * @param transaction of the database, to save them in; undefined for one of its own
   */
  add(deliveries: readonly NewDelivery[], transaction?: unknown): Awaitable<void>;
  /** Endpoints with due deliveries that are neither paused nor disabled. The one that waited longest comes first. */
  due(now: number, limit: number): Awaitable<readonly DueEndpoint[]>;
  /**
   * Takes due deliveries of an endpoint, oldest first: counts an attempt, and makes them due again when the lease ends.
   * No two calls return the same delivery before that.
   */
  claim(
    endpoint: Pick<DueEndpoint, 'tenant' | 'endpoint'>,
    now: number,
    leaseMilliseconds: number,
    limit: number,
  ): Awaitable<readonly ClaimedDelivery[]>;
  /**
   * Saves what an attempt leads to. A success ends the failures of the endpoint and always counts; any other outcome is
   * ignored if another attempt has begun in the meantime. A delivered event is deleted, and its record stays.
   */
  report(delivery: ClaimedDelivery, outcome: DeliveryOutcome, now: number): Awaitable<void>;
  /** Every endpoint of the tenant to which deliveries were saved. */
  health(tenant: string): Awaitable<readonly EndpointHealth[]>;
  /** Counts the deliveries of an endpoint in a state, up to `limit`. */
  count(tenant: string, endpoint: string, state: DeliveryState, limit: number): Awaitable<number>;
  /** Newest first. */
  list(tenant: string, query: DeliveryQuery & { readonly limit: number }): Awaitable<readonly Delivery[]>;
  /** Makes dead deliveries pending and due. @returns how many */
  resend(
    tenant: string,
    which: { readonly id: string } | { readonly endpoint: string },
    now: number,
  ): Awaitable<number>;
  /** Ends failures, pause and disabling of an endpoint. @returns false if the store does not know it */
  enable(tenant: string, endpoint: string): Awaitable<boolean>;
  /** Makes pending deliveries dead that were queued before `queuedBefore`. @returns how many */
  expire(queuedBefore: number, error: string): Awaitable<number>;
  /** Deletes deliveries that were queued before these times. */
  prune(before: { readonly delivered: number; readonly dead: number }): Awaitable<void>;
}
