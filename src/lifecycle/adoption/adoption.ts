import type { Awaitable } from '../../contract/awaitable.js';
import type { ScimContext } from '../../contract/context.js';
import type { User } from '../../contract/resource.js';
import type { ConflictCandidate } from '../conflicts/conflicts.js';

/**
 * A user who is about to be created, as `adopt` receives it.
 *
 * @example
 * import type { AdoptionCandidate } from 'express-scim/lifecycle';
 *
 * export const describeCandidate = ({ resource, ctx }: AdoptionCandidate): string => `${resource.userName} in ${ctx.tenant}`;
 */
export interface AdoptionCandidate {
  readonly resourceType: 'User';
  /** The user as it would be created, without the password. The client's claims; none of them is verified. */
  readonly resource: Readonly<User>;
  readonly ctx: ScimContext;
}

/**
 * An account of your app, as `find` returns it. `id` is the ID that the store assigned.
 *
 * @example
 * import type { ExistingAccount } from 'express-scim/lifecycle';
 *
 * export const account: ExistingAccount = { id: 'u-1', label: 'Ada Lovelace (ada@example.com)', review: true };
 */
export interface ExistingAccount extends ConflictCandidate {
  /** The externalId that the account is linked with. */
  readonly externalId?: string | undefined;
  /** False: the account is deactivated. Default true. */
  readonly active?: boolean | undefined;
  /** True: only an administrator can link it, for owners and other privileged accounts. Default false. */
  readonly review?: boolean | undefined;
}

/**
 * What `adopt` decides about a user who is about to be created.
 *
 * - `id`: link the existing account with this ID, as the store assigned it. The account gets the `externalId`.
 * - `ambiguous`: the decision needs an administrator; the client gets a 409. Queue it yourself, or use `adoptBy`.
 * - `tombstone`: the user was deleted and returns. A new account is created, and `user.rehired` names the tombstone.
 * - `refused`: an administrator has refused the user; the client gets a 409.
 *
 * @example
 * import type { Adoption } from 'express-scim/lifecycle';
 *
 * export const link: Adoption = { id: 'u-1', attributes: ['active'] };
 * export const undecided: Adoption = { ambiguous: ['u-1', 'u-2'] };
 */
export type Adoption =
  | {
      readonly id: string;
      /**
       * Further attributes that the account takes from the resource in the same call, such as `active`. Default: none.
       * Never `userName`, `emails` or `password`: a client that can name an account could then log in to it.
       */
      readonly attributes?: readonly string[] | undefined;
      /** True: link the account even if it has another externalId. Default false: the client gets a 409. */
      readonly relink?: boolean | undefined;
    }
  | { readonly ambiguous: readonly string[]; readonly reason?: string | undefined }
  | { readonly tombstone: string }
  | { readonly refused: true };

/**
 * The type of `options.adopt`: decides whether a new user is an existing account. `undefined` creates the user.
 *
 * @example
 * import type { Adopt } from 'express-scim/lifecycle';
 *
 * const idsByExternalId = new Map([['00u1', 'u-1']]);
 * export const adopt: Adopt = ({ resource }) => {
 *   const id = idsByExternalId.get(resource.externalId ?? '');
 *   return id === undefined ? undefined : { id };
 * };
 */
export type Adopt = (candidate: AdoptionCandidate) => Awaitable<Adoption | null | undefined>;

/** Attributes that never change in the call that links an account. */
export const neverAdopted: readonly string[] = ['userName', 'emails', 'password', 'id', 'meta', 'schemas', 'groups'];
