import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Connection } from './contract.js';
import type { CsrfTokens } from './csrf.js';
import type { Administrator, ScimAdminOptions } from './options.js';
import { PanelError } from './panel-error.js';

/** One request of an administrator: who sent it, for which connection, and what every page needs. */
export interface Visit {
  readonly options: ScimAdminOptions;
  readonly administrator: Administrator;
  /** The stored connection, or the one that will be created. */
  readonly connection: Connection;
  /** Path of the panel, without a trailing slash. */
  readonly base: string;
  /** The base URL for the identity provider, without a trailing slash. */
  readonly scimUrl: string;
  readonly csrfToken: string;
  readonly nonce: string;
  readonly now: Date;
  /** Number of conflicts that wait for a decision. */
  readonly waiting: number;
}

/** Asks the host who sent the request, and which connection they manage. @throws PanelError 403 */
export async function visitOf<Req extends IncomingMessage>(
  req: Req,
  options: ScimAdminOptions<Req>,
  tokens: CsrfTokens,
): Promise<Visit> {
  const administrator = await options.authorize(req);
  if (administrator === undefined) throw new PanelError(403, 'You do not have access to these settings.');
  const managed = (await options.connectionOf?.(req)) ?? { tenant: 'default' };
  const { tenant, id = 'default', name = '' } = managed;
  const connection = (await options.connections.get(tenant, id)) ?? {
    ...{ id, tenant, name, provider: 'other', enabled: false, keys: [] },
  };
  const { baseUrl, conflicts } = options;
  const scimUrl = typeof baseUrl === 'string' ? baseUrl : baseUrl(connection).replace(/\/+$/, '');
  const waiting = ((await conflicts?.list(tenant)) ?? []).filter((each) => each.decision === undefined).length;
  return {
    options: options as unknown as ScimAdminOptions,
    administrator,
    connection: name === '' ? connection : { ...connection, name },
    base: mountPath(req),
    scimUrl,
    csrfToken: tokens.make(sessionOf(administrator, connection)),
    nonce: randomBytes(16).toString('base64'),
    now: new Date(),
    waiting,
  };
}

/** The session that a CSRF token is valid in. */
export function sessionOf(administrator: Administrator, { tenant, id }: Pick<Connection, 'tenant' | 'id'>): string {
  return JSON.stringify([administrator.session ?? administrator.user, tenant, id]);
}

// Links that begin with two slashes, or with a backslash that browsers read as a slash, would lead to another host.
function mountPath(req: IncomingMessage & { readonly baseUrl?: string }): string {
  const path = (req.baseUrl ?? '').replaceAll('\\', '%5C').replace(/\/+$/, '');
  return path === '' ? '' : path.replace(/^\/*/, '/');
}
