import type { Awaitable } from '../../contract/awaitable.js';
import { describe } from '../../contract/describe.js';
import { isObject } from '../../contract/is-object.js';
import type { SuspendedBy, UserLinkStore } from './user-links.js';
import { checkOptions, usageError } from '../../contract/option-mistakes.js';

/**
 * An account as your app finds it by what a user enters to sign in.
 *
 * @example
 * import type { SignInAccount } from 'express-scim/lifecycle';
 *
 * export const account: SignInAccount = { id: 'u-1', active: true };
 */
export interface SignInAccount {
  /** The `id` of the user in SCIM. */
  readonly id: string;
  /** What SCIM maps `active` to. Databases may return 0 and 1. */
  readonly active: boolean | 0 | 1;
  /** True: the account is deleted, and your app keeps its row. Default false. */
  readonly deleted?: boolean | 0 | 1 | null | undefined;
}

/**
 * Whether a user may sign in, and why not. Show none of the reasons to the user who signs in.
 *
 * @example
 * import type { ProvisioningStatus } from 'express-scim/lifecycle';
 *
 * export const forLog = (status: ProvisioningStatus): string =>
 *   status.state === 'suspended' ? `suspended by ${status.by}` : status.state;
 */
export type ProvisioningStatus =
  | {
      readonly maySignIn: true;
      readonly state: 'active';
      readonly userId: string;
      /** Whether an identity provider manages the user. */
      readonly linked: boolean;
      /** ID of the connection that manages the user; undefined if there is none. */
      readonly connection?: string | undefined;
    }
  | {
      readonly maySignIn: false;
      readonly state: 'suspended';
      readonly userId: string;
      readonly linked: boolean;
      readonly connection?: string | undefined;
      readonly by: SuspendedBy;
      /** RFC 3339 timestamp; undefined if only your app knows it. */
      readonly since?: string | undefined;
    }
  | {
      readonly maySignIn: false;
      readonly state: 'off-boarded';
      readonly userId: string;
      readonly since?: string | undefined;
    }
  | { readonly maySignIn: false; readonly state: 'unknown' };

/**
 * Options of `provisioningStatus`.
 *
 * @example
 * import { memoryUserLinkStore, type ProvisioningStatusOptions } from 'express-scim/lifecycle';
 *
 * export const options: ProvisioningStatusOptions = {
 *   links: memoryUserLinkStore(),
 *   account: (_tenant, login) => (login === 'ada@example.com' ? { id: 'u-1', active: true } : undefined),
 * };
 */
export interface ProvisioningStatusOptions {
  /** The store that `userLinks` writes to. */
  readonly links: Pick<UserLinkStore, 'get'>;
  /** Finds the account of a login, with one query by a unique index; undefined or null if there is none. */
  readonly account: (tenant: string, login: string) => Awaitable<SignInAccount | undefined | null>;
}

/**
 * Creates the function that tells your sign-in code whether a user may sign in. It runs your query for the account, and
 * reads the link of the user by its primary key.
 *
 * A suspension by a guard or an administrator counts in addition to `active` of the account, which the identity provider
 * sets. The function fails closed: if the account or the link cannot be read it rejects, and nobody can sign in.
 *
 * @returns a function that rejects with a TypeError when `account` returns anything but an account, and with the error of
 *   `account` or of the store
 * @example
 * import { memoryUserLinkStore, provisioningStatus } from 'express-scim/lifecycle';
 *
 * declare function findAccount(tenant: string, email: string): Promise<{ id: string; active: boolean } | undefined>;
 * const statusOf = provisioningStatus({ links: memoryUserLinkStore(), account: findAccount });
 *
 * export async function maySignIn(tenant: string, email: string): Promise<boolean> {
 *   return (await statusOf(tenant, email)).maySignIn;
 * }
 */
export function provisioningStatus(
  options: ProvisioningStatusOptions,
): (tenant: string, login: string) => Promise<ProvisioningStatus> {
  checkOptions(options, {
    of: 'provisioningStatus',
    page,
    required: ['links', 'account'],
    kinds: { links: 'object', account: 'function' },
  });
  const { links, account } = options;
  return async (tenant, login) => {
    const found = readAccount(await account(tenant, login));
    if (found === undefined) return { maySignIn: false, state: 'unknown' };
    const { id: userId, active, deleted } = found;
    const link = (await links.get(tenant, userId)) ?? undefined;
    const { connection, deactivated, suspended, offboardedAt } = link ?? {};
    if (deleted || offboardedAt !== undefined) {
      return { maySignIn: false, state: 'off-boarded', userId, since: offboardedAt };
    }
    const common = { userId, linked: connection !== undefined, connection };
    const refuse = (by: SuspendedBy, since: string | undefined): ProvisioningStatus => ({
      ...{ maySignIn: false, state: 'suspended', ...common, by, since },
    });
    if (suspended !== undefined) return refuse(suspended.by, suspended.time);
    if (active) return { maySignIn: true, state: 'active', ...common };
    // Nothing that came from the identity provider explains it, so the app itself has deactivated the account.
    return deactivated === undefined ? refuse('administrator', undefined) : refuse(deactivated.by, deactivated.time);
  };
}

const page = 'connections.md#may-this-user-sign-in';

interface ReadAccount {
  readonly id: string;
  readonly active: boolean;
  readonly deleted: boolean;
}

function readAccount(value: unknown): ReadAccount | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw wrongAccount(describe(value));
  const { id } = value;
  const active = readBoolean(value['active']);
  const deleted = readBoolean(value['deleted'] ?? false);
  if (typeof id !== 'string' || id === '') throw wrongAccount(`an account whose id is ${describe(id)}`);
  if (active === undefined) throw wrongAccount(`an account whose active is ${describe(value['active'])}`);
  if (deleted === undefined) throw wrongAccount(`an account whose deleted is ${describe(value['deleted'])}`);
  return { id, active, deleted };
}

function readBoolean(value: unknown): boolean | undefined {
  if (value === true || value === 1) return true;
  return value === false || value === 0 ? false : undefined;
}

function wrongAccount(found: string): TypeError {
  const remedy = 'return { id, active } with the ID of the user in SCIM, or undefined';
  return usageError('provisioningStatus', `account returned ${found}; ${remedy}`, page);
}
