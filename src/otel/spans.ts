import {
  context,
  type Context,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import type { JobMessage, StoreMessage } from '../contract/diagnostics.js';
import type { RequestMessage } from '../hooks.js';
import { defined, methodOf } from './attributes.js';

/** A span that is under way, and the context in which its call runs. */
interface OpenSpan {
  readonly span: Span;
  readonly context: Context;
}

/** Makes and ends spans. Requests, store calls and jobs have one each. */
export interface Spans {
  readonly ofRequest: (message: RequestMessage) => OpenSpan;
  readonly endRequest: (span: Span, message: RequestMessage) => void;
  readonly ofStoreCall: (message: StoreMessage) => OpenSpan;
  readonly endStoreCall: (span: Span, message: StoreMessage) => void;
  readonly ofJob: (message: JobMessage) => OpenSpan;
  readonly endJob: (span: Span, message: JobMessage) => void;
}

/** @param databaseSystem `db.system.name` of store calls */
export function createSpans(tracer: Tracer, databaseSystem: string | undefined): Spans {
  const open = (name: string, kind: SpanKind, attributes: Parameters<typeof defined>[0], parent: Context): OpenSpan => {
    const span = tracer.startSpan(name, { kind, attributes: defined(attributes) }, parent);
    return { span, context: trace.setSpan(parent, span) };
  };
  return {
    ofRequest(message) {
      const active = context.active();
      const isInside = trace.getSpan(active) !== undefined;
      const kind = isInside ? SpanKind.INTERNAL : SpanKind.SERVER;
      const parent = isInside ? active : propagation.extract(active, carrierOf(message));
      const method = methodOf(message);
      return open(method, kind, { 'http.request.method': method, 'scim.request_id': message.requestId }, parent);
    },
    endRequest(span, message) {
      const { route, response, bulk } = message;
      if (route !== undefined) span.updateName(`${methodOf(message)} ${route}`);
      span.setAttributes(
        defined({
          'http.route': route,
          'http.response.status_code': response?.status,
          'scim.tenant': response?.tenant,
          'scim.actor': response?.actor,
          'scim.client': response?.client,
          'scim.operation': response?.operation,
          'scim.resource_type': response?.resourceType,
          'scim.resource_id': response?.id,
          'scim.error_code': response?.code,
          'scim.scim_type': response?.scimType,
          'scim.quirks': response === undefined || response.quirks.length === 0 ? undefined : [...response.quirks],
          'scim.bulk.operations': bulk?.operations,
          'scim.bulk.failed': bulk?.failed,
        }),
      );
      end(span, message.errorType);
    },
    ofStoreCall({ operation, resourceType, tenant, requestId }) {
      const attributes = {
        'db.operation.name': operation,
        'db.system.name': databaseSystem,
        'scim.resource_type': resourceType,
        'scim.tenant': tenant,
        'scim.request_id': requestId,
      };
      return open(`store ${operation} ${resourceType}`, SpanKind.INTERNAL, attributes, context.active());
    },
    endStoreCall(span, { resources, errorType }) {
      if (resources !== undefined) span.setAttribute('db.response.returned_rows', resources);
      end(span, isRefusal(errorType) ? undefined : errorType, errorType);
    },
    ofJob({ job, subject, tenant, requestId, attempt }) {
      const attributes = {
        'scim.job': job,
        'scim.job.subject': subject,
        'scim.job.attempt': attempt,
        'scim.tenant': tenant,
        'scim.request_id': requestId,
      };
      return open(`${job} ${subject}`, SpanKind.INTERNAL, attributes, context.active());
    },
    endJob(span, { errorType }) {
      end(span, errorType);
    },
  };
}

function carrierOf({ traceparent, tracestate }: RequestMessage): Record<string, string> {
  const carrier: Record<string, string> = {};
  if (traceparent !== undefined) carrier['traceparent'] = traceparent;
  if (tracestate !== undefined) carrier['tracestate'] = tracestate;
  return carrier;
}

/** What a store refuses as its contract says is no fault of it: a taken name, a version that has changed. */
function isRefusal(errorType: string | undefined): boolean {
  return errorType !== undefined && errorType.startsWith('SCIM_') && errorType !== 'SCIM_UNAVAILABLE';
}

/** @param fault why the call failed; a span without it is no error */
function end(span: Span, fault: string | undefined, errorType = fault): void {
  if (errorType !== undefined) span.setAttribute('error.type', errorType);
  if (fault !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}
