/**
 * Spans and metrics of OpenTelemetry: `express-scim/otel`, on `@opentelemetry/api` (an optional peer dependency). Also the
 * types of the messages on the diagnostics channels, which need no OpenTelemetry.
 *
 * @packageDocumentation
 */

export { instrumentScim, type ScimInstrumentation, type ScimInstrumentationOptions } from './instrument.js';
export type { ChangeMessage, JobMessage, StoreMessage, TracedCall } from '../contract/diagnostics.js';
export type { RequestMessage } from '../hooks.js';
