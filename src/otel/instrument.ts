import { channel, type TracingChannel, tracingChannel } from 'node:diagnostics_channel';
import { context, metrics, type MeterProvider, type Span, trace, type TracerProvider } from '@opentelemetry/api';
import type { ChangeMessage, JobMessage, StoreMessage, TracedCall } from '../contract/diagnostics.js';
import type { RequestMessage } from '../hooks.js';
import { createMetrics, type ScimMetrics } from './metrics.js';
import { createSpans } from './spans.js';
import { checkOptions } from '../contract/option-mistakes.js';

/** Options of `instrumentScim`; all have defaults. */
export interface ScimInstrumentationOptions {
  /** Default: the global one of `@opentelemetry/api`. */
  readonly tracerProvider?: TracerProvider | undefined;
  /** Default: the global one of `@opentelemetry/api`, as it is at the first message. */
  readonly meterProvider?: MeterProvider | undefined;
  /**
   * Adds `scim.tenant` to metrics. Each tenant then has time series of its own: leave it off with thousands of tenants.
   * Spans always have it. Default false.
   */
  readonly tenants?: boolean | undefined;
  /**
   * `db.system.name` of store calls, such as `postgresql`, `mysql` or `mongodb`. Default: omitted, because only your
   * app knows the database of a store.
   */
  readonly databaseSystem?: string | undefined;
}

/** What `instrumentScim` returns. */
export interface ScimInstrumentation {
  /** Stops observing. Calls that are under way are not reported. */
  disable(): void;
}

const instrumentationName = 'express-scim';

/**
 * Creates spans and metrics for everything that the routers of this process do. Call it once; docs/observability.md lists all
 * names, units and attributes.
 *
 * A span of a request is the child of the active span, such as that of `@opentelemetry/instrumentation-http`; without one
 * it continues the trace of the `traceparent` header. Spans of store calls are children of it, and what a database driver
 * reports is a child of the store call.
 *
 * @throws TypeError for an option of another type
 * @example
 * import { instrumentScim } from 'express-scim/otel';
 *
 * // After the SDK has started: it registers the global providers.
 * const instrumentation = instrumentScim({ databaseSystem: 'postgresql' });
 * process.once('SIGTERM', () => instrumentation.disable());
 */
export function instrumentScim(options: ScimInstrumentationOptions = {}): ScimInstrumentation {
  checkOptions(options, {
    of: 'instrumentScim',
    page: 'observability.md#opentelemetry',
    kinds: { tracerProvider: 'object', meterProvider: 'object', tenants: 'boolean', databaseSystem: 'string' },
  });
  const { tracerProvider = trace, meterProvider, tenants = false, databaseSystem } = options;
  const spans = createSpans(tracerProvider.getTracer(instrumentationName), databaseSystem);
  let made: ScimMetrics | undefined;
  // The global MeterProvider may be registered after this call, and a meter that was taken before would stay without effect.
  const measure = (): ScimMetrics =>
    (made ??= createMetrics((meterProvider ?? metrics).getMeter(instrumentationName), { tenants, databaseSystem }));

  const subscriptions = [
    observe(tracingChannel<unknown, RequestMessage>('express-scim:request'), {
      open: (message) => {
        measure().requestStarted(message);
        return spans.ofRequest(message);
      },
      close: (message, span) => {
        spans.endRequest(span, message);
        measure().requestEnded(message);
      },
    }),
    observe(tracingChannel<unknown, StoreMessage>('express-scim:store'), {
      open: spans.ofStoreCall,
      close: (message, span) => {
        spans.endStoreCall(span, message);
        measure().storeCalled(message);
      },
    }),
    observe(tracingChannel<unknown, JobMessage>('express-scim:job'), {
      open: spans.ofJob,
      close: (message, span) => {
        spans.endJob(span, message);
        measure().jobRun(message);
      },
    }),
    observeChanges((message) => measure().changed(message)),
  ];
  return {
    disable: () => {
      for (const unsubscribe of subscriptions) unsubscribe();
    },
  };
}

/** What is done with the messages of one tracing channel. */
interface Observer<M> {
  open(message: M): { readonly span: Span; readonly context: ReturnType<typeof context.active> };
  close(message: M, span: Span): void;
}

/** @returns ends the observation */
function observe<M extends TracedCall & object>(
  { start, asyncEnd }: TracingChannel<unknown, M>,
  { open, close }: Observer<M>,
): () => void {
  const spans = new WeakMap<M, Span>();
  // A channel has messages of one type, which Node's types do not say of its subscribers.
  const onStart = (published: unknown): void => {
    const message = published as M;
    const opened = open(message);
    spans.set(message, opened.span);
    const { around } = message;
    message.around = (call) => context.with(opened.context, () => (around === undefined ? call() : around(call)));
  };
  const onEnd = (published: unknown): void => {
    const message = published as M;
    const span = spans.get(message);
    if (span !== undefined) close(message, span);
  };
  start.subscribe(onStart);
  asyncEnd.subscribe(onEnd);
  return () => {
    start.unsubscribe(onStart);
    asyncEnd.unsubscribe(onEnd);
  };
}

function observeChanges(onChange: (message: ChangeMessage) => void): () => void {
  const changes = channel('express-scim:change');
  const onMessage = (published: unknown): void => onChange(published as ChangeMessage);
  changes.subscribe(onMessage);
  return () => {
    changes.unsubscribe(onMessage);
  };
}
