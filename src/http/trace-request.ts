import { tracingChannel } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { traceCall } from '../contract/diagnostics.js';
import type { RequestMessage } from '../hooks.js';
import type { Target } from '../operations/endpoints.js';
import { type HandledRequest, recordOf } from './report.js';

/** Requests. */
export const requestChannel = tracingChannel<unknown, RequestMessage>('express-scim:request');

/**
 * Responds to a request, and publishes it on the channel of requests.
 *
 * @param respond never rejects: an error of the request is its response
 */
export function traceRequest(req: IncomingMessage, request: HandledRequest, respond: () => Promise<void>): void {
  const message: RequestMessage = {
    requestId: request.requestId,
    method: request.method,
    traceparent: single(req.headers['traceparent']),
    tracestate: single(req.headers['tracestate']),
  };
  void traceCall(requestChannel, message, respond, () => {
    const { target, status, code, bulk } = request;
    const route = target === undefined ? undefined : routeOf(target);
    if (route !== undefined) message.route = route;
    if (bulk !== undefined) message.bulk = bulk;
    message.response = recordOf(request, message.milliseconds ?? 0);
    // A 4xx is a mistake of the client: the call itself has not failed.
    if (status >= 500) message.errorType = code ?? String(status);
  });
}

function single(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : header?.join(',');
}

/** The endpoint that a target belongs to, with `{id}` for an ID: one of few. */
function routeOf(target: Target): string | undefined {
  switch (target.kind) {
    case 'create':
    case 'query':
      return target.served.type.endpoint;
    case 'search':
      return `${target.served.type.endpoint}/.search`;
    case 'read':
    case 'replace':
    case 'patch':
    case 'delete':
      return `${target.served.type.endpoint}/{id}`;
    case 'me':
      return '/Me';
    case 'bulk':
      return '/Bulk';
    case 'queryAll':
      return '/';
    case 'searchAll':
      return '/.search';
    case 'serviceProviderConfig':
      return '/ServiceProviderConfig';
    case 'resourceTypes':
      return '/ResourceTypes';
    case 'resourceType':
      return '/ResourceTypes/{id}';
    case 'schemas':
      return '/Schemas';
    case 'schema':
      return '/Schemas/{id}';
    case 'options':
      return undefined;
  }
}
