import createDebug from 'debug';
import type { AppliedQuirk, Exchange, ResponseRecord } from '../hooks.js';
import type { Target } from '../operations/endpoints.js';
import { runHook } from '../operations/faults.js';
import type { RequestContext } from '../operations/request-context.js';
import type { ScimResponse, Service } from '../operations/service.js';
import { recognizeClient } from '../quirks/clients.js';

const debug = createDebug('express-scim:http');
const debugQuirks = createDebug('express-scim:quirks');

/** A request while it is handled, and what there is to report about it in the end. */
export interface HandledRequest {
  readonly requestId: string;
  readonly method: string;
  /** Path and query below the mount point. */
  readonly url: string;
  readonly userAgent: string | undefined;
  /** On the clock of `performance.now()`, milliseconds. */
  readonly startedAt: number;
  /** Undefined until the client is authenticated. */
  ctx: RequestContext | undefined;
  /** Undefined until the endpoint is found. */
  target: Target | undefined;
  /** Status of the response. */
  status: number;
  scimType: string | undefined;
  /** Of an error. */
  code?: ResponseRecord['code'];
  /** Wrong values of the body. */
  errors?: ResponseRecord['errors'];
  /** Operations of a bulk request that failed. */
  failures?: ResponseRecord['failures'];
  /** Operations of a bulk request, counted. */
  bulk?: ScimResponse['bulk'];
  /** The parsed body, where one was read and `onExchange` is set. */
  requestBody: unknown;
  responseBody: unknown;
}

/** Where reports go. */
export interface ReportHooks {
  readonly onQuirk: ((applied: AppliedQuirk) => void) | undefined;
  readonly onExchange: ((exchange: Exchange) => void) | undefined;
  readonly onResponse: ((record: ResponseRecord) => void) | undefined;
  /** Also gets what the other hooks throw: the response is sent by then. */
  readonly onError: Service['onError'];
}

/** Creates the function that reports a request once its response is sent: to the debug logs, then to the hooks. */
export function createReport(hooks: ReportHooks): (request: HandledRequest) => void {
  const { onQuirk, onExchange, onResponse, onError } = hooks;

  return (request) => {
    const milliseconds = performance.now() - request.startedAt;
    if (debug.enabled) logRequest(request, milliseconds);
    const quirks = request.ctx?.quirks ?? [];
    if (debugQuirks.enabled && quirks.length > 0) debugQuirks('%s %s', request.requestId, quirks.join(', '));
    if (onQuirk !== undefined) {
      for (const applied of appliedQuirks(request)) {
        runHook('onQuirk', () => onQuirk(applied), onError, request.ctx, request.requestId);
      }
    }
    if (onExchange !== undefined) {
      runHook('onExchange', () => onExchange(exchangeOf(request)), onError, request.ctx, request.requestId);
    }
    if (onResponse !== undefined) {
      runHook('onResponse', () => onResponse(recordOf(request, milliseconds)), onError, request.ctx, request.requestId);
    }
  };
}

function logRequest({ requestId, ctx, target, method, status, scimType }: HandledRequest, milliseconds: number): void {
  const operation = target?.kind ?? method;
  debug(
    '%s %s %s %d %s %dms',
    requestId,
    ctx?.tenant ?? '-',
    operation,
    status,
    scimType ?? '',
    Math.round(milliseconds),
  );
}

function appliedQuirks(request: HandledRequest): readonly AppliedQuirk[] {
  const { requestId, ctx, target } = request;
  if (ctx === undefined || ctx.quirks.length === 0) return [];
  const client = recognizeClient(request);
  const common = { requestId, tenant: ctx.tenant, actor: ctx.actor.id, client, ...accessOf(target) };
  return ctx.quirks.map((quirk) => ({ quirk, ...common }));
}

function exchangeOf({ requestId, ctx, method, url, requestBody, responseBody }: HandledRequest): Exchange {
  return { requestId, actor: ctx?.actor, method, url, request: requestBody, response: responseBody };
}

/** A request as `onResponse` gets it. */
export function recordOf(request: HandledRequest, milliseconds: number): ResponseRecord {
  const { requestId, ctx, target, status, scimType, code, errors, failures } = request;
  return {
    requestId,
    status,
    scimType,
    ...(code === undefined ? {} : { code }),
    ...(errors === undefined ? {} : { errors }),
    ...(failures === undefined ? {} : { failures }),
    milliseconds,
    tenant: ctx?.tenant,
    actor: ctx?.actor.id,
    quirks: ctx?.quirks ?? [],
    client: recognizeClient(request),
    ...accessOf(target),
  };
}

/** The operation, where the request reached the endpoint of a resource type. */
function accessOf(target: Target | undefined): Pick<ResponseRecord, 'operation' | 'resourceType' | 'id'> {
  if (target === undefined || !('served' in target)) return {};
  const operation = target.kind === 'search' ? 'query' : target.kind;
  const resourceType = target.served.type.name;
  return 'id' in target ? { operation, resourceType, id: target.id } : { operation, resourceType };
}
