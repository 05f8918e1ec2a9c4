import { createHmac, randomBytes } from 'node:crypto';

const prefix = 'whsec_';

/**
 * Generates a secret for `WebhookEndpoint.secrets`: 32 random bytes, as Standard Webhooks writes them.
 *
 * @returns `whsec_` and base64; show it to the owner of the receiver once, and store it encrypted
 * @example
 * import { generateWebhookSecret } from 'express-scim/events';
 *
 * export const secret = generateWebhookSecret();
 */
export function generateWebhookSecret(): string {
  return prefix + randomBytes(32).toString('base64');
}

/** The bytes of a secret; undefined where it is none: `whsec_` and base64 of 24 to 64 bytes. */
export function secretBytes(secret: unknown): Buffer | undefined {
  if (typeof secret !== 'string' || !secret.startsWith(prefix)) return undefined;
  const text = secret.slice(prefix.length);
  if (text.length > 100 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length >= 24 && bytes.length <= 64 ? bytes : undefined;
}

/** The header `webhook-signature`: one signature for each secret, so that a receiver may know the old or the new one. */
export function signatures(secrets: readonly Buffer[], signedText: string): string {
  return secrets.map((key) => `v1,${createHmac('sha256', key).update(signedText).digest('base64')}`).join(' ');
}
