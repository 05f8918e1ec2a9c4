/** Who sends a request, and for which tenant. */

/** The caller, the tenant and the deadline of one request. Every store call gets it. */
export interface ScimContext {
  /** The tenant whose data the request is about: put it in every query. `'default'` in an app with one tenant. */
  readonly tenant: string;
  /** The client, as `authenticate` returned it. */
  readonly actor: Actor;
  /** Also in the logs and in the response to an error. */
  readonly requestId: string;
  /**
   * Aborts when the router stops waiting for the store: at the deadline of the request (`limits.requestMilliseconds`), or when a
   * call takes longer than `limits.storeMilliseconds`. Do not begin a write after that; one that has begun may complete.
   */
  readonly signal: AbortSignal;
}

/** What a client may do. `read` and `write` cover every resource type. */
export type Scope = 'read' | 'write' | 'users:read' | 'users:write' | 'groups:read' | 'groups:write';

/**
 * The authenticated client.
 *
 * @example
 * import type { Actor } from 'express-scim';
 *
 * export const actor: Actor = { id: 'okta', tenant: 'acme', scopes: ['users:write', 'groups:read'] };
 */
export interface Actor {
  /** Identifies the client in events and logs. Never a secret. */
  readonly id: string;
  /** The tenant that the client provisions, at most 100 characters. Default `'default'`. */
  readonly tenant?: string | undefined;
  /** What the client may do. Default: everything. */
  readonly scopes?: readonly Scope[] | undefined;
  /** False: provisioning is switched off for this tenant. Every request gets 403, and nothing changes. Default true. */
  readonly enabled?: boolean | undefined;
  /** Anything that your app needs in its hooks. */
  readonly data?: unknown;
}
