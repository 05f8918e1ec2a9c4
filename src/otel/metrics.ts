import type { Attributes, Meter } from '@opentelemetry/api';
import type { ChangeMessage, JobMessage, StoreMessage } from '../contract/diagnostics.js';
import type { RequestMessage } from '../hooks.js';
import { defined, methodOf } from './attributes.js';

/** Records metrics. */
export interface ScimMetrics {
  requestStarted(message: RequestMessage): void;
  requestEnded(message: RequestMessage): void;
  storeCalled(message: StoreMessage): void;
  jobRun(message: JobMessage): void;
  changed(message: ChangeMessage): void;
}

/** What attributes depend on beside the messages. */
export interface MetricOptions {
  readonly tenants: boolean;
  readonly databaseSystem: string | undefined;
}

/** Seconds. Those that the semantic conventions advise for `http.server.request.duration`. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Seconds. A store call may take microseconds, in memory. */
const storeBuckets = [0.0005, 0.001, 0.0025, ...buckets];

/** Seconds. A job may take minutes. */
const jobBuckets = [0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** Makes the instruments. docs/observability.md lists them. */
export function createMetrics(meter: Meter, { tenants, databaseSystem }: MetricOptions): ScimMetrics {
  const duration = (name: string, description: string, explicitBucketBoundaries: number[]) =>
    meter.createHistogram(name, { description, unit: 's', advice: { explicitBucketBoundaries } });
  const counter = (name: string, description: string, unit: string) => meter.createCounter(name, { description, unit });

  const requests = duration('scim.server.request.duration', 'Duration of SCIM requests.', buckets);
  const stores = duration('scim.store.call.duration', 'Duration of store calls.', storeBuckets);
  const jobs = duration('scim.job.duration', 'Duration of attempts of jobs that no request waits for.', jobBuckets);
  const active = meter.createUpDownCounter('scim.server.active_requests', {
    description: 'SCIM requests under way.',
    unit: '{request}',
  });
  const changes = counter('scim.changes', 'Committed changes, by type of their event.', '{change}');
  const bulk = counter('scim.bulk.operations', 'Operations of bulk requests.', '{operation}');
  const quirks = counter('scim.quirks.applied', 'Quirks that were applied to requests.', '{quirk}');

  const withTenant = (tenant: string | undefined, attributes: Parameters<typeof defined>[0]): Attributes =>
    defined(tenants ? { ...attributes, 'scim.tenant': tenant } : attributes);

  return {
    requestStarted(message) {
      // The same attributes when it ends, or the count would never return to zero: the tenant is not known yet.
      active.add(1, { 'http.request.method': methodOf(message) });
    },
    requestEnded(message) {
      const { route, response, bulk: operations, errorType, milliseconds = 0 } = message;
      const tenant = response?.tenant;
      const method = methodOf(message);
      active.add(-1, { 'http.request.method': method });
      requests.record(
        milliseconds / 1000,
        withTenant(tenant, {
          'http.request.method': method,
          'http.response.status_code': response?.status,
          'http.route': route,
          'scim.operation': response?.operation,
          'scim.resource_type': response?.resourceType,
          'scim.client': response?.client,
          'error.type': errorType,
        }),
      );
      if (operations !== undefined) {
        const { failed } = operations;
        const succeeded = operations.operations - failed;
        if (succeeded > 0) bulk.add(succeeded, withTenant(tenant, { 'scim.outcome': 'succeeded' }));
        if (failed > 0) bulk.add(failed, withTenant(tenant, { 'scim.outcome': 'failed' }));
      }
      for (const quirk of response?.quirks ?? []) {
        quirks.add(1, withTenant(tenant, { 'scim.quirk': quirk, 'scim.client': response?.client }));
      }
    },
    storeCalled({ operation, resourceType, tenant, errorType, milliseconds = 0 }) {
      stores.record(
        milliseconds / 1000,
        withTenant(tenant, {
          'db.operation.name': operation,
          'db.system.name': databaseSystem,
          'scim.resource_type': resourceType,
          'error.type': errorType,
        }),
      );
    },
    jobRun({ job, subject, tenant, errorType, milliseconds = 0 }) {
      const attributes = { 'scim.job': job, 'scim.job.subject': subject, 'error.type': errorType };
      jobs.record(milliseconds / 1000, withTenant(tenant, attributes));
    },
    changed({ type, resourceType, tenant }) {
      changes.add(1, withTenant(tenant, { 'scim.change': type, 'scim.resource_type': resourceType }));
    },
  };
}
