import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import createDebug from 'debug';
import type { Authenticator } from '../auth/authenticate.js';
import { type Awaitable, isThenable } from '../contract/awaitable.js';
import type { ScimContext } from '../contract/context.js';
import { ScimError, UnavailableError } from '../errors.js';
import type { AppliedQuirk, Exchange, ResponseRecord } from '../hooks.js';
import type { Discovery } from '../operations/discover.js';
import { createEndpointTable, type EndpointTable } from '../operations/endpoints.js';
import { errorToSend, mistakesOf } from '../operations/faults.js';
import type { RequestContext } from '../operations/request-context.js';
import type { Service } from '../operations/service.js';
import { errorBody } from '../protocol/messages.js';
import type { ActiveQuirks } from '../quirks/active-quirks.js';
import { challengeHeaders } from './challenges.js';
import { createDispatch } from './dispatch.js';
import { authenticate, checkTenant, contextOf } from './identify.js';
import { anonymous, isPublicDiscovery } from './public-discovery.js';
import { createReport, type HandledRequest } from './report.js';
import { serialize, writeError, writeResponse } from './write-response.js';

const debug = createDebug('express-scim:http');
const debugError = createDebug('express-scim:error');

/** The service as a client sees it. */
export interface View {
  readonly service: Service;
  readonly discovery: Discovery;
}

/** What the handler needs beside the service. */
export interface HandlerOptions<Req extends IncomingMessage> extends View {
  /** What a client sees, where not all clients see the same; the same object for the same view. */
  readonly viewOf: ((ctx: RequestContext) => Awaitable<View>) | undefined;
  readonly authenticator: Authenticator<Req>;
  readonly activeQuirks: ActiveQuirks;
  readonly tenantOf: ((req: Req) => string | null | undefined) | undefined;
  readonly baseUrl: string | ((ctx: ScimContext) => string) | undefined;
  readonly onResponse: ((record: ResponseRecord) => void) | undefined;
  readonly onExchange: ((exchange: Exchange) => void) | undefined;
  readonly onQuirk: ((applied: AppliedQuirk) => void) | undefined;
  /** True where the store keeps the data of one tenant only. */
  readonly oneTenant: boolean;
  /** True where discovery needs no credentials. */
  readonly publicDiscovery: boolean;
}

/** A handler that Express 4 and 5 mount. It responds to every request, so it never calls `next`. */
export type ScimHandler<Req extends IncomingMessage> = (
  req: Req,
  res: ServerResponse,
  next?: (error?: unknown) => void,
) => void;

/**
 * Longest URL, in characters. Node refuses URL and headers above 16 KiB in all with a 431 of its own; this limit counts
 * where a server raises that (`maxHeaderSize` of `http.createServer`, `node --max-http-header-size`).
 */
const longestUrl = 32 * 1024;

/** Creates the handler of a router: authenticate before the body is read, find the endpoint, run it, write once, report. */
export function createHandler<Req extends IncomingMessage>(options: HandlerOptions<Req>): ScimHandler<Req> {
  const { service, onExchange } = options;
  const { viewOf } = options;
  const routing = routesOf(options);
  const routings = new WeakMap<View, Routing>();
  const routingFor = (view: View): Routing => {
    let made = routings.get(view);
    if (made === undefined) routings.set(view, (made = routesOf(view)));
    return made;
  };
  const report = createReport({ ...options, onError: service.onError });
  const { requestMilliseconds, work: workUnits } = service.limits;
  const contextOptions = { ...options, requestMilliseconds, workUnits, reportOnce: service.reportOnce };

  const inTime = <T>(authenticated: PromiseLike<T>, { startedAt }: HandledRequest): Promise<T> =>
    service.deadlines.until(
      authenticated,
      startedAt + requestMilliseconds,
      () => new UnavailableError(5, 'The client could not be authenticated in time; try again later.'),
    );

  const isPublic = options.publicDiscovery ? isPublicDiscovery : () => false;
  const identify = async (req: Req, request: HandledRequest): Promise<RequestContext> => {
    const authenticated = authenticate(options.authenticator, req, service.reportOnce);
    const actor = isThenable(authenticated) ? await inTime(authenticated, request) : authenticated;
    const ctx = contextOf(req, actor, request, contextOptions);
    request.ctx = ctx;
    checkTenant(ctx, options.oneTenant);
    return ctx;
  };
  // `request.ctx` stays undefined: reports must not name a client that nobody has authenticated.
  const anonymousContext = (req: Req, request: HandledRequest): RequestContext =>
    contextOf(req, { ...anonymous, tenant: options.tenantOf?.(req) ?? undefined }, request, contextOptions);

  const serve = async (req: Req, res: ServerResponse, request: HandledRequest): Promise<void> => {
    try {
      const { url } = request;
      if (url.length > longestUrl) throw new ScimError(414, `The URL is longer than ${String(longestUrl)} characters.`);
      const isAnonymous = isPublic(req, url);
      const ctx = isAnonymous ? anonymousContext(req, request) : await identify(req, request);
      const { endpoints, dispatch } = viewOf === undefined || isAnonymous ? routing : routingFor(await viewOf(ctx));
      const questionMark = url.indexOf('?');
      const target = endpoints(request.method, questionMark < 0 ? url : url.slice(0, questionMark));
      request.target = target;
      const query = questionMark < 0 ? '' : url.slice(questionMark + 1);
      const onBody = onExchange === undefined ? undefined : (body: unknown) => (request.requestBody = body);
      const made = await dispatch({ req, target, query, ctx, onBody });
      request.failures = made.failures;
      const serialized = await serialize(made, service.limits.pageBytes, ctx.work);
      request.status = serialized.response.status;
      request.responseBody = serialized.response.body;
      writeResponse(req, res, serialized, request.requestId);
    } catch (thrown) {
      const error = errorToSend(service, thrown, request.requestId, request.ctx);
      request.status = error.status;
      request.scimType = error.scimType;
      request.code = error.code;
      request.errors = mistakesOf(error);
      request.responseBody = errorBody(error);
      // Messages name attributes and limits, never values.
      debugError('%s %d %s', request.requestId, error.status, error.message);
      const headers = challengeHeaders(error, options.authenticator.schemes, req);
      writeError(req, res, error, request.requestId, headers);
    }
    report(request);
  };

  return (req, res) => {
    const request = receive(req);
    serve(req, res, request).catch((error: unknown) => {
      // Only the writing itself can fail here: a header of an error that Node refuses, or JSON that cannot be written.
      debug('%s failed: %O', request.requestId, error);
      service.onError(error, request.ctx);
      const { requestId } = request;
      writeError(req, res, new ScimError(500, `An internal error occurred; it is logged as ${requestId}.`), requestId);
      if (!res.writableEnded) res.end();
    });
  };
}

/** The endpoints of a view, and what they run. */
interface Routing {
  readonly endpoints: EndpointTable;
  readonly dispatch: ReturnType<typeof createDispatch>;
}

function routesOf({ service, discovery }: View): Routing {
  const endpoints = createEndpointTable(service);
  return { endpoints, dispatch: createDispatch({ service, discovery, endpoints }) };
}

function receive(req: IncomingMessage): HandledRequest {
  return {
    requestId: randomUUID(),
    method: req.method ?? 'GET',
    url: req.url ?? '/',
    userAgent: req.headers['user-agent'],
    startedAt: performance.now(),
    ctx: undefined,
    target: undefined,
    status: 500,
    scimType: undefined,
    code: undefined,
    errors: undefined,
    failures: undefined,
    requestBody: undefined,
    responseBody: undefined,
  };
}
