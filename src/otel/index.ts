/**
 * Spans and metrics of OpenTelemetry: `express-scim/otel`, on `@opentelemetry/api` (an optional peer dependency).
 *
 * @packageDocumentation
 */

export {};
