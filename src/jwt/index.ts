/**
 * `express-scim/jwt`: tokens instead of shared keys, on `jose` (an optional peer dependency).
 *
 * - `jwtBearer` authenticates the access tokens of an authorization server, such as Microsoft Entra ID or Okta.
 * - `tokenEndpoint` exchanges connector keys for short-lived access tokens: the client-credentials grant of OAuth 2.0.
 *
 * @packageDocumentation
 */
export { accessTokenScheme, jwtBearer } from './jwt-bearer.js';
export type { JwtAlgorithm, JwtBearerOptions } from './jwt-bearer-options.js';
export type { JwtClaims } from './bearer-jwt.js';
export { tokenEndpoint, type TokenEndpoint } from './token-endpoint.js';
export type { TokenEndpointOptions } from './token-endpoint-options.js';
