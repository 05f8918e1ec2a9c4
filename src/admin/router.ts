import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { accessOf, isSameAccess } from './access.js';
import { scriptFile, styleFile } from './assets/files.js';
import { csrfTokens, isCrossSite } from './csrf.js';
import { readFields } from './fields.js';
import { harmlessWords } from './harmless-words.js';
import { checkAdminOptions, type ScimAdminOptions } from './options.js';
import { PanelError, readOnlyMessage, setupOnlyMessage } from './panel-error.js';
import { requestTarget } from './request-target.js';
import type { PanelResponse } from './panel-response.js';
import type { Route, RouteCall } from './route.js';
import { routes } from './routes.js';
import { serveSetup } from './setup-session.js';
import { streamLog } from './stream.js';
import { sessionOf, visitOf, type Visit } from './visit.js';
import { messagePage, writeResponse } from './write-response.js';

/** The panel as a request handler for `app.use` of Express 4 and 5. */
export type ScimAdminHandler<Req extends IncomingMessage> = (
  req: Req,
  res: ServerResponse,
  next?: (error?: unknown) => void,
) => void;

/** For each tenant, so that no tenant takes the streams of another one. */
const maxStreams = 20;
const streamIntervalMilliseconds = 1_000;

/**
 * Creates the settings panel for an Express 4 or 5 app: pages, a JSON API, and a stream of new log entries.
 *
 * Pages are rendered on the server. Without scripts everything works except copy buttons and live updates. Pages load
 * nothing from other origins and have a strict Content-Security-Policy. `authorize` decides about each request, and
 * changes also require a CSRF token.
 *
 * @throws TypeError if options are invalid; the message lists all of them and says what to write instead
 * @example
 * import express from 'express';
 * import { createScimAdmin, memoryConnectionStore, memoryLogStore } from 'express-scim/admin';
 *
 * // The sessions of your app, by cookie.
 * const sessions = new Map<string, { id: string; user: string; isAdmin: boolean }>();
 * const app = express();
 * app.use(
 *   '/settings/provisioning',
 *   createScimAdmin<express.Request>({
 *     connections: memoryConnectionStore(),
 *     log: memoryLogStore(),
 *     baseUrl: 'https://app.example.com/scim/v2',
 *     authorize(req) {
 *       const session = sessions.get(req.get('cookie') ?? '');
 *       if (session?.isAdmin !== true) return undefined;
 *       return { user: session.user, may: 'manage', seePersonalData: true, session: session.id };
 *     },
 *   }),
 * );
 */
export function createScimAdmin<Req extends IncomingMessage = IncomingMessage>(
  options: ScimAdminOptions<Req>,
): ScimAdminHandler<Req> {
  checkAdminOptions(options);
  const tokens = csrfTokens(options.secret ?? randomBytes(32));
  const words = harmlessWords(options.schemas);
  const streams = new Map<string, number>();

  const openStream = (req: Req, res: ServerResponse, { access, connection }: Visit, live: LiveRoute): void => {
    const { tenant } = connection;
    const open = streams.get(tenant) ?? 0;
    if (open >= maxStreams) {
      const body = { error: 'Too many log streams are open. Try again later.' };
      return writeResponse(req, res, { kind: 'json', status: 503, body });
    }
    streams.set(tenant, open + 1);
    res.once('close', () => {
      const left = (streams.get(tenant) ?? 1) - 1;
      if (left > 0) streams.set(tenant, left);
      else streams.delete(tenant);
    });
    const isAllowed = async (): Promise<boolean> => isSameAccess(access, await accessOf(req, options));
    streamLog(req, res, { ...live, isAllowed, intervalMilliseconds: streamIntervalMilliseconds });
  };

  const serve = async (req: Req, res: ServerResponse): Promise<void> => {
    const { path, query } = requestTarget(req.url ?? '/');
    const method = req.method === 'HEAD' ? 'GET' : (req.method ?? 'GET');
    const asset = [styleFile, scriptFile].find(({ name }) => path === `/assets/${name}`);
    if (asset !== undefined && method === 'GET') return writeResponse(req, res, { kind: 'asset', asset });

    if (path === '/setup' && options.setupLinks !== undefined) {
      const page = await serveSetup(req, method, options);
      // Beside the cookies of the app.
      if (page.cookie !== undefined) res.appendHeader('set-cookie', page.cookie);
      return writeResponse(req, res, page.response, options.layout);
    }
    let visit: Visit | undefined;
    let response: PanelResponse;
    /** The form that was sent, once nothing but its content can be wrong. */
    let form: { readonly route: Route; readonly call: RouteCall } | undefined;
    const json = path === '/api' || path.startsWith('/api/');
    try {
      visit = await visitOf(req, options, { tokens, words });
      const { route, parameters } = find(method, path);
      if (visit.access.setup && route.setup !== true) throw new PanelError(403, setupOnlyMessage);
      if (method !== 'GET') {
        if (isCrossSite(req)) throw new PanelError(403, 'This request was sent by another site.');
        if (visit.administrator.may !== 'manage') throw new PanelError(403, readOnlyMessage);
      }
      const fields = method === 'GET' ? new Map<string, string>() : await readFields(req);
      if (method !== 'GET') {
        const header = req.headers['x-csrf-token'];
        const token = typeof header === 'string' ? header : fields.get('csrf');
        if (!tokens.isValid(token, sessionOf(visit.administrator, visit.connection))) {
          throw new PanelError(403, 'This form has expired. Reload the page and try again.');
        }
      }
      const call = { visit, parameters, query, fields };
      form = { route, call };
      response = await route.run(call);
    } catch (error) {
      if (!(error instanceof PanelError)) throw error;
      if (json) response = { kind: 'json', status: error.status, body: { error: error.message, field: error.field } };
      else response = (await formAgain(form, error)) ?? messagePage(error, visit, req);
      if (error.status === 413 || error.status === 415) res.setHeader('connection', 'close');
    }
    if (response.kind === 'stream') {
      if (visit !== undefined) openStream(req, res, visit, response.live);
      return;
    }
    writeResponse(req, res, response, options.layout);
  };

  return (req, res, next) => {
    serve(req, res).catch((error: unknown) => {
      if (next !== undefined && !res.headersSent) next(error);
      else {
        if (!res.headersSent) res.writeHead(500, { 'x-content-type-options': 'nosniff' });
        res.end();
      }
    });
  };
}

/** The page with the form that was sent, and what is wrong with it. Undefined where there is no such page. */
async function formAgain(
  form: { readonly route: Route; readonly call: RouteCall } | undefined,
  error: PanelError,
): Promise<PanelResponse | undefined> {
  if (form === undefined || (error.status !== 400 && error.status !== 409)) return undefined;
  const page = await form.route.again?.(form.call, { fields: form.call.fields, error });
  return page?.kind === 'page' ? { ...page, status: error.status } : undefined;
}

type LiveRoute = (PanelResponse & { readonly kind: 'stream' })['live'];

/** @throws PanelError 404 or 405 */
function find(method: string, path: string): { readonly route: Route; readonly parameters: readonly string[] } {
  let isKnownPath = false;
  for (const route of routes) {
    const match = route.path.exec(path);
    if (match === null) continue;
    isKnownPath = true;
    if (route.method === method) return { route, parameters: match.slice(1).map(decodeSegment) };
  }
  throw isKnownPath ? new PanelError(405, 'This page does not support this method.') : notFound();
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw notFound();
  }
}

function notFound(): PanelError {
  return new PanelError(404, 'This page does not exist.');
}
