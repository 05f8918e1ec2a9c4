import { channel, tracingChannel, type TracingChannel } from 'node:diagnostics_channel';
import { isScimError } from '../errors.js';
import { type Awaitable, isThenable } from './awaitable.js';
import type { ChangeEvent } from './event.js';

/** The result of a traced call; undefined until it ends. */
export interface TracedCall {
  /** How long it took. */
  milliseconds?: number;
  /** Of a call that failed: the `code` of a ScimError, or the name of another error. Never its message. */
  errorType?: string;
  /**
   * A subscriber of `start` may set it: runs the call, for example inside a context of its own. Whoever sets it must
   * call the previous one.
   */
  around?: (<T>(call: () => T) => T) | undefined;
}

/**
 * One call of a store: the message of `tracing:express-scim:store:*`. It contains no values of attributes.
 *
 * @example
 * import { tracingChannel } from 'node:diagnostics_channel';
 * import type { StoreMessage } from 'express-scim/otel';
 *
 * tracingChannel<unknown, StoreMessage>('express-scim:store').asyncEnd.subscribe((message) => {
 *   const { operation, resourceType, milliseconds = 0 } = message as StoreMessage;
 *   if (milliseconds > 500) console.warn(`${operation} ${resourceType} took ${String(milliseconds)} ms`);
 * });
 */
export interface StoreMessage extends TracedCall {
  readonly requestId: string;
  readonly tenant: string;
  /** Name of the resource type: `User`, `Group`. */
  readonly resourceType: string;
  /** The method of the store. */
  readonly operation: 'create' | 'get' | 'list' | 'update' | 'delete' | 'namesOf' | 'groupsOf';
  /** Of `list`: resources on the page. */
  resources?: number;
}

/**
 * One attempt of work that no request waits for: the message of `tracing:express-scim:job:*`.
 *
 * @example
 * import { tracingChannel } from 'node:diagnostics_channel';
 * import type { JobMessage } from 'express-scim/otel';
 *
 * tracingChannel<unknown, JobMessage>('express-scim:job').asyncEnd.subscribe((message) => {
 *   const { job, subject, errorType } = message as JobMessage;
 *   if (errorType !== undefined) console.warn(`${job} ${subject} failed: ${errorType}`);
 * });
 */
export interface JobMessage extends TracedCall {
  /**
   * The kind of job: `outbox` delivers one change event, `off-boarding` carries out one task, `connection-ending` works on
   * the end of a connection, `access-rights` applies a changed mapping of groups to roles.
   */
  readonly job: string;
  /**
   * What it is about, one of few: the type of the event, the name of the handler, what becomes of the users, or `mapping`.
   */
  readonly subject: string;
  readonly tenant: string;
  /** The request that caused it, if that is known. */
  readonly requestId?: string | undefined;
  /** The number of this attempt, where attempts are counted; the first is 1. */
  readonly attempt?: number | undefined;
}

/**
 * A committed change, without its data: the message of `express-scim:change`, one for each change event.
 *
 * @example
 * import { subscribe } from 'node:diagnostics_channel';
 * import type { ChangeMessage } from 'express-scim/otel';
 *
 * subscribe('express-scim:change', (message) => {
 *   const { type, tenant, changed } = message as ChangeMessage;
 *   console.log(tenant, type, changed.join(' '));
 * });
 */
export type ChangeMessage = Omit<ChangeEvent, 'data'>;

/** Store calls. */
export const storeChannel = tracingChannel<unknown, StoreMessage>('express-scim:store');

/** Jobs. */
const jobChannel = tracingChannel<unknown, JobMessage>('express-scim:job');

/** Changes: messages are of type `ChangeMessage`. */
export const changeChannel = channel('express-scim:change');

/** Publishes a committed change. */
export function publishChange({ data: _, ...message }: ChangeEvent): void {
  const published: ChangeMessage = message;
  changeChannel.publish(published);
}

/**
 * Runs a call and publishes it on a tracing channel: `start`, `end`, `asyncStart` and `asyncEnd`, and `error` before
 * `asyncStart` where it fails. `asyncEnd` comes for every call, also for one that returns a value instead of a promise.
 *
 * Call it only where the channel has subscribers: what is not observed then costs one comparison. `tracePromise` of Node
 * puts the result and the error into the message, and both may hold personal data.
 *
 * @param message published at each step; the same object
 * @param finish completes the message before the call ends
 */
export function traceCall<M extends TracedCall, T>(
  { start, end, asyncStart, asyncEnd, error }: TracingChannel<unknown, M>,
  message: M,
  call: () => Awaitable<T>,
  finish?: (result: T) => void,
): Awaitable<T> {
  const startedAt = performance.now();
  const complete = (): void => {
    message.milliseconds = performance.now() - startedAt;
  };
  const succeed = (result: T): T => {
    complete();
    finish?.(result);
    asyncStart.publish(message);
    asyncEnd.publish(message);
    return result;
  };
  const fail = (thrown: unknown): never => {
    complete();
    message.errorType = errorTypeOf(thrown);
    error.publish(message);
    asyncStart.publish(message);
    asyncEnd.publish(message);
    throw thrown;
  };
  // Inside `runStores`: what the call does then runs in the async context that a subscriber has bound.
  return start.runStores(message, () => {
    let result: Awaitable<T>;
    try {
      result = message.around === undefined ? call() : message.around(call);
    } catch (thrown) {
      end.publish(message);
      return fail(thrown);
    }
    end.publish(message);
    return isThenable(result) ? Promise.resolve(result).then(succeed, fail) : succeed(result);
  });
}

/** Runs an attempt of a job, published on its channel where somebody listens. */
export function observeJob<T>(message: JobMessage, attempt: () => Awaitable<T>): Awaitable<T> {
  return jobChannel.hasSubscribers ? traceCall(jobChannel, message, attempt) : attempt();
}

/** The type of whatever was thrown, in few distinct values: a message may hold values of attributes. */
function errorTypeOf(thrown: unknown): string {
  if (isScimError(thrown)) return thrown.code;
  return thrown instanceof Error ? thrown.name : typeof thrown;
}
