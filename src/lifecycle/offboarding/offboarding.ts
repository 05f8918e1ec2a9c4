import { ForbiddenError } from '../../errors.js';
import type { Guard } from '../guards/guards.js';
import { employeeNumberOf, labelOf, managerIdOf } from '../identity.js';
import type { Attributes, Json } from '../../contract/attribute.js';
import type { ChangeEvent } from '../../contract/event.js';
import { withoutUndefined } from '../../contract/without-undefined.js';
import {
  actionFor,
  type Departure,
  type OffboardingHandler,
  type LeavingUser,
  type OffboardingPolicy,
  type UserDetails,
} from './handlers.js';
import { idFrom } from './ids.js';
import type { OffboardingTask } from './tasks.js';
import type { OffboardingOptions } from './options.js';
import { Worker } from './worker.js';

/** What `offboarding` makes. */
export interface Offboarding {
  /** Give it to `createScimRouter`, or to `dispatchOutbox`: it notes what is to be done; `run` or `start` does it. */
  readonly onChange: (event: ChangeEvent) => Promise<void>;
  /** A `beforeChange` that refuses to delete a person who holds things under the policy `block`. */
  readonly guard: Guard;
  /** Does what is due now. @returns how many attempts were made */
  run(): Promise<number>;
  /** Runs from time to time; the timer does not keep the process alive. */
  start(): void;
  /** Ends it, when the attempts under way are over. */
  stop(): Promise<void>;
}

/**
 * Takes care of what users hold when they leave.
 *
 * When a user is deactivated or deleted, each holder is asked what the person holds, and the policy is applied to each
 * thing, with retries until it is done. When the user is reactivated, or comes back through `adopt` after a deletion,
 * the marks that off-boarding has set are taken back, and no others.
 *
 * @throws TypeError for holders without a name of their own or without a policy
 *
 * @example
 * const leaving = offboarding({ holders: [assets, apiKeys], policy: { assets: 'flag', apiKeys: 'revoke' }, store });
 * leaving.start();
 * app.use('/scim/v2', createScimRouter(users, { authenticate, onChange: leaving.onChange }));
 */
export function offboarding(options: OffboardingOptions): Offboarding {
  const { handlers, policy, store, tombstones, clock = Date.now } = options;
  checkHolders(handlers, policy);
  const worker = new Worker(options);

  const leave = async (event: ChangeEvent, departure: Departure, before: Attributes): Promise<void> => {
    const { tenant, resourceId: id, time } = event;
    const details = { ...detailsIn(before), ...(await lookup(options, tenant, id)) };
    if (departure === 'deleted') {
      const { label, externalId, employeeNumber } = details;
      const { actor } = event;
      await tombstones?.add({ id: event.id, tenant, userId: id, time, actor, label, externalId, employeeNumber });
    }
    const person: LeavingUser = { ...details, tenant, id, departure };
    await store.add(
      handlers.map(({ name }): OffboardingTask => {
        const base = { tenant, person, event: event.id, time, handler: name, task: 'ask', state: 'pending' } as const;
        const task = { undo: false, undoable: false, attempts: 0, nextAttemptAt: clock() };
        return { id: idFrom(event.id, name), ...base, ...task };
      }),
    );
    // Events may overtake each other: a return that is known already counts for this departure too.
    const back = await store.lastReturn(tenant, id);
    if (back !== undefined && back.time > time) await store.returned(back, clock());
  };

  return {
    onChange: async (event) => {
      const { tenant, resourceId, time } = event;
      switch (event.type) {
        case 'user.deactivated':
          await leave(event, 'deactivated', {});
          break;
        case 'user.deleted':
          await leave(event, 'deleted', objectIn(event.data, 'before'));
          break;
        case 'user.reactivated':
          await store.returned({ tenant, userId: resourceId, time }, clock());
          break;
        case 'user.rehired':
          await comeBack(options, event, clock());
          break;
        default:
          return;
      }
      worker.nudge();
    },
    async guard(change, ctx) {
      if (change.resourceType !== 'User' || change.operation !== 'delete' || change.id === undefined) return;
      const current = await change.current();
      if (current === undefined) return;
      const person = { ...detailsIn(current), tenant: ctx.tenant, id: change.id, departure: 'deleted' } as const;
      for (const handler of handlers) {
        const rule = policy[handler.name];
        if (rule === undefined || (typeof rule === 'string' && rule !== 'block')) continue;
        const held = await handler.heldBy(person);
        if (!held.some((item) => actionFor(rule, item, person) === 'block')) continue;
        throw new ForbiddenError(
          'This user holds things that have to be handed back before the user can be deleted; deactivate the user instead.',
        );
      }
    },
    run: () => worker.run(),
    start: () => worker.start(),
    stop: () => worker.stop(),
  };
}

async function comeBack({ tombstones, store }: OffboardingOptions, event: ChangeEvent, now: number): Promise<void> {
  const { tenant, resourceId, time } = event;
  const tombstoneId = String(valueIn(event.data, 'tombstone'));
  const tombstone = await tombstones?.get(tenant, tombstoneId);
  if (tombstone === undefined || !(await tombstones?.claim(tenant, tombstoneId, resourceId))) return;
  await store.returned({ tenant, userId: tombstone.userId, time, as: resourceId }, now);
}

/** What the host knows of a person; a lookup that fails must not lose the departure. */
async function lookup({ user, onError }: OffboardingOptions, tenant: string, id: string): Promise<UserDetails> {
  try {
    return withoutUndefined((await user?.(tenant, id)) ?? {});
  } catch (error) {
    onError?.(error, undefined);
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

function checkHolders(handlers: readonly OffboardingHandler[], policy: OffboardingPolicy): void {
  const names = handlers.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new TypeError(`offboarding: two holders have the name ${twice}.`);
  const lacking = names.filter((name) => !Object.hasOwn(policy, name));
  if (lacking.length > 0) throw new TypeError(`offboarding: policy lacks ${lacking.join(', ')}.`);
  const strange = Object.keys(policy).filter((name) => !names.includes(name));
  if (strange.length > 0) throw new TypeError(`offboarding: policy names ${strange.join(', ')}, which is no holder.`);
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
