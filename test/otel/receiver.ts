import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { patientServer } from '../patient.js';

/** A span as OTLP/HTTP sends it in JSON. */
interface SentSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly kind: number;
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
  readonly status: { readonly code?: number };
}

/** A metric as OTLP/HTTP sends it in JSON. */
interface SentMetric {
  readonly name: string;
  readonly unit: string;
}

/** Acts as an OpenTelemetry collector: accepts traces and metrics, and keeps them. */
export interface Receiver {
  readonly url: string;
  readonly spans: SentSpan[];
  readonly metrics: SentMetric[];
  /** Names of the instrumentation scopes. */
  readonly scopes: Set<string>;
  close(): Promise<void>;
}

interface TraceExport {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly scope: { readonly name: string }; readonly spans: readonly SentSpan[] }[];
  }[];
}

interface MetricExport {
  readonly resourceMetrics: readonly {
    readonly scopeMetrics: readonly {
      readonly scope: { readonly name: string };
      readonly metrics: readonly SentMetric[];
    }[];
  }[];
}

/** Starts a receiver of OTLP over HTTP, with the paths of a collector: `/v1/traces` and `/v1/metrics`. */
export async function startReceiver(): Promise<Receiver> {
  const spans: SentSpan[] = [];
  const metrics: SentMetric[] = [];
  const scopes = new Set<string>();
  const server = createServer(patientServer, (req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
      if (req.url === '/v1/traces') {
        for (const { scope, spans: sent } of (body as TraceExport).resourceSpans.flatMap((each) => each.scopeSpans)) {
          scopes.add(scope.name);
          spans.push(...sent);
        }
      } else if (req.url === '/v1/metrics') {
        for (const { scope, metrics: sent } of (body as MetricExport).resourceMetrics.flatMap(
          (each) => each.scopeMetrics,
        )) {
          scopes.add(scope.name);
          metrics.push(...sent);
        }
      } else {
        res.writeHead(404).end();
        return;
      }
      res.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    spans,
    metrics,
    scopes,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
