/**
 * The OpenAPI 3.1 document of a configured router: `express-scim/openapi`. The command line writes one of a running service:
 * `express-scim openapi URL`.
 *
 * @packageDocumentation
 */

export { openApiDocument, type OpenApiInformation } from './open-api-document.js';
export type { OpenApiDocument } from './document.js';
