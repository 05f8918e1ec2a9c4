import type { ComponentChild } from 'preact';
import { Card, Frame, panelTitle, type Section } from './pages/frame.js';
import { PanelError, readOnlyMessage } from './panel-error.js';
import type { PanelResponse } from './panel-response.js';
import type { Route } from './route.js';
import type { Visit } from './visit.js';

/** Messages shown after a redirect, by the code in its URL. */
const notices: Readonly<Record<string, string>> = {
  enabled: 'User provisioning is enabled.',
  disabled: 'User provisioning is disabled. From now on, requests of the identity provider are refused.',
  provider: 'The identity provider is saved.',
  revoked: 'The key is revoked.',
  networks: 'The allowed networks are saved. They take effect within seconds.',
  ended: 'The keys of this connection are revoked.',
  links: 'The set-up links are revoked.',
  settled: 'Your decision is saved. It takes effect when the identity provider retries.',
  'role-added': 'The role is added. Users who are members already keep their roles until you apply the change.',
  'role-added-applied': 'The role is added. It is being applied to existing users.',
  'role-removed': 'The role is removed. Users who have it keep it until you apply the change.',
  'role-removed-applied': 'The role is removed. That is being applied to existing users.',
  'roles-applied': 'The roles are being applied to existing users.',
  resent: 'What had failed is sent again.',
  reenabled: 'The endpoint is enabled. What has waited is sent now.',
};

/** One segment of a path, such as an ID. */
export const segment = '([^/]{1,300})';

export function get(path: string, run: Route['run']): Route {
  return { method: 'GET', path: new RegExp(`^${path}$`), run };
}

/** @param again the page to show after a mistake in the form */
export function post(path: string, run: Route['run'], again?: Route['again']): Route {
  return { method: 'POST', path: new RegExp(`^${path}$`), run, again };
}

/** Routes about nothing but the connection of the visit, which the session of a set-up link may use too. */
export const forSetup = {
  get: (path: string, run: Route['run']): Route => ({ ...get(path, run), setup: true }),
  post: (path: string, run: Route['run'], again?: Route['again']): Route => ({
    ...post(path, run, again),
    setup: true,
  }),
};

export function json(body: unknown, status = 200): PanelResponse {
  return { kind: 'json', status, body };
}

/** A page of the panel. */
export function show(
  visit: Visit,
  section: Section,
  title: string,
  content: ComponentChild,
  notice?: string,
): PanelResponse {
  const body = (
    <Frame visit={visit} section={section} notice={notice}>
      {content}
    </Frame>
  );
  const { base, nonce } = visit;
  return {
    kind: 'page',
    status: 200,
    title: title === '' ? panelTitle : `${title} – ${panelTitle}`,
    body,
    base,
    nonce,
  };
}

/** A form as a page of its own, for browsers without scripts. */
export function formPage(visit: Visit, section: Section, title: string, form: ComponentChild): PanelResponse {
  requireManager(visit);
  return show(
    visit,
    section,
    title,
    <Card id="form" title={title}>
      {form}
    </Card>,
  );
}

/** @param done the code of a notice */
export function redirect({ base }: Visit, path: string, done: string, hash = ''): PanelResponse {
  return { kind: 'redirect', location: `${base}${path}?done=${done}${hash}` };
}

/** The message of a code in the URL. */
export function noticeOf(done: string | null): string | undefined {
  return done !== null && Object.hasOwn(notices, done) ? notices[done] : undefined;
}

function requireManager({ administrator }: Visit): void {
  if (administrator.may !== 'manage') throw new PanelError(403, readOnlyMessage);
}
