import type { IncomingMessage } from 'node:http';
import { isTenant } from '../auth/parse-actor.js';
import type { Actor } from '../contract/context.js';

const discoveryPath = /^\/+(?:ServiceProviderConfig|ResourceTypes|Schemas)(?:[/?]|$)/;

/** The client of a request to a discovery endpoint without credentials. It is permitted nothing else. */
const anonymous: Actor = { id: 'anonymous', scopes: [] };

/** @param tenant what `options.tenantOf` returned; what is no tenant is refused where it is compared with this one */
export function anonymousActor(tenant: unknown): Actor {
  return isTenant(tenant) ? { ...anonymous, tenant } : anonymous;
}

/**
 * Whether `options.publicDiscovery` lets a request pass without credentials. A request that has credentials is
 * authenticated like any other, since clients test their key with ServiceProviderConfig.
 */
export function isPublicDiscovery(req: IncomingMessage, url: string): boolean {
  return req.headers.authorization === undefined && discoveryPath.test(url);
}
