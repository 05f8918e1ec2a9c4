import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Connection } from './contract.js';
import type { CsrfTokens } from './csrf.js';
import type { Administrator, ScimAdminOptions } from './options.js';
import { PanelError } from './panel-error.js';

/** One request of an administrator: who, for which connection, and what every page needs. */
export interface Visit {
  readonly options: ScimAdminOptions;
  readonly administrator: Administrator;
  /** As stored, or as it will be made. */
  readonly connection: Connection;
  /** Path of the panel, no trailing slash. */
  readonly base: string;
  /** What the identity provider is given; no trailing slash. */
  readonly scimUrl: string;
  readonly csrfToken: string;
  readonly nonce: string;
  readonly now: Date;
  /** Conflicts that wait. */
  readonly waiting: number;
}

/** Asks the host who it is and what they manage. @throws PanelError 403 */
export async function visitOf<Req extends IncomingMessage>(
  req: Req,
  options: ScimAdminOptions<Req>,
  tokens: CsrfTokens,
): Promise<Visit> {
  const administrator = await options.authorize(req);
  if (administrator === undefined) throw new PanelError(403, 'You may not see these settings.');
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

/** What a CSRF token is bound to. */
export function sessionOf(administrator: Administrator, { tenant, id }: Pick<Connection, 'tenant' | 'id'>): string {
  return JSON.stringify([administrator.session ?? administrator.user, tenant, id]);
}

// Two slashes, or a backslash that browsers take for one, would make links to another host.
function mountPath(req: IncomingMessage & { readonly baseUrl?: string }): string {
  const path = (req.baseUrl ?? '').replaceAll('\\', '%5C').replace(/\/+$/, '');
  return path === '' ? '' : path.replace(/^\/*/, '/');
}
