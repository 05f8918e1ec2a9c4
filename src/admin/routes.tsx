import { renderToString } from 'preact-render-to-string';
import type { ComponentChild } from 'preact';
import {
  createKey,
  isLive,
  keyOf,
  liveKey,
  type NewKey,
  revokeKey,
  rotateKey,
  runTest,
  saveProvider,
  saveStatus,
  settleConflict,
} from './actions.js';
import { readAuditTrail } from './read-audit-trail.js';
import { endConnection, readEnding } from './end-connection.js';
import { createSetupLink, readSetupLinks, revokeSetupLinks } from './manage-setup-links.js';
import { AuditTrail } from './pages/audit-trail.js';
import { EndingPage } from './pages/ending.js';
import { ShownSetupLink } from './pages/setup-links.js';
import type { Conflict } from '../lifecycle/conflicts/conflicts.js';
import type { ConnectionKey, LogEntry } from './contract.js';
import { deliveryRoutes } from './delivery-routes.js';
import { readHealth } from './health.js';
import { saveNetworks } from './network-settings.js';
import { pageSize, readLogRequest, toLogQuery } from './log-filter.js';
import { Conflicts } from './pages/conflicts.js';
import { Entry } from './pages/entry.js';
import { Card, Frame, panelTitle, type Section } from './pages/frame.js';
import { NewKeyForm, RevokeForm, RotateForm, ShownKey } from './pages/keys.js';
import { Log, type LogPage, OneEntry } from './pages/log.js';
import { AttributeMapping } from './pages/mapping.js';
import { Overview } from './pages/overview.js';
import { PanelError, readOnlyMessage } from './panel-error.js';
import type { PanelResponse } from './panel-response.js';
import type { Route } from './route.js';
import type { ConnectionTestResult } from './test-connection.js';
import type { Visit } from './visit.js';

/** Messages shown after a redirect, by the code in its URL. */
const notices: Readonly<Record<string, string>> = {
  enabled: 'User provisioning is enabled.',
  disabled: 'User provisioning is disabled. From now on, requests of the identity provider are refused.',
  provider: 'The identity provider is saved.',
  revoked: 'The key is revoked.',
  networks: 'The allowed networks are saved. They take effect within seconds.',
  ended: 'The connection has ended: its keys are revoked.',
  links: 'The set-up links are revoked.',
  settled: 'Your decision is saved. It takes effect when the identity provider retries.',
  resent: 'What had failed is sent again.',
  reenabled: 'The endpoint is enabled. What has waited is sent now.',
};

const segment = '([^/]{1,300})';

/** Routes about nothing but the connection of the visit, which the session of a set-up link may use too. */
const forSetup = {
  get: (path: string, run: Route['run']): Route => ({ ...get(path, run), setup: true }),
  post: (path: string, run: Route['run']): Route => ({ ...post(path, run), setup: true }),
};

/** Every page, form and endpoint of the panel. */
export const routes: readonly Route[] = [
  forSetup.get('/', async ({ visit, query }) => overview(visit, undefined, query.get('done'))),
  forSetup.get('/log', async ({ visit, query }) => {
    const page = await logPage(visit, query);
    return show(visit, 'log', 'Provisioning log', <Log visit={visit} page={page} />);
  }),
  forSetup.get('/log/stream', async ({ visit, query }) => {
    const { tenant, id } = visit.connection;
    const render = (entry: LogEntry): string => renderToString(<Entry visit={visit} entry={entry} />);
    const live = { log: visit.options.log, tenant, connection: id, request: readLogRequest(query), render };
    return { kind: 'stream', live };
  }),
  forSetup.get(`/log/${segment}`, async ({ visit, parameters }) => {
    const entry = await entryOf(visit, parameters[0]);
    return show(visit, 'log', 'Log entry', <OneEntry visit={visit} entry={entry} />);
  }),
  get('/mapping', async ({ visit }) => show(visit, 'mapping', 'Mapping', <AttributeMapping visit={visit} />)),
  get('/conflicts', async ({ visit, query }) => {
    const conflicts = (await visit.options.conflicts?.list(visit.connection.tenant)) ?? [];
    const body = <Conflicts visit={visit} conflicts={conflicts} />;
    return show(visit, 'conflicts', 'Conflicts', body, noticeOf(query.get('done')));
  }),
  forSetup.get('/keys/new', async ({ visit }) => {
    requireManager(visit);
    return formPage(visit, 'Create a connector key', <NewKeyForm visit={visit} inDialog={false} />);
  }),
  forSetup.get(`/keys/${segment}/rotate`, async ({ visit, parameters: [id = ''] }) => {
    requireManager(visit);
    return formPage(visit, 'Rotate this key', <RotateForm visit={visit} item={liveKey(visit, id)} inDialog={false} />);
  }),
  forSetup.get(`/keys/${segment}/revoke`, async ({ visit, parameters: [id = ''] }) => {
    requireManager(visit);
    return formPage(visit, 'Revoke this key', <RevokeForm visit={visit} item={keyOf(visit, id)} inDialog={false} />);
  }),
  forSetup.post('/status', async ({ visit, fields }) => {
    await saveStatus(visit, fields);
    return redirect(visit, '/', fields.get('enabled') === 'true' ? 'enabled' : 'disabled');
  }),
  forSetup.post('/provider', async ({ visit, fields }) => {
    await saveProvider(visit, fields);
    return redirect(visit, '/', 'provider', '#connector');
  }),
  forSetup.post('/networks', async ({ visit, fields }) => {
    await saveNetworks(visit, fields);
    return redirect(visit, '/', 'networks', '#networks');
  }),
  forSetup.post('/keys', async ({ visit, fields }) => newKeyPage(visit, await createKey(visit, fields))),
  forSetup.post(`/keys/${segment}/rotate`, async ({ visit, fields, parameters: [id = ''] }) =>
    newKeyPage(visit, await rotateKey(visit, id, fields)),
  ),
  forSetup.post(`/keys/${segment}/revoke`, async ({ visit, parameters: [id = ''] }) => {
    await revokeKey(visit, id);
    return redirect(visit, '/', 'revoked');
  }),
  get('/audit-trail', async ({ visit, query }) => {
    const page = await readAuditTrail(visit, query);
    return show(visit, 'auditTrail', 'Audit trail', <AuditTrail visit={visit} page={page} />);
  }),
  get('/end', async ({ visit, query }) => {
    const view = await readEnding(visit);
    const body = <EndingPage visit={visit} view={view} />;
    return show(visit, 'overview', 'End this connection', body, noticeOf(query.get('done')));
  }),
  post('/end', async ({ visit, fields }) => {
    await endConnection(visit, fields);
    return redirect(visit, '/end', 'ended');
  }),
  post('/setup-links', async ({ visit, fields }) => {
    const made = await createSetupLink(visit, fields);
    return show(visit, 'overview', 'New set-up link', <ShownSetupLink visit={visit} made={made} />);
  }),
  post('/setup-links/revoke', async ({ visit }) => {
    await revokeSetupLinks(visit);
    return redirect(visit, '/', 'links', '#setup-links');
  }),
  forSetup.post('/test', async ({ visit }) => overview(visit, await runTest(visit), null)),
  post(`/conflicts/${segment}`, async ({ visit, fields, parameters: [id = ''] }) => {
    await settleConflict(visit, id, fields);
    return redirect(visit, '/conflicts', 'settled');
  }),

  forSetup.get('/api/connection', async ({ visit }) => {
    const { id, tenant, name, provider, enabled, networks, keys } = visit.connection;
    const listed = keys.filter((key) => key.temporary !== true).map((key) => keyJson(key, visit.now));
    const { scimUrl: baseUrl, csrfToken } = visit;
    return json({ id, tenant, name, provider, enabled, networks, baseUrl, keys: listed, csrfToken });
  }),
  forSetup.get('/api/health', async ({ visit }) => {
    const { tenant, id } = visit.connection;
    const { lastRequest, lastError, explanation, hours } = await readHealth(visit.options.log, tenant, id, visit.now);
    const entry = (each: LogEntry | undefined): unknown => (each === undefined ? undefined : visit.shown(each));
    return json({ lastRequest: entry(lastRequest), lastError: entry(lastError), explanation, hours });
  }),
  forSetup.get('/api/log', async ({ visit, query }) => {
    const { entries, newer, older } = await logPage(visit, query);
    return json({ entries: entries.map((entry) => visit.shown(entry)), newer, older });
  }),
  forSetup.get(`/api/log/${segment}`, async ({ visit, parameters }) =>
    json(visit.shown(await entryOf(visit, parameters[0]))),
  ),
  get('/api/mapping', async ({ visit }) => json(visit.options.mapping ?? [])),
  get('/api/conflicts', async ({ visit }) => {
    const conflicts = (await visit.options.conflicts?.list(visit.connection.tenant)) ?? [];
    if (visit.administrator.seePersonalData) return json(conflicts);
    return json(conflicts.map(conflictWithoutPersonalData));
  }),
  forSetup.post('/api/status', async ({ visit, fields }) => {
    await saveStatus(visit, fields);
    return json({ enabled: fields.get('enabled') === 'true' });
  }),
  forSetup.post('/api/provider', async ({ visit, fields }) => {
    await saveProvider(visit, fields);
    return json({ provider: fields.get('provider') });
  }),
  forSetup.post('/api/networks', async ({ visit, fields }) => json({ networks: await saveNetworks(visit, fields) })),
  forSetup.post('/api/keys', async ({ visit, fields }) => json(await createKey(visit, fields), 201)),
  forSetup.post(`/api/keys/${segment}/rotate`, async ({ visit, fields, parameters: [id = ''] }) =>
    json(await rotateKey(visit, id, fields), 201),
  ),
  forSetup.post(`/api/keys/${segment}/revoke`, async ({ visit, parameters: [id = ''] }) => {
    await revokeKey(visit, id);
    return json({ id, revoked: true });
  }),
  get('/api/audit-trail', async ({ visit, query }) => json(await readAuditTrail(visit, query))),
  get('/api/end', async ({ visit }) => json(await readEnding(visit))),
  post('/api/end', async ({ visit, fields }) => json(await endConnection(visit, fields), 202)),
  get('/api/setup-links', async ({ visit }) => json(await readSetupLinks(visit))),
  post('/api/setup-links', async ({ visit, fields }) => json(await createSetupLink(visit, fields), 201)),
  post('/api/setup-links/revoke', async ({ visit }) => {
    await revokeSetupLinks(visit);
    return json({ revoked: true });
  }),
  forSetup.post('/api/test', async ({ visit }) => json(await runTest(visit))),
  post(`/api/conflicts/${segment}`, async ({ visit, fields, parameters: [id = ''] }) => {
    await settleConflict(visit, id, fields);
    return json({ id, settled: true });
  }),

  ...deliveryRoutes({ get, post, json, show, redirect, noticeOf }),
];

function get(path: string, run: Route['run']): Route {
  return { method: 'GET', path: new RegExp(`^${path}$`), run };
}

function post(path: string, run: Route['run']): Route {
  return { method: 'POST', path: new RegExp(`^${path}$`), run };
}

function json(body: unknown, status = 200): PanelResponse {
  return { kind: 'json', status, body };
}

function show(visit: Visit, section: Section, title: string, content: ComponentChild, notice?: string): PanelResponse {
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

function formPage(visit: Visit, title: string, form: ComponentChild): PanelResponse {
  return show(
    visit,
    'overview',
    title,
    <Card id="form" title={title}>
      {form}
    </Card>,
  );
}

function newKeyPage(visit: Visit, made: NewKey): PanelResponse {
  return show(visit, 'overview', 'New key', <ShownKey visit={visit} made={made} />);
}

function redirect({ base }: Visit, path: string, done: string, hash = ''): PanelResponse {
  return { kind: 'redirect', location: `${base}${path}?done=${done}${hash}` };
}

function noticeOf(done: string | null): string | undefined {
  return done !== null && Object.hasOwn(notices, done) ? notices[done] : undefined;
}

async function overview(
  visit: Visit,
  tested: ConnectionTestResult | undefined,
  done: string | null,
): Promise<PanelResponse> {
  const { tenant, id } = visit.connection;
  const health = await readHealth(visit.options.log, tenant, id, visit.now);
  const links = visit.access.setup || visit.options.setupLinks === undefined ? undefined : await readSetupLinks(visit);
  const body = <Overview visit={visit} health={health} tested={tested} setupLinks={links} />;
  return show(visit, 'overview', '', body, noticeOf(done));
}

async function logPage(visit: Visit, query: URLSearchParams): Promise<LogPage> {
  const request = readLogRequest(query);
  const { tenant, id } = visit.connection;
  const found = await visit.options.log.list(tenant, toLogQuery(request, id, pageSize + 1));
  const more = found.length > pageSize;
  // Entries are ordered newest first, so when paging forward the extra entry is the first one.
  if (request.after !== undefined) {
    if (!more && found.length < pageSize) return logPage(visit, withoutPosition(query));
    return { request, entries: found.slice(more ? 1 : 0), newer: more, older: true };
  }
  return { request, entries: found.slice(0, pageSize), newer: request.before !== undefined, older: more };
}

function withoutPosition(query: URLSearchParams): URLSearchParams {
  const rest = new URLSearchParams(query);
  rest.delete('after');
  rest.delete('before');
  return rest;
}

async function entryOf({ options, connection }: Visit, id = ''): Promise<LogEntry> {
  const entry = await options.log.get(connection.tenant, id);
  if (entry === undefined || entry.connection !== connection.id)
    throw new PanelError(404, 'This log entry does not exist.');
  return entry;
}

/** IDs, names and the fingerprint may be personal data; the summary of a mass deactivation holds counts only. */
function conflictWithoutPersonalData({ id, tenant, time, kind, summary, candidates, decision }: Conflict): unknown {
  return {
    ...{ id, tenant, time, kind, candidates: candidates.length },
    ...(kind === 'mass-deactivation' && { summary }),
    ...(decision !== undefined && {
      decision: { action: decision.action, by: decision.by, time: decision.time },
    }),
  };
}

function requireManager({ administrator }: Visit): void {
  if (administrator.may !== 'manage') throw new PanelError(403, readOnlyMessage);
}

function keyJson(key: ConnectionKey, now: Date): unknown {
  const { digest: _, ...rest } = key;
  return { ...rest, live: isLive(key, now) };
}
