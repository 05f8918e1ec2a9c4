/** Provisioning clients that say who they are. */
export type RecognizedClient =
  'entra' | 'okta' | 'onelogin' | 'jumpcloud' | 'google' | 'ping' | 'keycloak' | 'authentik' | 'sailpoint' | 'rippling';

/** What a request shows of its sender. */
export interface RequestShape {
  readonly userAgent: string | undefined;
  /** Path and query below the mount point. */
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
 * Which client seems to have sent a request; undefined where nothing tells.
 *
 * Anybody can send any User-Agent, and some clients send none that names them. So this is for reports only: it decides
 * neither what is allowed nor how a request is read.
 */
export function recognizeClient({ userAgent, url }: RequestShape): RecognizedClient | undefined {
  // Administrators put the flag behind the Tenant URL, and Microsoft Entra ID sends it with every request.
  if (/[?&]aadOptscim062020/i.test(url)) return 'entra';
  if (userAgent === undefined) return undefined;
  const known = agents.find(([pattern]) => pattern.test(userAgent))?.[1];
  // Seen of OneLogin: a media type for a name, and an ampersand that nothing follows.
  if (known === undefined && userAgent === 'application/json') return 'onelogin';
  return known;
}
