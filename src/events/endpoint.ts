import type { ChangeEvent } from '../contract/event.js';
import { isObject } from '../contract/is-object.js';
import { secretBytes } from './secret.js';
import { isSecurityEvent } from './security-event.js';
import { remedyFor, usageError } from '../contract/option-mistakes.js';
import { eventTypes } from '../lifecycle/events/typed-events.js';

/** What all endpoints have. */
interface AnyEndpoint {
  /** Unique in the tenant: 1 to 64 letters, digits, dots, hyphens and underscores. It names the deliveries. */
  readonly id: string;
  /** An https URL. It may have a query, and no user name or password. */
  readonly url: string;
  /** Types of the change events to send, such as `user.deactivated`. Default: all. */
  readonly types?: readonly string[] | undefined;
  /**
   * `notice`: which attributes changed, without values. `full`: with the values, which are personal data. Default
   * `'notice'`.
   */
  readonly payload?: 'notice' | 'full' | undefined;
  /** Value of the header `Authorization`, if the receiver requires one. Default: none. */
  readonly authorization?: string | undefined;
}

/**
 * A receiver of webhooks that are signed as Standard Webhooks says.
 *
 * @example
 * import { generateWebhookSecret, type WebhookEndpoint } from 'express-scim/events';
 *
 * export const endpoint: WebhookEndpoint = {
 *   id: 'crm',
 *   format: 'webhook',
 *   url: 'https://crm.example.com/hooks/users',
 *   secrets: [process.env['CRM_HOOK_SECRET'] ?? generateWebhookSecret()],
 *   types: ['user.created', 'user.deactivated', 'user.deleted'],
 * };
 */
export interface WebhookEndpoint extends AnyEndpoint {
  readonly format: 'webhook';
  /**
   * One to four secrets, each `whsec_` and the base64 of 24 to 64 bytes: see `generateWebhookSecret`. Each one signs. To rotate,
   * list the new one in addition to the old one until the receiver has it.
   */
  readonly secrets: readonly string[];
}

/**
 * A receiver of security event tokens (RFC 9967), pushed as RFC 8935 says.
 *
 * @example
 * import type { SecurityEventEndpoint } from 'express-scim/events';
 *
 * export const endpoint: SecurityEventEndpoint = {
 *   id: 'partner',
 *   format: 'security-event',
 *   url: 'https://partner.example.com/events',
 *   audience: 'https://partner.example.com',
 *   authorization: `Bearer ${process.env['PARTNER_TOKEN'] ?? ''}`,
 * };
 */
export interface SecurityEventEndpoint extends AnyEndpoint {
  readonly format: 'security-event';
  /** `aud` of its tokens (RFC 8417 2.2). */
  readonly audience: string;
}

/**
 * A receiver of change events.
 *
 * @example
 * import type { EventEndpoint } from 'express-scim/events';
 *
 * export const idsOf = (endpoints: readonly EventEndpoint[]) => endpoints.map(({ id }) => id);
 */
export type EventEndpoint = WebhookEndpoint | SecurityEventEndpoint;

/** An endpoint as it is used. */
export interface ParsedEndpoint {
  readonly id: string;
  readonly format: 'webhook' | 'security-event';
  readonly url: URL;
  readonly payload: 'notice' | 'full';
  readonly authorization: string | undefined;
  /** Of a webhook. */
  readonly secrets: readonly Buffer[];
  /** Of security events. */
  readonly audience: string;
}

/** An endpoint as it is configured, usable or not: events for one that is not usable wait until it is. */
export interface ConfiguredEndpoint {
  readonly id: string;
  /** Whether it gets events of a type. */
  gets(event: ChangeEvent): boolean;
  readonly usable: ParsedEndpoint | undefined;
  /** Names every mistake of one that is not usable, never a value. */
  readonly mistake: TypeError | undefined;
}

export interface EndpointRules {
  readonly allowHttp: boolean;
  /** Whether security events can be signed. */
  readonly signsSecurityEvents: boolean;
}

const page = 'webhooks.md';
const names = ['id', 'format', 'url', 'types', 'payload', 'authorization', 'secrets', 'audience'];

/**
 * Reads what the app returns as the endpoints of a tenant. A mistake in one endpoint does not affect the others, or the
 * outbox would keep the events of every tenant. One without a usable ID, which cannot have deliveries, is left out.
 *
 * @param report gets the mistake of an endpoint that is left out
 * @throws TypeError for anything but a list
 */
export function parseEndpoints(
  value: unknown,
  rules: EndpointRules,
  report: (mistake: TypeError) => void,
): readonly ConfiguredEndpoint[] {
  if (!Array.isArray(value)) {
    throw usageError('eventDelivery', 'endpoints must be a list of endpoints, or return one', page);
  }
  const endpoints = new Map<string, ConfiguredEndpoint>();
  for (const each of value as readonly unknown[]) {
    const id = isObject(each) ? each['id'] : undefined;
    if (!isObject(each) || typeof id !== 'string' || !/^[\w.-]{1,64}$/.test(id)) {
      const mistake = 'id of an endpoint must be 1 to 64 letters, digits, dots, hyphens and underscores';
      report(usageError('eventDelivery', mistake, page));
    } else if (endpoints.has(id))
      report(usageError('eventDelivery', `two endpoints of a tenant have the ID ${id}: the first one is used`, page));
    else endpoints.set(id, configured(id, each, rules));
  }
  return [...endpoints.values()];
}

function configured(id: string, value: Readonly<Record<string, unknown>>, rules: EndpointRules): ConfiguredEndpoint {
  const { format, types } = value;
  // With a type that does not exist, all events wait until it is corrected.
  const hasTypes = isTypeList(types) && types.every((type) => mistakesInType(type).length === 0);
  const gets = (event: ChangeEvent): boolean =>
    !(format === 'security-event' && !isSecurityEvent(event)) && !(hasTypes && !types.includes(event.type));
  try {
    return { id, gets, usable: parseEndpoint(id, value, rules), mistake: undefined };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { id, gets, usable: undefined, mistake: error };
  }
}

function isTypeList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string' && each !== '');
}

// Your own resource types have events of their own.
function mistakesInType(type: string): readonly string[] {
  const [subject = ''] = type.split('.');
  const known = eventTypes.filter((each) => each.startsWith(`${subject}.`));
  if (known.length > 0 ? known.includes(type) : /^[^.]+\.(?:created|updated|deleted)$/.test(type)) return [];
  return [`types must not have ${JSON.stringify(type)}: ${remedyFor(type, known.length > 0 ? known : eventTypes)}`];
}

/** @throws TypeError */
function parseEndpoint(
  id: string,
  value: Readonly<Record<string, unknown>>,
  { allowHttp, signsSecurityEvents }: EndpointRules,
): ParsedEndpoint {
  const { format, types, authorization, audience } = value;
  // `null` means absent, as a row of a database has it.
  const payload = value['payload'] ?? 'notice';
  const mistakes: string[] = [];
  for (const name of Object.keys(value)) if (!names.includes(name)) mistakes.push(`there is no property ${name}`);
  if (format !== 'webhook' && format !== 'security-event') {
    mistakes.push("format must be 'webhook' or 'security-event'");
  }
  const url = parseUrl(value['url'], allowHttp);
  if (url === undefined) {
    mistakes.push('url must be an absolute https URL, without a user name, a password and a fragment');
  }
  if (payload !== 'notice' && payload !== 'full') mistakes.push("payload must be 'notice' or 'full'");
  if (types !== undefined && types !== null && !isTypeList(types)) {
    mistakes.push('types must be a list of types of events, or be left out');
  } else if (isTypeList(types)) {
    mistakes.push(...types.flatMap(mistakesInType));
  }
  if (authorization !== undefined && authorization !== null && !isHeaderValue(authorization)) {
    mistakes.push('authorization must be the value of a header');
  }
  const secrets = parseSecrets(value['secrets']);
  if (format === 'webhook' && secrets.length === 0) {
    mistakes.push('secrets must be one to four strings of generateWebhookSecret()');
  }
  if (format === 'security-event') {
    if (typeof audience !== 'string' || audience === '') mistakes.push('audience is required');
    if (!signsSecurityEvents) mistakes.push('it needs the option securityEvents, with the key that signs');
  }
  if (mistakes.length > 0 || url === undefined) {
    throw usageError(`The endpoint ${id} cannot be used`, mistakes, page);
  }
  return {
    id,
    format: format === 'webhook' ? 'webhook' : 'security-event',
    url,
    payload: payload === 'full' ? 'full' : 'notice',
    authorization: typeof authorization === 'string' ? authorization : undefined,
    secrets,
    audience: typeof audience === 'string' ? audience : '',
  };
}

function parseUrl(value: unknown, allowHttp: boolean): URL | undefined {
  if (typeof value !== 'string' || value.length > 2_000 || !URL.canParse(value)) return undefined;
  const url = new URL(value);
  const isAllowed = url.protocol === 'https:' || (allowHttp && url.protocol === 'http:');
  return isAllowed && url.username === '' && url.password === '' && url.hash === '' ? url : undefined;
}

function isHeaderValue(value: unknown): boolean {
  return typeof value === 'string' && /^[\x21-\x7e](?:[\x20-\x7e]{0,8190}[\x21-\x7e])?$/.test(value);
}

/** None where one of them is no secret: an endpoint whose new secret is broken must not seem to work. */
function parseSecrets(value: unknown): readonly Buffer[] {
  if (!Array.isArray(value) || value.length > 4) return [];
  const parsed = value.map(secretBytes);
  const secrets = parsed.filter((each) => each !== undefined);
  return secrets.length === value.length ? secrets : [];
}
