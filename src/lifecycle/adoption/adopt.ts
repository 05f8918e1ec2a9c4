import type { Awaitable } from '../../contract/awaitable.js';
import type { ScimContext } from '../../contract/context.js';
import type { User } from '../../contract/resource.js';

/** A user that is about to be created: what `adopt` is asked. */
export interface AdoptionCandidate {
  readonly resourceType: 'User';
  /** As it would be created, without its password. What a client claims; nothing in it is verified. */
  readonly resource: Readonly<User>;
  readonly ctx: ScimContext;
}

/**
 * What becomes of a user that is about to be created.
 *
 * - `id`: it is this account that was there before, by the id that the store gave it. The account gets `externalId`.
 * - `ambiguous`: nobody can tell; the client gets a 409. Queue it for an administrator, as `adoptBy` does.
 * - `tombstone`: it is a deleted person who comes back. A new account is created, and `user.rehired` tells whose it is.
 * - `refused`: an administrator has said no; the client gets a 409.
 */
export type Adoption =
  | {
      readonly id: string;
      /**
       * Further attributes of the resource that the account takes over in the same call, such as `active`. Never
       * `userName`, `emails` or `password`: whoever can name an account could then log in to it.
       */
      readonly attributes?: readonly string[] | undefined;
      /** True: also where the account is linked with another externalId. Default false: that is answered 409. */
      readonly relink?: boolean | undefined;
    }
  | { readonly ambiguous: readonly string[]; readonly reason?: string | undefined }
  | { readonly tombstone: string }
  | { readonly refused: true };

/** `options.adopt`: undefined creates the user. */
export type Adopt = (candidate: AdoptionCandidate) => Awaitable<Adoption | undefined>;

/** What an adoption never changes in the call that links. */
export const neverAdopted: readonly string[] = ['userName', 'emails', 'password', 'id', 'meta', 'schemas', 'groups'];
