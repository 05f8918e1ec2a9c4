import { KeyObject } from 'node:crypto';
import type { Attributes } from '../contract/attribute.js';
import type { Awaitable } from '../contract/awaitable.js';
import type { ChangeEvent } from '../contract/event.js';
import { isObject } from '../contract/is-object.js';
import { DeliveryError } from './delivery-error.js';
import type { ParsedEndpoint } from './endpoint.js';
import { eventClaims, type EventResourceType } from './security-event.js';
import type { OutgoingRequest, ReceiverResponse } from './send.js';
import type { WebhookMessage } from './webhook.js';
import { usageError } from '../contract/option-mistakes.js';

/**
 * How security event tokens are issued. Signing needs the package `jose`.
 *
 * @example
 * import { createPrivateKey } from 'node:crypto';
 * import type { SecurityEventOptions } from 'express-scim/events';
 *
 * export const securityEvents: SecurityEventOptions = {
 *   issuer: 'https://app.example.com',
 *   key: createPrivateKey(process.env['EVENT_KEY'] ?? ''),
 *   keyId: '2026-11',
 * };
 */
export interface SecurityEventOptions {
  /** `iss` of the tokens. */
  readonly issuer: string;
  /** The private key that signs: RSA (RS256, 2048 bits or more), EC (ES256, ES384, ES512) or Ed25519 (EdDSA). */
  readonly key: KeyObject;
  /** `kid` of the tokens. Receivers find the public key by it. */
  readonly keyId: string;
  /** Resource types in addition to User and Group, by name. Default: the endpoint of `Device` is `/Devices`, ... */
  readonly resourceTypes?: Readonly<Record<string, EventResourceType>> | undefined;
  /**
   * Reads a resource as it is now, for endpoints with the payload `full`: the state after a PUT, and after a creation.
   * Default: none. A PUT is then sent as the PATCH that has the same effect, and a creation has the attributes of its event.
   */
  readonly resource?: ((event: ChangeEvent) => Awaitable<Attributes | undefined>) | undefined;
}

/** Makes the requests of endpoints of security events. */
export interface SecurityEventSigner {
  request(endpoint: ParsedEndpoint, message: WebhookMessage & { readonly issuedAt: number }): Promise<OutgoingRequest>;
}

const verification = 'https://schemas.openid.net/secevent/ssf/event-type/verification';

/** @throws TypeError for options that cannot sign */
export function securityEventSigner(options: SecurityEventOptions): SecurityEventSigner {
  const { issuer, key, keyId, resourceTypes = {}, resource } = parseOptions(options);
  const alg = algorithmOf(key);
  return {
    async request(endpoint, { id, subject, issuedAt }) {
      const { SignJWT } = await import('jose');
      const about =
        subject === 'test'
          ? {
              // The verification event of OpenID Shared Signals: it is about the stream, and no SCIM event.
              sub_id: { format: 'opaque', id: endpoint.id },
              events: { [verification]: {} },
            }
          : await eventClaims(subject, {
              payload: endpoint.payload,
              resourceTypes,
              resource: resource === undefined ? undefined : async (event) => resource(event),
            });
      const body = await new SignJWT({ ...about })
        .setProtectedHeader({ alg, kid: keyId, typ: 'secevent+jwt' })
        .setIssuer(issuer)
        .setAudience(endpoint.audience)
        // All attempts of a delivery send the same token, up to its signature.
        .setIssuedAt(Math.floor(issuedAt / 1000))
        .setJti(id)
        .sign(key);
      return {
        url: endpoint.url,
        body,
        headers: {
          'content-type': 'application/secevent+jwt',
          accept: 'application/json',
          'user-agent': 'express-scim',
          ...(endpoint.authorization !== undefined && { authorization: endpoint.authorization }),
        },
      };
    },
  };
}

const pushErrors = new Set([
  ...['invalid_request', 'invalid_key', 'invalid_issuer', 'invalid_audience'],
  ...['authentication_failed', 'access_denied'],
]);

/**
 * Checks the response to a pushed token (RFC 8935 2.2, 2.3): only 202 acknowledges it. A 400 with a registered error is
 * final, since the same token would be refused again.
 *
 * @throws DeliveryError
 */
export function checkPushResponse({ status, body, contentType }: ReceiverResponse): void {
  if (status === 202) return;
  if (status === 400 && /^application\/json\b/i.test(contentType)) {
    const err = errorIn(body);
    if (err !== undefined) throw new DeliveryError(`The receiver refused the token: ${err}.`, { permanent: true });
  }
  throw new DeliveryError(
    status >= 200 && status < 300
      ? `The receiver returned ${String(status)}; only 202 acknowledges a security event token.`
      : `The receiver returned ${String(status)}.`,
  );
}

function errorIn(body: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    const err = isObject(parsed) ? parsed['err'] : undefined;
    return typeof err === 'string' && pushErrors.has(err) ? err : undefined;
  } catch {
    return undefined;
  }
}

const page = 'webhooks.md#security-event-tokens';

function parseOptions(options: SecurityEventOptions): SecurityEventOptions {
  const { issuer, key, keyId, resource }: Readonly<Partial<Record<keyof SecurityEventOptions, unknown>>> = options;
  const mistakes: string[] = [];
  if (typeof issuer !== 'string' || issuer === '')
    mistakes.push('issuer must be a non-empty string, such as the URL of your app');
  if (typeof keyId !== 'string' || keyId === '') mistakes.push('keyId must be a non-empty string');
  if (!(key instanceof KeyObject) || key.type !== 'private') {
    mistakes.push('key must be a private key: createPrivateKey(pem) of node:crypto');
  }
  if (resource !== undefined && typeof resource !== 'function') mistakes.push('resource must be a function');
  if (mistakes.length > 0) throw usageError('securityEvents', mistakes, page);
  return options;
}

/** @throws TypeError for a key that no algorithm of RFC 7518 takes */
function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string {
  const { modulusLength = 0, namedCurve = '' } = asymmetricKeyDetails ?? {};
  if (asymmetricKeyType === 'rsa' && modulusLength >= 2048) return 'RS256';
  if (asymmetricKeyType === 'ed25519') return 'EdDSA';
  const curves: Readonly<Record<string, string>> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' };
  const ofCurve = asymmetricKeyType === 'ec' && Object.hasOwn(curves, namedCurve) ? curves[namedCurve] : undefined;
  if (ofCurve !== undefined) return ofCurve;
  const mistake = 'key must be RSA of 2048 bits or more, EC (P-256, P-384, P-521) or Ed25519';
  throw usageError('securityEvents', mistake, page);
}
