import { identityProviderName, type ProviderId, providerOf } from './providers.js';
import type { Problem } from './response-verdict.js';

const causes: readonly (readonly [RegExp, string, string])[] = [
  [
    /ENOTFOUND|EAI_AGAIN/,
    'its host name cannot be resolved',
    'Check the host name in the base URL, and its DNS entry.',
  ],
  [
    /ECONNREFUSED/,
    'the connection is refused',
    'Check the host and port in the base URL, and that the application is running.',
  ],
  [
    /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME|ERR_TLS/,
    'its certificate is not trusted',
    'Install a certificate of a public certificate authority with its whole chain. Identity providers accept no other.',
  ],
  [
    /Timeout|ETIMEDOUT/i,
    'it does not respond in time',
    'Check whether a firewall drops the connection, and whether the server is overloaded.',
  ],
];

/** What the identity provider would report where there was no response. */
export function unreachable(error: unknown, provider: ProviderId): Problem {
  const { urlField } = providerOf(provider);
  const codes = codesOf(error);
  const [, why, remedy] = causes.find(([pattern]) => pattern.test(codes)) ?? [
    undefined,
    'the connection was closed',
    'Check the base URL, and whether this server can reach it.',
  ];
  return {
    verdict: `${identityProviderName(provider)} would report that it cannot reach the ${urlField}: ${why}.`,
    remedy,
  };
}

// By name and code and not by class: the error may be from another realm.
function codesOf(error: unknown, depth = 0): string {
  if (typeof error !== 'object' || error === null || depth > 5) return '';
  const { code, cause, name } = error as Readonly<Record<string, unknown>>;
  const texts = [name, code].filter((each) => typeof each === 'string').join(' ');
  return `${texts} ${codesOf(cause, depth + 1)}`;
}
