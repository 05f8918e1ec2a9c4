import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type Access, accessOf } from './access.js';
import type { Conflict } from '../lifecycle/conflicts/conflicts.js';
import type { EndingJob } from '../lifecycle/connections/ending-jobs.js';
import type { Connection, LogEntry } from './contract.js';
import type { CsrfTokens } from './csrf.js';
import type { HarmlessWords } from './harmless-words.js';
import type { Administrator, ScimAdminOptions } from './options.js';
import { entryWithoutPersonalData } from './redact.js';
import { mountPath, withoutTrailingSlashes } from './request-target.js';

/** One request of an administrator: who sent it, for which connection, and what every page needs. */
export interface Visit {
  readonly options: ScimAdminOptions;
  readonly administrator: Administrator;
  readonly access: Access;
  /** The stored connection, or the one that will be created. */
  readonly connection: Connection;
  /** Path of the panel, without a trailing slash. */
  readonly base: string;
  /** The base URL for the identity provider, without a trailing slash. */
  readonly scimUrl: string;
  readonly csrfToken: string;
  readonly nonce: string;
  readonly now: Date;
  /** The newest end of the connection. */
  readonly ending: EndingJob | undefined;
  /** The conflicts of the tenant, as the store lists them. Empty for the session of a set-up link. */
  readonly conflicts: readonly Conflict[];
  /** Number of conflicts that wait for a decision. */
  readonly waiting: number;
  /** A log entry as this administrator may see it. */
  shown(entry: LogEntry): LogEntry;
}

/** What the panel creates once. */
export interface VisitServices {
  readonly tokens: CsrfTokens;
  readonly words: HarmlessWords;
}

/** Asks the host who sent the request, and which connection they manage. @throws PanelError 403 */
export async function visitOf<Req extends IncomingMessage>(
  req: Req,
  options: ScimAdminOptions<Req>,
  { tokens, words }: VisitServices,
): Promise<Visit> {
  const access = await accessOf(req, options);
  const { administrator } = access;
  const { tenant, id, name } = access.connection;
  const connection = (await options.connections.get(tenant, id)) ?? {
    ...{ id, tenant, name, provider: 'other', enabled: false, keys: [] },
  };
  const { baseUrl } = options;
  // Conflicts are those of the whole tenant.
  const store = access.setup ? undefined : options.conflicts;
  const conflicts = (await store?.list(tenant)) ?? [];
  const scimUrl = typeof baseUrl === 'string' ? baseUrl : withoutTrailingSlashes(baseUrl(connection));
  return {
    options: options as unknown as ScimAdminOptions,
    administrator,
    access,
    connection: name === '' ? connection : { ...connection, name },
    base: mountPath(req),
    scimUrl,
    csrfToken: tokens.make(sessionOf(administrator, connection)),
    nonce: randomBytes(16).toString('base64'),
    now: new Date(),
    ending: await options.endings?.progress(tenant, id),
    conflicts,
    waiting: conflicts.filter((each) => each.decision === undefined).length,
    shown: administrator.seePersonalData ? (entry) => entry : (entry) => entryWithoutPersonalData(entry, words),
  };
}

/** The session that a CSRF token is valid in. */
export function sessionOf(administrator: Administrator, { tenant, id }: Pick<Connection, 'tenant' | 'id'>): string {
  return JSON.stringify([administrator.session ?? administrator.user, tenant, id]);
}
