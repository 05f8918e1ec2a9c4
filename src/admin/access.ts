import type { IncomingMessage } from 'node:http';
import { isTenant, tenantCharacters } from '../auth/parse-actor.js';
import { isObject } from '../contract/is-object.js';
import type { Administrator, ScimAdminOptions } from './options.js';
import { PanelError } from './panel-error.js';
import { nameOfLink, setupSessionOf } from './setup-session.js';
import type { SetupLink } from './setup-links.js';
import { usageError } from '../contract/option-mistakes.js';

/** Who sent a request to the panel, and for which connection. */
export interface Access {
  readonly administrator: Administrator;
  readonly connection: { readonly tenant: string; readonly id: string; readonly name: string };
  /** True for the session of a set-up link: it is limited to the routes that say `setup`. */
  readonly setup: boolean;
}

const page = 'admin.md#options';

/**
 * Asks the host who sent the request, and which connection they manage. What the host returns is parsed before it is
 * believed: everything else than an administrator and a connection is no access.
 *
 * @throws PanelError 403
 */
export async function accessOf<Req extends IncomingMessage>(
  req: Req,
  { authorize, connectionOf, onError, setupLinks }: ScimAdminOptions<Req>,
): Promise<Access> {
  const session = setupLinks === undefined ? undefined : setupSessionOf(req);
  // First: whoever opened a link has no more access than the link gives.
  const link = session === undefined ? undefined : await setupLinks?.session(session);
  if (link !== undefined) return accessOfLink(link);
  const noAccess = new PanelError(403, 'You do not have access to these settings.');
  // Typed by the options, and still whatever the host returns.
  const authorized: unknown = await authorize(req);
  const administrator = readAdministrator(authorized);
  if (administrator === undefined) {
    if (!isEmpty(authorized)) {
      onError?.(
        usageError('createScimAdmin', 'authorize must return { user, may, seePersonalData } or undefined', page),
      );
    }
    throw noAccess;
  }
  const managed: unknown = connectionOf === undefined ? { tenant: 'default' } : await connectionOf(req);
  const connection = readConnection(managed);
  if (connection === undefined) {
    if (!isEmpty(managed)) {
      const limit = `a tenant of at most ${String(tenantCharacters)} characters`;
      onError?.(usageError('createScimAdmin', `connectionOf must return { tenant, id?, name? }, with ${limit}`, page));
    }
    throw noAccess;
  }
  return { administrator, connection, setup: false };
}

/** Whoever has the link, and only that is known. */
function accessOfLink({ id, tenant, connection, name }: SetupLink): Access {
  const user = nameOfLink(id);
  return {
    administrator: { user, may: 'manage', seePersonalData: false, session: `setup ${id}` },
    connection: { tenant, id: connection, name },
    setup: true,
  };
}

/** Whether a later request of the same session would see the same. */
export function isSameAccess(a: Access, b: Access): boolean {
  const [before, after] = [a, b].map(({ administrator, connection }) => [
    ...[administrator.user, administrator.session, administrator.seePersonalData],
    ...[connection.tenant, connection.id],
  ]);
  return JSON.stringify(before) === JSON.stringify(after);
}

function readAdministrator(value: unknown): Administrator | undefined {
  if (!isObject(value)) return undefined;
  const { user, may, seePersonalData, session = null } = value;
  if (!isText(user) || (may !== 'manage' && may !== 'view') || typeof seePersonalData !== 'boolean') return undefined;
  if (session !== null && !isText(session)) return undefined;
  return { user, may, seePersonalData, session: session ?? undefined };
}

function readConnection(value: unknown): Access['connection'] | undefined {
  if (!isObject(value)) return undefined;
  const { tenant } = value;
  const id = value['id'] ?? 'default';
  const name = value['name'] ?? '';
  return isTenant(tenant) && isText(id) && typeof name === 'string' ? { tenant, id, name } : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === false;
}
