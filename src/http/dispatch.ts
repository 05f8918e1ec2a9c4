import type { IncomingMessage } from 'node:http';
import type { Awaitable } from '../contract/awaitable.js';
import { type Discovery, refuseFilter } from '../operations/discover.js';
import type { DiscoveryTarget, EndpointTable, Target } from '../operations/endpoints.js';
import { perform, resolveMe } from '../operations/perform.js';
import { queryAll } from '../operations/query-all.js';
import type { RequestContext } from '../operations/request-context.js';
import { readSearch } from '../operations/search.js';
import type { ScimResponse, Service } from '../operations/service.js';
import { parseEntityTags } from '../protocol/entity-tag.js';
import { checkAccept, checkContentType } from './media-types.js';
import { readParameters } from './query-parameters.js';
import { type BodyOptions, readBody } from './request-body.js';

const loadBulk = () => import('../operations/bulk.js');

/** What requests are dispatched to. */
export interface DispatchOptions {
  readonly service: Service;
  readonly discovery: Discovery;
  readonly endpoints: EndpointTable;
  /** Called for each body that a parser of the host has read. */
  readonly onParsedBody: () => void;
}

/** A request whose client is authenticated and whose endpoint is found. */
export interface RoutedRequest {
  readonly req: IncomingMessage;
  readonly target: Target;
  /** The query string, without its question mark. */
  readonly query: string;
  readonly ctx: RequestContext;
  /** Called with the parsed body, where one is read. */
  readonly onBody: ((body: unknown) => void) | undefined;
}

/** Creates the function that runs the operation which a request names. */
export function createDispatch(options: DispatchOptions): (request: RoutedRequest) => Awaitable<ScimResponse> {
  const { service, discovery, endpoints, onParsedBody } = options;

  const readRequestBody = ({ req, target, onBody, ctx }: RoutedRequest): Promise<unknown> => {
    checkContentType(req);
    const body = readBody(req, {
      limits: service.limits,
      bytes: bytesLimitOf(target),
      work: ctx.work,
      deadline: ctx.deadline,
      deadlines: service.deadlines,
      anyText: target.kind === 'search' || target.kind === 'searchAll',
      onParsed: onParsedBody,
    });
    if (onBody === undefined) return body;
    return body.then((parsed) => {
      onBody(parsed);
      return parsed;
    });
  };

  return (request) => {
    const { req, target, ctx } = request;
    checkAccept(req.headers.accept);
    const parameters = readParameters(request.query);
    switch (target.kind) {
      case 'options':
        return { status: 204, allow: target.allow };
      case 'bulk':
        return readRequestBody(request).then(async (body) => (await loadBulk()).bulk(service, endpoints, body, ctx));
      case 'queryAll':
        return queryAll(service, parameters, ctx);
      case 'searchAll':
        return readRequestBody(request).then((body) => queryAll(service, readSearch(body, ctx), ctx));
      case 'serviceProviderConfig':
      case 'resourceTypes':
      case 'resourceType':
      case 'schemas':
      case 'schema':
        refuseFilter(parameters.filter);
        return discover(discovery, target, ctx);
      default: {
        const input = {
          parameters,
          ifMatch: parseEntityTags(req.headers['if-match']),
          ifNoneMatch: parseEntityTags(req.headers['if-none-match']),
          body: () => readRequestBody(request),
        };
        return target.kind === 'me'
          ? resolveMe(service, target, ctx).then((user) => perform(service, user, input, ctx))
          : perform(service, target, input, ctx);
      }
    }
  };
}

/** The limit for the bytes of a body: groups have many members, and a bulk request many operations. */
function bytesLimitOf(target: Target): BodyOptions['bytes'] {
  if (target.kind === 'bulk') return 'bulkBytes';
  return 'served' in target && target.served.hasMembers && target.kind !== 'search' ? 'groupBytes' : 'resourceBytes';
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

/** Warns at the first body that a parser of the host has read. */
export function parsedBodyWarning(): () => void {
  let warned = false;
  return () => {
    if (warned) return;
    warned = true;
    process.emitWarning(
      'A body parser ran before the SCIM router, so the router cannot check the raw body. ' +
        'Mount the SCIM router before the parser, or mount scimErrors() after it.',
      { type: 'ExpressScimWarning', code: 'SCIM_BODY_PARSED' },
    );
  };
}
