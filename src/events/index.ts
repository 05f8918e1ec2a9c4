/**
 * What happened, told to others: `express-scim/events`, signed webhooks (Standard Webhooks) and security event tokens (RFC 9967).
 *
 * @packageDocumentation
 */

export {};
