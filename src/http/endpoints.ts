import { MethodNotAllowedError, NotFoundError, NotImplementedError } from '../errors.js';
import type { Served, Service } from '../operations/service.js';

/** What a request asks for: one row of the endpoint table, resolved. */
export type Target =
  | { readonly kind: 'create'; readonly served: Served }
  | { readonly kind: 'query'; readonly served: Served }
  | { readonly kind: 'read' | 'replace' | 'patch' | 'delete'; readonly served: Served; readonly id: string }
  | { readonly kind: 'serviceProviderConfig' }
  | { readonly kind: 'resourceTypes' | 'schemas' }
  | { readonly kind: 'resourceType' | 'schema'; readonly id: string }
  | { readonly kind: 'options'; readonly allow: readonly string[] };

/** Finds what a method and a path below the mount point mean. */
export type EndpointTable = (method: string, path: string) => Target;

const collectionMethods = ['GET', 'HEAD', 'POST', 'OPTIONS'];
const resourceMethods = ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const discoveryMethods = ['GET', 'HEAD', 'OPTIONS'];

/**
 * The endpoint table of a service (RFC 7644 3.2), made once.
 *
 * It throws NotFoundError for a path that there is not, MethodNotAllowedError naming the methods of one that there is,
 * NotImplementedError for what the protocol has and this service has not.
 */
export function createEndpointTable(service: Service): EndpointTable {
  const types = new Map(service.served.map((served) => [served.type.endpoint.slice(1), served]));
  return (method, path) => {
    const segments = path.split('/').filter((segment) => segment !== '');
    const [first = '', second] = segments;
    const served = types.get(first);
    if (served !== undefined) return resourceTarget(method, served, segments, second);
    const discovery = discoveryTarget(first, second, segments.length);
    if (discovery !== undefined) return onlyRead(method, discovery);
    throw missing(first, segments.length);
  };
}

function resourceTarget(method: string, served: Served, segments: readonly string[], id: string | undefined): Target {
  if (segments.length > 2) throw noEndpoint();
  if (id === undefined) {
    if (method === 'GET' || method === 'HEAD') return { kind: 'query', served };
    if (method === 'POST') return { kind: 'create', served };
    return refuse(method, collectionMethods);
  }
  if (id === '.search') throw new NotImplementedError('POST searches are not offered; use GET with a filter.');
  const decoded = decode(id);
  switch (method) {
    case 'GET':
    case 'HEAD':
      return { kind: 'read', served, id: decoded };
    case 'PUT':
      return { kind: 'replace', served, id: decoded };
    case 'PATCH':
      return { kind: 'patch', served, id: decoded };
    case 'DELETE':
      return { kind: 'delete', served, id: decoded };
    default:
      return refuse(method, resourceMethods);
  }
}

function discoveryTarget(first: string, second: string | undefined, length: number): Target | undefined {
  if (first === 'ServiceProviderConfig' && length === 1) return { kind: 'serviceProviderConfig' };
  if (first === 'ResourceTypes' && length <= 2) {
    return second === undefined ? { kind: 'resourceTypes' } : { kind: 'resourceType', id: decode(second) };
  }
  if (first === 'Schemas' && length <= 2) {
    return second === undefined ? { kind: 'schemas' } : { kind: 'schema', id: decode(second) };
  }
  return undefined;
}

function onlyRead(method: string, target: Target): Target {
  return method === 'GET' || method === 'HEAD' ? target : refuse(method, discoveryMethods);
}

function refuse(method: string, allow: readonly string[]): Target {
  if (method === 'OPTIONS') return { kind: 'options', allow };
  throw new MethodNotAllowedError(allow);
}

function missing(first: string, length: number): Error {
  // RFC 7644 3.11 and 3.7: what the protocol has and this service has not is 501.
  if (first === 'Me') return new NotImplementedError('/Me is not offered.');
  if (first === 'Bulk' && length === 1) return new NotImplementedError('Bulk requests are not offered.');
  if (first === '.search' && length === 1) return new NotImplementedError('Searches over all types are not offered.');
  if (length === 0) return new NotImplementedError('Queries over all types are not offered.');
  return noEndpoint();
}

function noEndpoint(): NotFoundError {
  return new NotFoundError('There is no such endpoint.');
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw noEndpoint();
  }
}
