import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { scriptFile, styleFile } from './assets/files.js';
import { csrfTokens, isCrossSite } from './csrf.js';
import { readFields } from './fields.js';
import { checkAdminOptions, type ScimAdminOptions } from './options.js';
import { PanelError } from './panel-error.js';
import { type Response, type Route, routes } from './routes.js';
import { streamLog } from './stream.js';
import { sessionOf, visitOf, type Visit } from './visit.js';
import { messagePage, writeResponse } from './write-response.js';

/** What Express 4 and 5 mount. */
export type ScimAdminHandler<Req extends IncomingMessage> = (
  req: Req,
  res: ServerResponse,
  next?: (error?: unknown) => void,
) => void;

const mostStreams = 100;

/**
 * Makes the settings panel: pages, a small JSON API, and live log entries, for any Express 4 or 5 app.
 *
 * Pages are made on the server and work without scripts, but for copying and live updates. They load nothing from
 * elsewhere and run under a strict Content-Security-Policy. Every request is shown to `authorize`; changes need a CSRF
 * token besides.
 *
 * @throws TypeError for mistaken options, saying what to write instead
 * @example
 * app.use('/settings/provisioning', requireLogin, createScimAdmin({
 *   connections, log, baseUrl: 'https://app.example.com/scim/v2',
 *   authorize: (req) => ({ user: req.user.email, may: 'manage', seePersonalData: true, session: req.session.id }),
 * }));
 */
export function createScimAdmin<Req extends IncomingMessage = IncomingMessage>(
  options: ScimAdminOptions<Req>,
): ScimAdminHandler<Req> {
  checkAdminOptions(options);
  const tokens = csrfTokens(options.secret ?? randomBytes(32));
  let streams = 0;

  const serve = async (req: Req, res: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL((req.url ?? '/').replace(/^\/*/, '/'), 'http://panel');
    const path = pathname.replace(/(?<=.)\/+$/, '');
    const method = req.method === 'HEAD' ? 'GET' : (req.method ?? 'GET');
    const asset = [styleFile, scriptFile].find(({ name }) => path === `/assets/${name}`);
    if (asset !== undefined && method === 'GET') return writeResponse(req, res, { kind: 'asset', asset });

    let visit: Visit | undefined;
    let response: Response;
    const json = path === '/api' || path.startsWith('/api/');
    try {
      visit = await visitOf(req, options, tokens);
      const { route, parameters } = find(method, path);
      if (method !== 'GET') {
        if (isCrossSite(req)) throw new PanelError(403, 'This request came from another site.');
        if (visit.administrator.may !== 'manage') throw new PanelError(403, 'You may look at these settings only.');
      }
      const fields = method === 'GET' ? new Map<string, string>() : await readFields(req);
      if (method !== 'GET') {
        const header = req.headers['x-csrf-token'];
        const token = typeof header === 'string' ? header : fields.get('csrf');
        if (!tokens.isRight(token, sessionOf(visit.administrator, visit.connection))) {
          throw new PanelError(403, 'This form is too old, or is not yours. Load the page anew and try again.');
        }
      }
      response = await route.run({ visit, parameters, query: searchParams, fields });
    } catch (error) {
      if (!(error instanceof PanelError)) throw error;
      response = json
        ? { kind: 'json', status: error.status, body: { error: error.message } }
        : messagePage(error, visit, req);
      if (error.status === 413 || error.status === 415) res.setHeader('connection', 'close');
    }
    if (response.kind === 'stream') {
      if (streams >= mostStreams)
        return writeResponse(req, res, { kind: 'json', status: 503, body: { error: 'Too many.' } });
      streams++;
      res.once('close', () => streams--);
      return streamLog(req, res, { ...response.live, intervalMilliseconds: 1_000 });
    }
    writeResponse(req, res, response, options.layout);
  };

  return (req, res, next) => {
    serve(req, res).catch((error: unknown) => {
      if (next !== undefined && !res.headersSent) next(error);
      else {
        if (!res.headersSent) res.writeHead(500);
        res.end();
      }
    });
  };
}

/** @throws PanelError 404 or 405 */
function find(method: string, path: string): { readonly route: Route; readonly parameters: readonly string[] } {
  let known = false;
  for (const route of routes) {
    const match = route.path.exec(path);
    if (match === null) continue;
    known = true;
    if (route.method === method) return { route, parameters: match.slice(1).map(decodeSegment) };
  }
  throw known ? new PanelError(405, 'This cannot be done here.') : new PanelError(404, 'There is no such page.');
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new PanelError(404, 'There is no such page.');
  }
}
