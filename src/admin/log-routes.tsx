import { renderToString } from 'preact-render-to-string';
import type { LogEntry } from './contract.js';
import { pageSize, readLogRequest, toLogQuery } from './log-filter.js';
import { Entry } from './pages/entry.js';
import { Log, type LogPage, OneEntry } from './pages/log.js';
import { PanelError } from './panel-error.js';
import type { Route } from './route.js';
import { forSetup, json, segment, show } from './route-builders.js';
import type { Visit } from './visit.js';

/** The provisioning log, with its stream of new entries. */
export const logRoutes: readonly Route[] = [
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

  forSetup.get('/api/log', async ({ visit, query }) => {
    const { entries, newer, older } = await logPage(visit, query);
    return json({ entries: entries.map((entry) => visit.shown(entry)), newer, older });
  }),
  forSetup.get(`/api/log/${segment}`, async ({ visit, parameters }) =>
    json(visit.shown(await entryOf(visit, parameters[0]))),
  ),
];

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
