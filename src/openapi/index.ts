/**
 * The OpenAPI 3.1 document of a configured router: `express-scim/openapi`.
 *
 * @packageDocumentation
 */

export {};
