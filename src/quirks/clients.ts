/** A provisioning client that a request can be recognized by. */
export type RecognizedClient =
  'entra' | 'okta' | 'onelogin' | 'jumpcloud' | 'google' | 'ping' | 'keycloak' | 'authentik' | 'sailpoint' | 'rippling';

/** The parts of a request that can identify its client. */
export interface RequestShape {
  /** The User-Agent header. */
  readonly userAgent: string | undefined;
  /** Path and query, below the mount point. */
  readonly url: string;
}

const agents: readonly (readonly [RegExp, RecognizedClient])[] = [
  [/azure ?ad|entra|microsoft/i, 'entra'],
  [/okta/i, 'okta'],
  [/onelogin/i, 'onelogin'],
  [/jumpcloud/i, 'jumpcloud'],
  [/google-auto-provisioning/i, 'google'],
  [/ping(?:federate|one|identity)/i, 'ping'],
  [/keycloak|unboundid/i, 'keycloak'],
  [/goauthentik|authentik/i, 'authentik'],
  [/sailpoint/i, 'sailpoint'],
  [/rippling/i, 'rippling'],
];

/**
 * Guesses which client sent a request; undefined where nothing identifies it.
 *
 * Any client can send any User-Agent, and some send none that names them. Use the result for logs and metrics only. The
 * library does not use it to decide what is allowed or how a request is read.
 *
 * @example
 * import { recognizeClient } from 'express-scim';
 *
 * recognizeClient({ userAgent: 'Okta SCIM Client 1.0.0', url: '/Users' }); // 'okta'
 */
export function recognizeClient({ userAgent, url }: RequestShape): RecognizedClient | undefined {
  // Administrators add this flag to the Tenant URL, and Microsoft Entra ID sends it with every request.
  if (/[?&]aadOptscim062020/i.test(url)) return 'entra';
  if (userAgent === undefined) return undefined;
  const client = agents.find(([pattern]) => pattern.test(userAgent))?.[1];
  // OneLogin sends a media type as its User-Agent.
  if (client === undefined && userAgent === 'application/json') return 'onelogin';
  return client;
}
