/** Who sends a request, and on whose behalf. */

/** Who asks, for whose data, until when; one object for each request. */
export interface ScimContext {
  /** Whose data: put it in every query. `'default'` in a host with one tenant. */
  readonly tenant: string;
  /** The client as `authenticate` returned it. */
  readonly actor: Actor;
  /** Also in the logs and in the answer to an error. */
  readonly requestId: string;
  /** Aborts at the deadline or when the client hangs up; a write that has begun may ignore it. */
  readonly signal: AbortSignal;
}

/** What a client may do. `read` and `write` cover every resource type. */
export type Scope = 'read' | 'write' | 'users:read' | 'users:write' | 'groups:read' | 'groups:write';

/** The authenticated client. */
export interface Actor {
  /** Names the client in events and logs; never a secret. */
  readonly id: string;
  /** Whose data it provisions. Default `'default'`. */
  readonly tenant?: string | undefined;
  /** Left out: everything. */
  readonly scopes?: readonly Scope[] | undefined;
  /** False: provisioning is switched off for this tenant; every request is answered 403 and nothing changes. */
  readonly enabled?: boolean | undefined;
  /** Whatever the host wants to find again in its hooks. */
  readonly data?: unknown;
}
