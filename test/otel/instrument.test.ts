import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  context,
  propagation,
  ProxyTracerProvider,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import express, { type NextFunction, type Request, type Response } from 'express';
import { parse } from 'yaml';
import { MemoryStore, type UserStore } from '../../src/index.js';
import { memoryOffboardingTaskStore, offboarding } from '../../src/lifecycle/index.js';
import { instrumentScim, type ScimInstrumentation } from '../../src/otel/index.js';
import { simulate } from '../../src/tools/index.js';
import { root } from '../docs/examples.js';
import { key, scimOn, userSchemas } from '../http/app.js';
import { startServer } from '../servers.js';
import { type Receiver, startReceiver } from './receiver.js';

const memorySpans = new InMemorySpanExporter();
const memoryMetrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
let receiver: Receiver;
let tracerProvider: NodeTracerProvider;
let meterProvider: MeterProvider;
let instrumentation: ScimInstrumentation;

beforeAll(async () => {
  receiver = await startReceiver();
  tracerProvider = new NodeTracerProvider({
    spanProcessors: [
      new SimpleSpanProcessor(memorySpans),
      new BatchSpanProcessor(new OTLPTraceExporter({ url: `${receiver.url}/v1/traces` })),
    ],
  });
  tracerProvider.register();
  const reader = (exporter: InMemoryMetricExporter | OTLPMetricExporter) =>
    new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  meterProvider = new MeterProvider({
    readers: [reader(memoryMetrics), reader(new OTLPMetricExporter({ url: `${receiver.url}/v1/metrics` }))],
  });
  instrumentation = instrumentScim({ tracerProvider, meterProvider, databaseSystem: 'memory' });
});

afterAll(async () => {
  instrumentation.disable();
  await tracerProvider.shutdown();
  await meterProvider.shutdown();
  await receiver.close();
  trace.disable();
  context.disable();
  propagation.disable();
});

/** The spans of what `run` does, oldest first. */
async function spansOf(run: () => PromiseLike<unknown>): Promise<readonly ReadableSpan[]> {
  memorySpans.reset();
  await run();
  return memorySpans.getFinishedSpans().toSorted((one, other) => compareTimes(one.startTime, other.startTime));
}

function compareTimes(one: readonly [number, number], other: readonly [number, number]): number {
  return one[0] - other[0] || one[1] - other[1];
}

const named = (spans: readonly ReadableSpan[], name: string): ReadableSpan => {
  const found = spans.find((span) => span.name === name);
  if (found === undefined) throw new Error(`no span ${name} among ${spans.map((span) => span.name).join(', ')}`);
  return found;
};

/** A middleware that makes the span of an HTTP request, as the instrumentation of HTTP does. */
function httpSpan(opened: Span[]): (req: Request, res: Response, next: NextFunction) => void {
  return (req, res, next) => {
    const span = trace.getTracer('http').startSpan(req.method, { kind: SpanKind.SERVER });
    opened.push(span);
    res.on('close', () => span.end());
    context.with(trace.setSpan(context.active(), span), next);
  };
}

describe('spans', () => {
  it('of a request have the names and attributes of the semantic conventions', async () => {
    const scim = scimOn(express);
    const id = await scim.user();
    const spans = await spansOf(() => scim.get(`/Users/${id}`));
    const request = named(spans, 'GET /Users/{id}');
    expect(request.kind).toBe(SpanKind.SERVER);
    expect(request.attributes).toMatchObject({
      'http.request.method': 'GET',
      'http.route': '/Users/{id}',
      'http.response.status_code': 200,
      'scim.operation': 'read',
      'scim.resource_type': 'User',
      'scim.resource_id': id,
      'scim.tenant': 'default',
    });
    const call = named(spans, 'store get User');
    expect(call.parentSpanContext?.spanId).toBe(request.spanContext().spanId);
    expect(call.attributes).toMatchObject({ 'db.operation.name': 'get', 'db.system.name': 'memory' });
  });

  it('are children of the active span of the app, and parents of what the store reports', async () => {
    const opened: Span[] = [];
    const memory = new MemoryStore();
    const store = withGet(memory, async (...args) => {
      // As a database driver does: after some time, in the context that is active then.
      await new Promise(setImmediate);
      trace.getTracer('driver').startSpan('SELECT users').end();
      return memory.get(...args);
    });
    const scim = scimOn(express, {}, store, (app, router) => app.use('/scim/v2', httpSpan(opened), router));
    const spans = await spansOf(() => scim.get('/Users/none'));
    const request = named(spans, 'GET /Users/{id}');
    const call = named(spans, 'store get User');
    expect(request.kind).toBe(SpanKind.INTERNAL);
    expect(request.parentSpanContext?.spanId).toBe(opened[0]?.spanContext().spanId);
    expect(named(spans, 'SELECT users').parentSpanContext?.spanId).toBe(call.spanContext().spanId);
    expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(1);
    // A 404 is a mistake of the client.
    expect(request.status.code).toBe(SpanStatusCode.UNSET);
  });

  it('continue the trace of the traceparent header where no span is active', async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const scim = scimOn(express);
    const spans = await spansOf(() => scim.get('/Users', { traceparent: `00-${traceId}-b7ad6b7169203331-01` }));
    const request = named(spans, 'GET /Users');
    expect(request.spanContext().traceId).toBe(traceId);
    expect(request.parentSpanContext?.spanId).toBe('b7ad6b7169203331');
  });

  it('have the status Error for a fault, and not for what a store refuses', async () => {
    const fault = Object.assign(new Error('the value ada@example.com'), { name: 'DatabaseError' });
    const store = withGet(new MemoryStore(), () => Promise.reject(fault));
    const scim = scimOn(express, {}, store);
    const failed = await spansOf(() => scim.get('/Users/1'));
    expect(named(failed, 'GET /Users/{id}').status.code).toBe(SpanStatusCode.ERROR);
    expect(named(failed, 'store get User').status).toEqual({ code: SpanStatusCode.ERROR });
    expect(named(failed, 'store get User').attributes['error.type']).toBe('DatabaseError');
    expect(JSON.stringify(failed.map(({ attributes, events }) => ({ attributes, events })))).not.toContain('ada@');
    await scim.user({ userName: 'ada' });
    const refused = await spansOf(() => scim.post('/Users', { schemas: userSchemas, userName: 'ada' }));
    expect(named(refused, 'store create User').attributes['error.type']).toBe('SCIM_CONFLICT');
    expect(named(refused, 'store create User').status.code).toBe(SpanStatusCode.UNSET);
    expect(named(refused, 'POST /Users').attributes).toMatchObject({
      'http.response.status_code': 409,
      'scim.error_code': 'SCIM_CONFLICT',
      'scim.scim_type': 'uniqueness',
    });
  });

  it('end with disable()', async () => {
    const scim = scimOn(express);
    const second = instrumentScim({ tracerProvider, meterProvider });
    expect(await spansOf(() => scim.get('/Users'))).toHaveLength(4);
    second.disable();
    expect(await spansOf(() => scim.get('/Users'))).toHaveLength(2);
  });
});

/** A memory store with another `get`. */
function withGet(memory: MemoryStore, get: UserStore['get']): UserStore {
  return {
    supports: memory.supports,
    groups: memory.groups,
    create: memory.create.bind(memory),
    get,
    list: memory.list.bind(memory),
    update: memory.update.bind(memory),
    delete: memory.delete.bind(memory),
  };
}

/** Runs the simulated client of Entra, and the off-boarding of those who left. */
async function runEntra(): Promise<void> {
  const leaving = offboarding({
    handlers: [{ name: 'laptops', heldBy: () => [], apply: () => undefined }],
    policy: { laptops: 'revoke' },
    store: memoryOffboardingTaskStore(),
  });
  const server = await startServer(express, { onChange: leaving.onChange });
  const { findings } = await simulate({
    baseUrl: server.baseUrl,
    key: server.key,
    client: 'entra',
    users: 12,
    groups: 3,
  });
  expect(findings).toEqual([]);
  await leaving.run();
  await server.close();
}

/** What the simulated client does not do: bulk requests, a quirk with a User-Agent, and a request that meets a fault. */
async function sendTheRest(): Promise<void> {
  const failing = scimOn(
    express,
    {},
    withGet(new MemoryStore(), () => Promise.reject(new Error())),
  );
  await failing.get('/Users/1', { 'user-agent': 'Microsoft SCIM' });
  const scim = scimOn(express);
  await scim.post('/Bulk', {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
    Operations: [
      { method: 'POST', path: '/Users', bulkId: 'a', data: { schemas: userSchemas, userName: 'a' } },
      { method: 'DELETE', path: '/Users/none' },
    ],
  });
  const operations = [{ op: 'Replace', path: 'title', value: 'x' }];
  await scim.patch(`/Users/${await scim.user()}`, operations, { 'user-agent': 'Microsoft SCIM' });
}

describe('instrumentScim refuses', () => {
  it.each<[string, unknown, RegExp]>([
    ['an unknown option', { databasesystem: 'x' }, /there is no option "databasesystem": did you mean databaseSystem/],
    ['a provider that is none', { meterProvider: null }, /meterProvider must be an object/],
    ['tenants that is no boolean', { tenants: 'yes' }, /tenants must be true or false/],
    ['an empty databaseSystem', { databaseSystem: '' }, /databaseSystem must be a non-empty string/],
    ['no object', null, /options must be an object/],
  ])('%s', (_name, options, message) => {
    expect(() => instrumentScim(options as never)).toThrow(message);
  });
});

/** A row of a table of docs/observability.md: its cells, without backticks. */
function rowsBelow(heading: string): readonly (readonly string[])[] {
  const page = readFileSync(`${root}docs/observability.md`, 'utf8');
  const section = page.split(`\n### ${heading}\n`)[1]?.split(/\n##+ /)[0] ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

const quoted = (cell = ''): readonly string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

describe('a simulated Entra run, exported by the OpenTelemetry SDK', () => {
  beforeAll(async () => {
    memorySpans.reset();
    await runEntra();
    await sendTheRest();
    await tracerProvider.forceFlush();
    await meterProvider.forceFlush();
  });

  it('reaches a collector as traces whose store calls belong to requests', () => {
    expect(receiver.scopes).toContain('express-scim');
    const { spans } = receiver;
    const ofRequests = new Map(
      spans.filter(({ kind }) => kind === SpanKind.SERVER + 1).map((span) => [span.spanId, span]),
    );
    const ofStores = spans.filter(({ name }) => name.startsWith('store '));
    expect(ofStores.length).toBeGreaterThan(50);
    const parents = ofStores.filter(
      ({ parentSpanId = '', traceId }) => ofRequests.get(parentSpanId)?.traceId === traceId,
    );
    // Those of the test with a span of the app have an internal span as their parent.
    expect(ofStores.length - parents.length).toBeLessThanOrEqual(2);
    expect(new Set([...ofRequests.values()].map(({ name }) => name))).toEqual(
      expect.objectContaining(new Set(['POST /Users', 'PATCH /Users/{id}', 'GET /Users'])),
    );
    expect(JSON.stringify(spans)).not.toContain(key);
  });

  it('has every metric that docs/observability.md lists, with its unit and attributes, and no other', async () => {
    await meterProvider.forceFlush();
    const collected =
      memoryMetrics
        .getMetrics()
        .at(-1)
        ?.scopeMetrics.flatMap(({ metrics }) => metrics) ?? [];
    const documented = rowsBelow('Metrics').map(([name, , unit, attributes]) => ({
      name: quoted(name)[0],
      unit: quoted(unit)[0],
      attributes: quoted(attributes).filter((each) => each.includes('.') && !each.startsWith('user.')),
    }));
    expect(collected.map(({ descriptor }) => [descriptor.name, descriptor.unit]).sort()).toEqual(
      documented.map(({ name, unit }) => [name, unit]).sort(),
    );
    for (const { descriptor, dataPoints } of collected) {
      const found = new Set(dataPoints.flatMap(({ attributes }) => Object.keys(attributes)));
      const { attributes } = documented.find(({ name }) => name === descriptor.name) ?? { attributes: [] };
      // A job of the run fails nowhere.
      const expected = attributes.filter((each) => descriptor.name !== 'scim.job.duration' || each !== 'error.type');
      expect([descriptor.name, [...found].sort()]).toEqual([descriptor.name, [...expected].sort()]);
    }
    expect(new Set(receiver.metrics.map(({ name }) => name))).toEqual(new Set(documented.map(({ name }) => name)));
  });

  it('has spans with the attributes that docs/observability.md lists, and no other', () => {
    const documented = new Set(rowsBelow('Spans').flatMap(([name]) => quoted(name)));
    const found = new Set(receiver.spans.flatMap(({ attributes }) => attributes.map(({ key: name }) => name)));
    expect([...found].filter((name) => !documented.has(name))).toEqual([]);
    const missing = [...documented].filter((name) => name.includes('.') && !found.has(name));
    expect(missing).toEqual([]);
  });

  it('ends with no active requests', () => {
    const metrics =
      memoryMetrics
        .getMetrics()
        .at(-1)
        ?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
    const active = metrics.find(({ descriptor }) => descriptor.name === 'scim.server.active_requests');
    expect(active?.dataPoints.map(({ value }) => value)).toEqual(active?.dataPoints.map(() => 0));
  });

  describe('serves what the dashboard and the alert rules ask Prometheus for', () => {
    let labels: ReadonlyMap<string, ReadonlySet<string>>;
    beforeAll(async () => {
      // As docs/observability.md recommends.
      const exporter = new PrometheusExporter({ preventServerStart: true });
      const views = ['scim.server.request.duration', 'scim.store.call.duration', 'scim.job.duration'].map(
        (instrumentName) => ({ instrumentName, name: `${instrumentName}.seconds` }),
      );
      const own = new MeterProvider({ readers: [exporter], views });
      const second = instrumentScim({ meterProvider: own, tracerProvider: new ProxyTracerProvider() });
      await runEntra();
      await sendTheRest();
      second.disable();
      const { resourceMetrics } = await exporter.collect();
      await own.shutdown();
      const text = new PrometheusSerializer().serialize(resourceMetrics);
      const found = new Map<string, Set<string>>();
      for (const [, name = '', list = ''] of text.matchAll(/^(scim_\w+)\{(.*)\} \S+/gm)) {
        const names = found.get(name) ?? new Set();
        for (const [, label = ''] of list.matchAll(/(\w+)="/g)) names.add(label);
        found.set(name, names);
      }
      labels = found;
    });

    const dashboard = JSON.parse(readFileSync(`${root}docs/observability/grafana-dashboard.json`, 'utf8')) as {
      readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
    };
    const { groups } = parse(readFileSync(`${root}docs/observability/alerts.yaml`, 'utf8')) as {
      readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly expr: string }[] }[];
    };
    const queries = [
      ...dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
      ...groups.flatMap(({ rules }) => rules.map(({ alert, expr }) => [alert, expr] as const)),
    ];

    it('in 20 queries or more', () => expect(queries.length).toBeGreaterThanOrEqual(20));

    it.each(queries)('%s', (_name, expr) => {
      const metrics = [...expr.matchAll(/\bscim_\w+(?=[[{)\s])/g)]
        .map(([name]) => name)
        .filter((name) => labels.has(name));
      const asked = [...expr.matchAll(/\bscim_\w+_(?:seconds_\w+|total|requests)\b/g)].map(([name]) => name);
      expect(asked.length).toBeGreaterThan(0);
      expect(metrics).toEqual(asked);
      const known = new Set(asked.flatMap((name) => [...(labels.get(name) ?? [])]));
      const used = [
        ...[...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) =>
          list.split(',').map((each) => each.trim()),
        ),
        ...[...expr.matchAll(/[{,](\w+)(?:=~|!~|!=|=)"/g)].map(([, label = '']) => label),
      ];
      // No job of the run fails.
      const without = (label: string): boolean =>
        !known.has(label) && !(label === 'error_type' && expr.includes('scim_job'));
      expect(used.filter(without)).toEqual([]);
    });
  });
});
