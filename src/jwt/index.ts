/**
 * Tokens instead of shared keys: `express-scim/jwt`, on `jose` (an optional peer dependency).
 *
 * @packageDocumentation
 */

export {};
