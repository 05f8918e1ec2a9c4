import type { Attributes } from '../contract/attribute.js';
import type { ChangeEvent } from '../contract/event.js';
import { isObject } from '../contract/is-object.js';
import { changedPaths, patchOperations } from './patch-operations.js';

const prefix = 'urn:ietf:params:scim:event:prov:';
const patchOp = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const core = 'urn:ietf:params:scim:schemas:core:2.0:';

/**
 * The URIs of the security events that endpoints with this payload get (RFC 9967 2.4), for `options.securityEvents` of
 * `createScimRouter`.
 *
 * @example
 * import { createScimRouter } from 'express-scim';
 * import { securityEventUris } from 'express-scim/events';
 *
 * export const router = createScimRouter(store, { authenticate, securityEvents: securityEventUris('notice') });
 */
export function securityEventUris(payload: 'notice' | 'full'): readonly string[] {
  const changes = ['create', 'patch', 'put'].map((change) => `${change}:${payload}`);
  // A full event about a replaced resource that is gone when its token is made is a notice.
  const put = payload === 'full' ? ['put:notice'] : [];
  return [...changes, ...put, 'delete', 'activate', 'deactivate'].map((name) => prefix + name);
}

/** A resource type, for the tokens about its resources. */
export interface EventResourceType {
  /** Its endpoint, such as `/Devices`. */
  readonly endpoint: string;
  /** URI of its schema. */
  readonly schema: string;
}

/** How events become claims. */
export interface SecurityEventRules {
  readonly payload: 'notice' | 'full';
  /** Resource types in addition to User and Group, by name. */
  readonly resourceTypes: Readonly<Record<string, EventResourceType>>;
  /** Reads a resource as it is now: the data of `put:full`, and of `create:full`. */
  readonly resource: ((event: ChangeEvent) => Promise<Attributes | undefined>) | undefined;
}

/** The claims of a token that are about the event, and not about its issuer or receiver. */
export interface EventClaims {
  readonly txn: string;
  readonly toe: number;
  readonly sub_id: Readonly<Record<string, string>>;
  readonly events: Readonly<Record<string, object>>;
}

/** Whether a security event reports it: `user.adopted` and `user.rehired` come with `user.updated` and `user.created`. */
export function isSecurityEvent({ type }: ChangeEvent): boolean {
  return !['user.adopted', 'user.rehired'].includes(type);
}

/** A change event as a security event (RFC 9967 2). */
export async function eventClaims(event: ChangeEvent, rules: SecurityEventRules): Promise<EventClaims> {
  const { resourceType, resourceId, externalId } = event;
  const { endpoint } = typeOf(resourceType, rules);
  return {
    // The same for all tokens about one write, of all receivers (2.2).
    txn: event.write ?? event.id,
    toe: Math.floor(Date.parse(event.time) / 1000),
    // Never `sub` (2.1).
    sub_id: {
      format: 'scim',
      uri: `${endpoint}/${encodeURIComponent(resourceId)}`,
      ...(externalId !== undefined && { externalId }),
    },
    events: await eventsClaim(event, rules),
  };
}

async function eventsClaim(event: ChangeEvent, rules: SecurityEventRules): Promise<EventClaims['events']> {
  const version = versionClaim(event.version);
  const named = (name: string, payload: object = {}): EventClaims['events'] => ({ [prefix + name]: payload });
  const verb = event.type.slice(event.type.lastIndexOf('.') + 1);
  switch (verb) {
    case 'deleted':
      return named('delete');
    case 'deactivated':
      return named('deactivate');
    case 'reactivated':
      return named('activate');
  }
  const isCreation = verb === 'created';
  const isReplacement = event.operation === 'replace' && !event.type.startsWith('member.');
  const name = isCreation ? 'create' : isReplacement ? 'put' : 'patch';
  const attributes = isCreation ? ['id', ...changedPaths(event)] : changedPaths(event);
  if (rules.payload === 'notice') return named(`${name}:notice`, { attributes, ...version });
  if (isCreation || (isReplacement && rules.resource !== undefined)) {
    const current = await rules.resource?.(event);
    if (current !== undefined) {
      // What was read may be newer than the event.
      const meta = isObject(current['meta']) ? current['meta'] : {};
      return named(`${name}:full`, { data: withIdentity(event, current, rules), ...versionClaim(meta['version']) });
    }
    if (isReplacement) return named('put:notice', { attributes, ...version });
    return named('create:full', { data: withIdentity(event, stateIn(event), rules), ...version });
  }
  // Without `resource`, nothing has the state after a PUT: the same change as a PATCH (docs/webhooks.md).
  const data = { schemas: [patchOp], Operations: patchOperations(event) };
  return named('patch:full', { data, ...version });
}

/** The ETag of a version, as responses have it. */
function versionClaim(version: unknown): { readonly version?: string } {
  return typeof version === 'string' ? { version: version.startsWith('W/"') ? version : `W/"${version}"` } : {};
}

/** The attributes of a new resource, as its event has them. */
function stateIn({ data }: ChangeEvent): Attributes {
  const after = isObject(data) ? data['after'] : undefined;
  return isObject(after) ? after : {};
}

/** The resource with what every representation has: `schemas` and `id`. */
function withIdentity(event: ChangeEvent, resource: Attributes, rules: SecurityEventRules): Attributes {
  const { schema } = typeOf(event.resourceType, rules);
  const extensions = Object.keys(resource).filter((name) => /^urn:/i.test(name));
  return { schemas: [schema, ...extensions], ...resource, id: event.resourceId };
}

function typeOf(name: string, { resourceTypes }: SecurityEventRules): EventResourceType {
  const own = Object.hasOwn(resourceTypes, name) ? resourceTypes[name] : undefined;
  return own ?? { endpoint: `/${name}s`, schema: core + name };
}
