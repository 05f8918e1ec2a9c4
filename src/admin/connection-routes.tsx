import { runTest, saveProvider, saveStatus } from './actions.js';
import type { ConnectionKey, LogEntry } from './contract.js';
import { endConnection, readEnding } from './end-connection.js';
import { readHealth } from './health.js';
import { createSetupLink, readSetupLinks, revokeSetupLinks } from './manage-setup-links.js';
import { isLive } from './key-access.js';
import { saveNetworks } from './network-settings.js';
import { AuditTrail } from './pages/audit-trail.js';
import { EndingPage } from './pages/ending.js';
import { Overview } from './pages/overview.js';
import { ShownSetupLink } from './pages/setup-links.js';
import type { PanelResponse } from './panel-response.js';
import { groupNames, readAuditTrail } from './read-audit-trail.js';
import type { Entered, Route, RouteCall } from './route.js';
import { forSetup, get, json, noticeOf, post, redirect, show } from './route-builders.js';
import type { ConnectionTestResult } from './test-connection.js';
import type { Visit } from './visit.js';

/** The settings of the connection, its set-up links, its end and its audit trail. */
export const connectionRoutes: readonly Route[] = [
  forSetup.get('/', async ({ visit, query }) => overview(visit, { done: query.get('done') })),
  forSetup.post(
    '/status',
    async ({ visit, fields }) => {
      await saveStatus(visit, fields);
      return redirect(visit, '/', fields.get('enabled') === 'true' ? 'enabled' : 'disabled');
    },
    overviewAgain,
  ),
  forSetup.post(
    '/provider',
    async ({ visit, fields }) => {
      await saveProvider(visit, fields);
      return redirect(visit, '/', 'provider', '#connector');
    },
    overviewAgain,
  ),
  forSetup.post(
    '/networks',
    async ({ visit, fields }) => {
      await saveNetworks(visit, fields);
      return redirect(visit, '/', 'networks', '#networks');
    },
    overviewAgain,
  ),
  forSetup.post('/test', async ({ visit }) => overview(visit, { tested: await runTest(visit) }), overviewAgain),
  get('/audit-trail', async ({ visit, query }) => {
    const page = await readAuditTrail(visit, query);
    const body = <AuditTrail visit={visit} page={page} groups={await groupNames(visit, page.entries)} />;
    return show(visit, 'auditTrail', 'Audit trail', body);
  }),
  get('/end', async ({ visit, query }) => {
    const view = await readEnding(visit);
    const body = <EndingPage visit={visit} view={view} />;
    return show(visit, 'overview', 'End this connection', body, noticeOf(query.get('done')));
  }),
  post(
    '/end',
    async ({ visit, fields }) => {
      await endConnection(visit, fields);
      return redirect(visit, '/end', 'ended');
    },
    async ({ visit }, entered) => {
      const body = <EndingPage visit={visit} view={await readEnding(visit)} entered={entered} />;
      return show(visit, 'overview', 'End this connection', body);
    },
  ),
  post(
    '/setup-links',
    async ({ visit, fields }) => {
      const made = await createSetupLink(visit, fields);
      return show(visit, 'overview', 'New set-up link', <ShownSetupLink visit={visit} made={made} />);
    },
    overviewAgain,
  ),
  post('/setup-links/revoke', async ({ visit }) => {
    await revokeSetupLinks(visit);
    return redirect(visit, '/', 'links', '#setup-links');
  }),

  forSetup.get('/api/connection', async ({ visit }) => {
    const { id, tenant, name, provider, enabled, networks, keys } = visit.connection;
    const listed = keys.filter((key) => key.temporary !== true).map((key) => keyJson(key, visit.now));
    const { scimUrl: baseUrl, csrfToken } = visit;
    return json({ id, tenant, name, provider, enabled, networks, baseUrl, keys: listed, csrfToken });
  }),
  forSetup.get('/api/health', async ({ visit }) => {
    const { tenant, id } = visit.connection;
    const { lastRequest, lastError, explanation, since, hours } = await readHealth(
      visit.options.log,
      tenant,
      id,
      visit.now,
    );
    const entry = (each: LogEntry | undefined): unknown => (each === undefined ? undefined : visit.shown(each));
    return json({ lastRequest: entry(lastRequest), lastError: entry(lastError), explanation, since, hours });
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
  forSetup.post('/api/test', async ({ visit }) => json(await runTest(visit))),
  get('/api/audit-trail', async ({ visit, query }) => json(await readAuditTrail(visit, query))),
  get('/api/end', async ({ visit }) => json(await readEnding(visit))),
  post('/api/end', async ({ visit, fields }) => json(await endConnection(visit, fields), 202)),
  get('/api/setup-links', async ({ visit }) => json(await readSetupLinks(visit))),
  post('/api/setup-links', async ({ visit, fields }) => json(await createSetupLink(visit, fields), 201)),
  post('/api/setup-links/revoke', async ({ visit }) => {
    await revokeSetupLinks(visit);
    return json({ revoked: true });
  }),
];

interface OverviewParts {
  readonly tested?: ConnectionTestResult | undefined;
  /** The code of a notice. */
  readonly done?: string | null | undefined;
  readonly entered?: Entered | undefined;
}

async function overview(visit: Visit, { tested, done = null, entered }: OverviewParts): Promise<PanelResponse> {
  const { tenant, id } = visit.connection;
  const health = await readHealth(visit.options.log, tenant, id, visit.now);
  const links = visit.access.setup || visit.options.setupLinks === undefined ? undefined : await readSetupLinks(visit);
  const body = <Overview visit={visit} health={health} tested={tested} setupLinks={links} entered={entered} />;
  return show(visit, 'overview', '', body, noticeOf(done));
}

function overviewAgain({ visit }: RouteCall, entered: Entered): Promise<PanelResponse> {
  return overview(visit, { entered });
}

function keyJson(key: ConnectionKey, now: Date): unknown {
  const { digest: _, ...rest } = key;
  return { ...rest, live: isLive(key, now) };
}
