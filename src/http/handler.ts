import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import createDebug from 'debug';
import type { Authenticator } from '../auth/authenticate.js';
import { recognizeClient } from '../quirks/clients.js';
import type { ActiveQuirks } from '../quirks/active-quirks.js';
import { RequestContext } from '../operations/request-context.js';
import { ForbiddenError, ScimError, UnauthorizedError, UnavailableError, isScimError } from '../errors.js';
import type { Access, ResponseRecord, AppliedQuirk, Exchange } from '../hooks.js';
import { bulk } from '../operations/bulk.js';
import { type Discovery, refuseFilter } from '../operations/discover.js';
import { isThenable, type Awaitable } from '../contract/awaitable.js';
import { createEndpointTable, type DiscoveryTarget, type Target } from '../operations/endpoints.js';
import { perform, resolveMe } from '../operations/perform.js';
import { queryAll } from '../operations/query-all.js';
import { readSearch } from '../operations/search.js';
import type { ScimResponse, Service } from '../operations/service.js';
import { parseEntityTags } from '../protocol/entity-tag.js';
import { errorBody } from '../protocol/messages.js';
import type { Actor, ScimContext } from '../contract/context.js';
import { baseUrlOf } from './base-url.js';
import { checkAccept, checkContentType } from './media-types.js';
import { readParameters } from './query-parameters.js';
import { readBody } from './request-body.js';
import { writeResponse, writeError } from './write-response.js';

const debug = createDebug('express-scim:http');
const debugError = createDebug('express-scim:error');
const debugQuirks = createDebug('express-scim:quirks');

/** What the handler needs beside the service. */
export interface HandlerOptions<Req extends IncomingMessage> {
  readonly service: Service;
  readonly discovery: Discovery;
  readonly authenticator: Authenticator<Req>;
  readonly activeQuirks: ActiveQuirks;
  readonly tenantOf: ((req: Req) => string | undefined) | undefined;
  readonly baseUrl: string | ((ctx: ScimContext) => string) | undefined;
  readonly onResponse: ((record: ResponseRecord) => void) | undefined;
  readonly onExchange: ((exchange: Exchange) => void) | undefined;
  readonly onQuirk: ((applied: AppliedQuirk) => void) | undefined;
  /** True where the store keeps the data of one tenant only. */
  readonly oneTenant: boolean;
}

/** What Express 4 and 5 mount; it answers every request, so `next` is never called. */
export type ScimHandler<Req extends IncomingMessage> = (
  req: Req,
  res: ServerResponse,
  next?: (error?: unknown) => void,
) => void;

const longestUrl = 32 * 1024;

/** The way of every request: authenticate before a byte of the body is read, find the endpoint, run, write once. */
export function createHandler<Req extends IncomingMessage>(options: HandlerOptions<Req>): ScimHandler<Req> {
  const { service, onResponse, onExchange, onQuirk } = options;
  const endpoints = createEndpointTable(service);
  const warnOnce = parsedBodyWarning();

  const authenticate = (req: Req): Awaitable<Actor> => {
    try {
      const actor = options.authenticator.authenticate(req);
      return isThenable(actor) ? actor.then(known, unavailable) : known(actor);
    } catch (error) {
      return unavailable(error);
    }
  };

  const contextOf = (req: Req, actor: Actor, requestId: string, started: number): RequestContext => {
    const tenant = actor.tenant ?? 'default';
    // A key that opens another door than the one knocked at is an unknown key.
    if (options.tenantOf !== undefined) {
      const named = options.tenantOf(req);
      if (named !== undefined && named !== tenant) throw new UnauthorizedError();
    }
    const { baseUrl } = options;
    const deadline = started + service.limits.requestMilliseconds;
    const { activeQuirks } = options;
    if (typeof baseUrl !== 'function') {
      const base = baseUrl ?? baseUrlOf(req);
      return new RequestContext({ tenant, actor, requestId, deadline, activeQuirks, base });
    }
    const base = baseUrl(new RequestContext({ tenant, actor, requestId, deadline, activeQuirks, base: '' }));
    return new RequestContext({ tenant, actor, requestId, deadline, activeQuirks, base: base.replace(/\/+$/, '') });
  };

  const run = (
    req: Req,
    target: Target,
    search: string,
    ctx: RequestContext,
    bodies: { request?: unknown },
  ): Awaitable<ScimResponse> => {
    checkAccept(req.headers.accept);
    const parameters = readParameters(search);
    const body = (): Promise<unknown> => {
      checkContentType(req);
      const searches = target.kind === 'search' || target.kind === 'searchAll';
      const read = readBody(req, service.limits, warnOnce, searches);
      return onExchange === undefined ? read : read.then((request) => (bodies.request = request));
    };
    switch (target.kind) {
      case 'options':
        return { status: 204 };
      case 'bulk':
        return body().then((request) => bulk(service, endpoints, request, ctx));
      case 'queryAll':
        return queryAll(service, parameters, ctx);
      case 'searchAll':
        return body().then((request) => queryAll(service, readSearch(request, ctx), ctx));
      case 'serviceProviderConfig':
      case 'resourceTypes':
      case 'resourceType':
      case 'schemas':
      case 'schema':
        refuseFilter(parameters.filter);
        return discover(options.discovery, target, ctx);
      default: {
        const ifMatch = parseEntityTags(req.headers['if-match']);
        const ifNoneMatch = parseEntityTags(req.headers['if-none-match']);
        const input = { parameters, ifMatch, ifNoneMatch, body };
        return target.kind === 'me'
          ? resolveMe(service, target, ctx).then((resource) => perform(service, resource, input, ctx))
          : perform(service, target, input, ctx);
      }
    }
  };

  const serve = async (req: Req, res: ServerResponse, requestId: string, started: number): Promise<void> => {
    let ctx: RequestContext | undefined;
    let target: Target | undefined;
    let status: number;
    let scimType: string | undefined;
    const url = req.url ?? '/';
    const bodies: { request?: unknown; response?: unknown } = {};
    try {
      if (url.length > longestUrl) throw new ScimError(414, `The URL is longer than ${String(longestUrl)} characters.`);
      const authenticated = authenticate(req);
      const actor = isThenable(authenticated) ? await authenticated : authenticated;
      ctx = contextOf(req, actor, requestId, started);
      if (actor.enabled === false) throw new ForbiddenError('Provisioning is switched off for this tenant.');
      if (options.oneTenant && ctx.tenant !== 'default') throw new ForbiddenError('This service has one tenant only.');
      const mark = url.indexOf('?');
      target = endpoints(req.method ?? 'GET', mark < 0 ? url : url.slice(0, mark));
      const response = await run(req, target, mark < 0 ? '' : url.slice(mark + 1), ctx, bodies);
      status = response.status;
      bodies.response = response.body;
      if (target.kind === 'options') res.setHeader('allow', target.allow.join(', '));
      writeResponse(req, res, response);
    } catch (thrown) {
      const error = toScimError(thrown, requestId);
      if (error.status >= 500 && error.status !== 501) service.onError(error.cause ?? thrown, ctx);
      status = error.status;
      scimType = error.scimType;
      bodies.response = errorBody(error);
      // Details name attributes and limits, never values.
      debugError('%s %d %s', requestId, status, error.message);
      writeError(req, res, error);
    }
    const milliseconds = performance.now() - started;
    if (debug.enabled) {
      const asked = [requestId, ctx?.tenant ?? '-', target?.kind ?? req.method];
      debug('%s %s %s %d %s %dms', ...asked, status, scimType ?? '', Math.round(milliseconds));
    }
    if (debugQuirks.enabled && ctx !== undefined && ctx.quirks.length > 0)
      debugQuirks('%s %s', requestId, ctx.quirks.join(', '));
    const quirks = ctx?.quirks ?? [];
    const shape = { userAgent: req.headers['user-agent'], url: req.url ?? '' };
    if (onQuirk !== undefined && ctx !== undefined && quirks.length > 0) {
      const { tenant, actor } = ctx;
      const common = { requestId, tenant, actor: actor.id, client: recognizeClient(shape), ...accessOf(target) };
      for (const quirk of quirks) told(() => onQuirk({ quirk, ...common }), ctx);
    }
    if (onExchange !== undefined) {
      told(() => onExchange({ requestId, actor: ctx?.actor, method: req.method ?? 'GET', url, ...bodies }), ctx);
    }
    if (onResponse !== undefined) {
      const record = {
        requestId,
        status,
        scimType,
        milliseconds,
        tenant: ctx?.tenant,
        actor: ctx?.actor.id,
        quirks,
        client: recognizeClient(shape),
      };
      told(() => onResponse({ ...record, ...accessOf(target) }), ctx);
    }
  };

  // A hook that fails is the host's to hear of; the answer is sent.
  const told = (hook: () => void, ctx: RequestContext | undefined): void => {
    try {
      hook();
    } catch (error) {
      service.onError(error, ctx);
    }
  };

  return (req, res) => {
    const started = performance.now();
    const requestId = randomUUID();
    serve(req, res, requestId, started).catch((error: unknown) => {
      // Only a hook that reports errors can fail here: the answer is sent, or can be sent no more.
      debug('%s could not be answered: %O', requestId, error);
      if (!res.headersSent) res.writeHead(500);
      res.end();
    });
  };
}

function known(actor: Actor | undefined): Actor {
  if (actor === undefined) throw new UnauthorizedError();
  return actor;
}

function unavailable(error: unknown): never {
  throw isScimError(error) ? error : new UnavailableError(5, undefined, error);
}

function discover(discovery: Discovery, target: DiscoveryTarget, ctx: RequestContext): ScimResponse {
  switch (target.kind) {
    case 'serviceProviderConfig':
      return discovery.serviceProviderConfig(ctx);
    case 'resourceTypes':
      return discovery.resourceTypes(ctx);
    case 'resourceType':
      return discovery.resourceType(target.id, ctx);
    case 'schemas':
      return discovery.schemas(ctx);
    case 'schema':
      return discovery.schema(target.id, ctx);
  }
}

/** Anything that is no ScimError is a fault of ours or of the host's: a fixed text, and the id to find it by. */
function toScimError(thrown: unknown, requestId: string): ScimError {
  if (isScimError(thrown)) return thrown;
  return new ScimError(500, `An internal error occurred; it is logged as ${requestId}.`, { cause: thrown });
}

function accessOf(target: Target | undefined): Partial<Access> {
  if (target === undefined || !('served' in target)) return {};
  return {
    operation: target.kind === 'search' ? 'query' : target.kind,
    resourceType: target.served.type.name,
    ...('id' in target ? { id: target.id } : {}),
  };
}

function parsedBodyWarning(): () => void {
  let warned = false;
  return () => {
    if (warned) return;
    warned = true;
    process.emitWarning(
      'A body parser ran before the SCIM router, so checks on the raw body cannot be made. ' +
        'Mount the SCIM router before the parser, or mount scimErrors() after it.',
      { type: 'ExpressScimWarning', code: 'SCIM_BODY_PARSED' },
    );
  };
}
