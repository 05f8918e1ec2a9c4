import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import createDebug from 'debug';
import type { Authenticator } from '../auth/authenticate.js';
import { type Awaitable, isThenable } from '../contract/awaitable.js';
import type { ScimContext } from '../contract/context.js';
import { callHook } from '../contract/hook-source.js';
import { identifyRequest } from '../contract/request-id.js';
import { ScimError, UnavailableError } from '../errors.js';
import type { AppliedQuirk, Exchange, ResponseRecord } from '../hooks.js';
import { errorToSend, mistakesOf } from '../operations/faults.js';
import { RequestContext } from '../operations/request-context.js';
import { errorBody } from '../protocol/messages.js';
import { challengeHeaders } from './challenges.js';
import { authenticate, checkTenant, contextOf } from './identify.js';
import { anonymousActor, isPublicDiscovery } from './public-discovery.js';
import { createReport, type HandledRequest } from './report.js';
import { refuseMisplacedEndpoint } from './misplaced-endpoint.js';
import type { Runtime } from './runtime.js';
import type { TenantRuntimes } from './tenant-runtimes.js';
import { requestChannel, traceRequest } from './trace-request.js';
import { serialize, writeError, writeResponse } from './write-response.js';

const debug = createDebug('express-scim:http');
const debugError = createDebug('express-scim:error');

/** What the handler needs beside the service. */
export interface HandlerOptions<Req extends IncomingMessage> {
  /** What is compiled from the options of the router. */
  readonly base: Runtime;
  /** What is compiled for each tenant; undefined where all tenants have the same. */
  readonly tenants: TenantRuntimes | undefined;
  readonly authenticator: Authenticator<Req>;
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
export interface ScimHandler<Req extends IncomingMessage> {
  (req: Req, res: ServerResponse, next?: (error?: unknown) => void): void;
  /**
   * Drops the cached configuration of a tenant (`options.tenants`), in this process: the next request loads it. Other
   * processes notice a change after `maxAgeMilliseconds`.
   */
  forgetTenant(tenant: string): void;
}

/**
 * Longest URL, in characters. Node refuses URL and headers above 16 KiB in all with a 431 of its own; this limit counts
 * where a server raises that (`maxHeaderSize` of `http.createServer`, `node --max-http-header-size`).
 */
const longestUrl = 32 * 1024;

/** Creates the handler of a router: authenticate before the body is read, find the endpoint, run it, write once, report. */
export function createHandler<Req extends IncomingMessage>(options: HandlerOptions<Req>): ScimHandler<Req> {
  const { base, tenants, onExchange } = options;
  const { service, activeQuirks } = base;
  const report = createReport({ ...options, onError: service.onError });
  const { requestMilliseconds, work: workUnits } = service.limits;
  const contextOptions = { ...options, activeQuirks, requestMilliseconds, workUnits, reportOnce: service.reportOnce };

  const inTime = <T>(pending: PromiseLike<T>, { startedAt }: HandledRequest, message: string): Promise<T> =>
    service.deadlines.until(pending, startedAt + requestMilliseconds, () => new UnavailableError(5, message));

  const isPublic = options.publicDiscovery ? isPublicDiscovery : () => false;
  const identify = async (req: Req, request: HandledRequest): Promise<RequestContext> => {
    const authenticated = authenticate(options.authenticator, req, service.reportOnce);
    const actor = isThenable(authenticated) ? await inTime(authenticated, request, tooSlowClient) : authenticated;
    const ctx = contextOf(req, actor, request, contextOptions);
    request.ctx = ctx;
    checkTenant(ctx, options.oneTenant);
    return ctx;
  };
  // `request.ctx` stays undefined: reports must not name a client that nobody has authenticated.
  const anonymousContext = (req: Req, request: HandledRequest): RequestContext =>
    contextOf(req, anonymousActor(callHook('tenantOf', () => options.tenantOf?.(req))), request, contextOptions);
  /** What serves the request: that of its tenant. A URL without a tenant has that of the router. */
  const runtimeOf = (ctx: RequestContext, request: HandledRequest): Awaitable<Runtime> => {
    if (tenants === undefined || (request.ctx === undefined && ctx.actor.tenant === undefined)) return base;
    const loading = request.ctx === undefined ? tenants.forAnonymous(ctx.tenant) : tenants.of(ctx.tenant);
    return isThenable(loading) ? inTime(loading, request, tooSlowConfiguration) : loading;
  };

  const serve = async (req: Req, res: ServerResponse, request: HandledRequest): Promise<void> => {
    try {
      const { url } = request;
      if (url.length > longestUrl) throw new ScimError(414, `The URL is longer than ${String(longestUrl)} characters.`);
      const isAnonymous = isPublic(req, url);
      const identified = isAnonymous ? anonymousContext(req, request) : await identify(req, request);
      const choosing = runtimeOf(identified, request);
      const runtime = isThenable(choosing) ? await choosing : choosing;
      const ctx = runtime === base ? identified : configured(identified, runtime, request);
      if (request.ctx !== undefined) request.ctx = ctx;
      const view = isAnonymous || runtime.viewOf === undefined ? runtime : await runtime.viewOf(ctx);
      const questionMark = url.indexOf('?');
      const path = questionMark < 0 ? url : url.slice(0, questionMark);
      const query = questionMark < 0 ? '' : url.slice(questionMark + 1);
      refuseMisplacedEndpoint(path, query);
      const target = view.endpoints(request.method, path);
      request.target = target;
      const onBody = onExchange === undefined ? undefined : (body: unknown) => (request.requestBody = body);
      const made = await view.dispatch({ req, target, query, ctx, onBody });
      request.failures = made.failures;
      request.bulk = made.bulk;
      const serialized = await serialize(made, runtime.service.limits.pageBytes, ctx.work);
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

  const respond = (req: Req, res: ServerResponse, request: HandledRequest): Promise<void> =>
    serve(req, res, request).catch((error: unknown) => {
      // Only the writing itself can fail here: a header of an error that Node refuses, or JSON that cannot be written.
      debug('%s failed: %O', request.requestId, error);
      request.status = 500;
      const { requestId } = request;
      service.onError(error, request.ctx, requestId);
      writeError(req, res, new ScimError(500, `An internal error occurred; it is logged as ${requestId}.`), requestId);
      if (!res.writableEnded) res.end();
    });

  const handle = (req: Req, res: ServerResponse): void => {
    const request = receive(req);
    if (requestChannel.hasSubscribers) traceRequest(req, request, () => respond(req, res, request));
    else void respond(req, res, request);
  };
  return Object.assign(handle, { forgetTenant: (tenant: string) => tenants?.forget(tenant) });
}

const tooSlowClient = 'The client could not be authenticated in time; try again later.';
const tooSlowConfiguration = 'The configuration of the tenant could not be loaded in time; try again later.';

/** The same request under the limits and quirks of its tenant. */
function configured(
  ctx: RequestContext,
  { service: { limits }, activeQuirks }: Runtime,
  { startedAt }: HandledRequest,
): RequestContext {
  const { tenant, actor, requestId, base } = ctx;
  const deadline = startedAt + limits.requestMilliseconds;
  return new RequestContext({ tenant, actor, requestId, base, deadline, activeQuirks, workUnits: limits.work });
}

function receive(req: IncomingMessage): HandledRequest {
  const requestId = randomUUID();
  identifyRequest(req, requestId);
  return {
    requestId,
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
    bulk: undefined,
    requestBody: undefined,
    responseBody: undefined,
  };
}
