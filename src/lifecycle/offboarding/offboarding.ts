import { ForbiddenError } from '../../errors.js';
import type { Guard } from '../guards/guards.js';
import { employeeNumberOf, labelOf, managerIdOf } from '../identity.js';
import type { Attributes, Json } from '../../contract/attribute.js';
import type { ChangeEvent } from '../../contract/event.js';
import { callHook, takeSource } from '../../contract/hook-source.js';
import { withoutUndefined } from '../../contract/without-undefined.js';
import { actionFor, type Departure, heldItems, type LeavingUser, type UserDetails } from './handlers.js';
import { idFrom } from './ids.js';
import type { OffboardingTask } from './tasks.js';
import { checkOffboardingOptions, type OffboardingOptions } from './options.js';
import { Worker } from './worker.js';

/**
 * The object that `offboarding` returns.
 *
 * @example
 * import type { Offboarding } from 'express-scim/lifecycle';
 *
 * export function stopOnShutdown(leaving: Offboarding): void {
 *   process.once('SIGTERM', () => void leaving.stop());
 * }
 */
export interface Offboarding {
  /** Pass it to `createScimRouter` or `dispatchOutbox`. It stores the tasks; `run` or `start` carries them out. */
  readonly onChange: (event: ChangeEvent) => Promise<void>;
  /**
   * A `beforeChange` that refuses to delete a user who holds items under the policy `block`.
   *
   * @throws ForbiddenError (403)
   */
  readonly guard: Guard;
  /** Carries out the tasks that are due now. @returns the number of attempts */
  run(): Promise<number>;
  /** Carries out due tasks at an interval. The timer does not keep the process alive. */
  start(): void;
  /** Stops the interval and waits for the attempts in progress. */
  stop(): Promise<void>;
}

/**
 * Takes care of the items that users hold when they leave.
 *
 * When a user is deactivated or deleted, off-boarding asks each handler which items the user holds, and applies the
 * policy to each item. It retries until that succeeds. When the user is reactivated, or returns through `adopt` after a
 * deletion, it undoes its own actions and no others.
 *
 * @throws TypeError that names every wrong option, such as two handlers with the same name
 *
 * @example
 * import { connectorKeys, createScimRouter, generateConnectorKey, MemoryStore } from 'express-scim';
 * import { memoryOffboardingTaskStore, offboarding } from 'express-scim/lifecycle';
 *
 * const leaving = offboarding({
 *   handlers: [{ name: 'sessions', heldBy: () => [], apply: () => undefined }],
 *   policy: { sessions: 'revoke' },
 *   store: memoryOffboardingTaskStore(),
 * });
 * leaving.start();
 *
 * const { key } = generateConnectorKey();
 * export const router = createScimRouter(new MemoryStore(), {
 *   authenticate: connectorKeys([{ key }]),
 *   onChange: leaving.onChange,
 *   beforeChange: leaving.guard,
 * });
 */
export function offboarding(options: OffboardingOptions): Offboarding {
  checkOffboardingOptions(options);
  const { handlers, policy, store, tombstones, clock = Date.now } = options;
  const { loop } = new Worker(options);

  const onDeparture = async (event: ChangeEvent, departure: Departure, before: Attributes): Promise<void> => {
    const { tenant, resourceId: id, time } = event;
    const details = { ...detailsIn(before), ...(await lookup(options, tenant, id)) };
    if (departure === 'deleted') {
      const { label, externalId, employeeNumber } = details;
      const { actor } = event;
      await tombstones?.add({ id: event.id, tenant, userId: id, time, actor, label, externalId, employeeNumber });
    }
    const user: LeavingUser = { ...details, tenant, id, departure };
    await store.add(
      handlers.map(({ name }): OffboardingTask => {
        const subject = { tenant, user, event: event.id, time, handler: name } as const;
        const progress = {
          state: 'pending',
          undo: false,
          undoable: false,
          attempts: 0,
          nextAttemptAt: clock(),
        } as const;
        return { id: idFrom(event.id, name), kind: 'collect', ...subject, ...progress };
      }),
    );
    // Events may arrive out of order: a later return that is already recorded applies to this departure too.
    const returned = await store.lastReturn(tenant, id);
    if (returned !== undefined && returned.time > time) await store.returned(returned, clock());
  };

  return {
    onChange: async (event) => {
      const { tenant, resourceId, time } = event;
      switch (event.type) {
        case 'user.deactivated':
          await onDeparture(event, 'deactivated', {});
          break;
        case 'user.deleted':
          await onDeparture(event, 'deleted', objectIn(event.data, 'before'));
          break;
        case 'user.reactivated':
          await store.returned({ tenant, userId: resourceId, time }, clock());
          break;
        case 'user.rehired':
          await onRehire(options, event, clock());
          break;
        default:
          return;
      }
      loop.nudge();
    },
    async guard(change, ctx) {
      if (change.resourceType !== 'User' || change.operation !== 'delete' || change.id === undefined) return;
      const current = await change.current();
      if (current === undefined) return;
      const user = { ...detailsIn(current), tenant: ctx.tenant, id: change.id, departure: 'deleted' } as const;
      for (const handler of handlers) {
        const rule = policy[handler.name];
        if (rule === undefined || (typeof rule === 'string' && rule !== 'block')) continue;
        const held = await heldItems(handler, user);
        if (!held.some((item) => actionFor(handler.name, rule, item, user) === 'block')) continue;
        throw new ForbiddenError(
          'This user holds items that must be returned before the user can be deleted. Deactivate the user instead.',
        );
      }
    },
    run: () => loop.run(),
    start: () => loop.start(),
    stop: () => loop.stop(),
  };
}

async function onRehire({ tombstones, store }: OffboardingOptions, event: ChangeEvent, now: number): Promise<void> {
  const { tenant, resourceId, time } = event;
  const tombstoneId = String(valueIn(event.data, 'tombstone'));
  const tombstone = await tombstones?.get(tenant, tombstoneId);
  if (tombstone === undefined || !(await tombstones?.claim(tenant, tombstoneId, resourceId))) return;
  await store.returned({ tenant, userId: tombstone.userId, time, returnedAs: resourceId }, now);
}

/** The details that the host has about a user. A failed lookup must not lose the departure. */
async function lookup({ user, onError }: OffboardingOptions, tenant: string, id: string): Promise<UserDetails> {
  try {
    return withoutUndefined((await callHook('offboarding.user', () => user?.(tenant, id))) ?? {});
  } catch (error) {
    onError?.(error, undefined, takeSource(error));
    return {};
  }
}

function valueIn(data: Json, name: string): unknown {
  return typeof data === 'object' && data !== null ? (data as Readonly<Record<string, unknown>>)[name] : undefined;
}

function objectIn(data: Json, name: string): Attributes {
  const value = valueIn(data, name);
  return typeof value === 'object' && value !== null ? (value as Attributes) : {};
}

function detailsIn(user: Attributes): UserDetails {
  const { externalId } = user;
  return withoutUndefined({
    managerId: managerIdOf(user),
    externalId: typeof externalId === 'string' ? externalId : undefined,
    employeeNumber: employeeNumberOf(user),
    label: labelOf(user),
  });
}
