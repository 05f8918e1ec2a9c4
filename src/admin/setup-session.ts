import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { baseUrlOf } from '../http/base-url.js';
import { recordAction } from '../lifecycle/connections/audit-trail.js';
import { isCrossSite } from './csrf.js';
import { readFields } from './fields.js';
import type { ScimAdminOptions } from './options.js';
import { setupPage } from './pages/setup.js';
import { PanelError } from './panel-error.js';
import { mountPath } from './request-target.js';
import type { PanelResponse } from './panel-response.js';
import type { SetupLink } from './setup-link-store.js';
import type { OpenedSetupLink, SetupLinkProblem } from './setup-links.js';

const cookieName = 'scim_setup';

/** What each refused set-up link says, with its status. */
const problems: Readonly<Record<SetupLinkProblem, readonly [status: number, message: string]>> = {
  invalid: [403, 'This set-up link is not valid. Check that you have copied all of it.'],
  expired: [410, 'This set-up link has expired. Ask whoever sent it to you for a new one.'],
  used: [410, 'This set-up link has already been used. Ask whoever sent it to you for a new one.'],
  revoked: [410, 'This set-up link has been revoked. Ask whoever sent it to you for a new one.'],
  'other-tenant': [403, 'This set-up link is for another organization.'],
};

/** The response to a request for `/setup`, and the cookie to set. */
export interface SetupResponse {
  readonly response: Exclude<PanelResponse, { readonly kind: 'stream' }>;
  readonly cookie?: string | undefined;
}

/**
 * The page that a set-up link opens, and the form that trades the link for a session.
 *
 * Opening the page does not use the link: mail scanners and previews open links too. The link arrives in a form, never in
 * a URL, so no log of a server has it.
 */
export async function serveSetup<Req extends IncomingMessage>(
  req: Req,
  method: string,
  options: ScimAdminOptions<Req>,
): Promise<SetupResponse> {
  const base = mountPath(req);
  const nonce = randomBytes(16).toString('base64');
  const page = (status: number, problem?: string): SetupResponse => ({
    response: { kind: 'page', status, title: 'Set up user provisioning', body: setupPage(base, problem), base, nonce },
  });
  if (method === 'GET') return page(200);
  if (method !== 'POST') return page(405, 'This page does not support this method.');
  try {
    if (isCrossSite(req)) throw new PanelError(403, 'This request was sent by another site.');
    const code = codeIn((await readFields(req)).get('code') ?? '');
    const opened = await open(req, code, options);
    if (opened.problem !== undefined) throw new PanelError(...problems[opened.problem]);
    return {
      response: { kind: 'redirect', location: `${base}/` },
      cookie: cookieFor(req, base, opened.session, options.setupLinks?.sessionMinutes ?? 0),
    };
  } catch (error) {
    if (!(error instanceof PanelError)) throw error;
    return page(error.status, error.message);
  }
}

/** What follows `#`, where the whole link was entered. */
function codeIn(text: string): string {
  return text.slice(text.indexOf('#') + 1).trim();
}

async function open<Req extends IncomingMessage>(
  req: Req,
  code: string,
  { setupLinks, setupTenantOf, auditTrail }: ScimAdminOptions<Req>,
): Promise<OpenedSetupLink> {
  const record = async (
    { id, tenant, connection }: Pick<SetupLink, 'id' | 'tenant' | 'connection'>,
    problem?: SetupLinkProblem,
  ): Promise<void> => {
    if (auditTrail === undefined) return;
    const subjects = { link: id, ...(problem !== undefined && { problem }) };
    const outcome = problem === undefined ? 'requested' : 'refused';
    const entry = { time: new Date(), tenant, connection, by: nameOfLink(id), action: 'setup-link.used' };
    await recordAction(auditTrail, { ...entry, subjects, outcome });
  };
  const tenant = setupTenantOf?.(req) ?? undefined;
  const opened = (await setupLinks?.open(code, { tenant, beforeUse: record })) ?? { problem: 'invalid' };
  // What nobody has signed is not recorded: anybody could fill the trail.
  if (opened.problem !== undefined && opened.link !== undefined) await record(opened.link, opened.problem);
  return opened;
}

/** How the user of a set-up link is called in the audit trail. */
export function nameOfLink(id: string): string {
  return `Set-up link ${id.slice(0, 8)}`;
}

/** The session cookie of a set-up link. */
export function setupSessionOf(req: IncomingMessage): string | undefined {
  for (const part of (req.headers.cookie ?? '').split(';')) {
    const [name, value] = part.split('=', 2);
    if (name?.trim() === cookieName && value !== undefined) return value.trim();
  }
  return undefined;
}

function cookieFor(req: IncomingMessage, base: string, session: string, minutes: number): string {
  // What a client put into the path must not end the attribute.
  const path = /^[\w/.~%-]+$/.test(base) ? base : '/';
  const secure = baseUrlOf(req).startsWith('https:') ? '; Secure' : '';
  const age = String(minutes * 60);
  return `${cookieName}=${session}; Path=${path}; Max-Age=${age}; HttpOnly; SameSite=Strict${secure}`;
}
