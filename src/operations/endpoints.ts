import { MethodNotAllowedError, NotFoundError, NotImplementedError } from '../errors.js';
import type { ServedType, Service } from './service.js';

/** An operation on a resource type or on one resource. */
export type ResourceTarget =
  | { readonly kind: 'create' | 'query' | 'search'; readonly served: ServedType }
  | { readonly kind: 'read' | 'replace' | 'patch' | 'delete'; readonly served: ServedType; readonly id: string };

/** The same of the user who asks (RFC 7644 3.11). */
export interface MeTarget {
  readonly kind: 'me';
  readonly on: 'read' | 'replace' | 'patch' | 'delete';
}

/** A discovery endpoint (RFC 7644 4). */
export type DiscoveryTarget =
  | { readonly kind: 'serviceProviderConfig' | 'resourceTypes' | 'schemas' }
  | { readonly kind: 'resourceType' | 'schema'; readonly id: string };

/** What a request asks for: one row of the endpoint table, resolved. */
export type Target =
  | ResourceTarget
  | MeTarget
  | DiscoveryTarget
  | { readonly kind: 'queryAll' | 'searchAll' | 'bulk' }
  | { readonly kind: 'options'; readonly allow: readonly string[] };

/**
 * Finds what a method and a path below the mount point mean.
 *
 * @throws NotFoundError for a path that there is not, MethodNotAllowedError naming the methods of one that there is,
 *   NotImplementedError for what the protocol has and this service has not
 */
export type EndpointTable = (method: string, path: string) => Target;

/** Methods of an endpoint with what each of them means. */
type Methods = Readonly<Record<string, Target>>;

/** The endpoint table of a service (RFC 7644 3.2), made once. */
export function createEndpointTable(service: Service): EndpointTable {
  const types = new Map(service.served.map((served) => [served.type.endpoint.slice(1), served]));
  return (method, path) => {
    // What nearly every request names: one segment, and an id behind it.
    const slash = path.indexOf('/', 1);
    if (slash > 0 && slash === path.lastIndexOf('/') && slash < path.length - 1 && path[slash + 1] !== '.') {
      const served = types.get(path.slice(1, slash));
      if (served !== undefined) return resourceTarget(method, served, path.slice(slash + 1));
    }
    const segments = path.split('/').filter(isNotEmpty);
    const [first = '', second] = segments;
    const served = types.get(first);
    if (served !== undefined && second !== undefined && second !== '.search' && segments.length === 2) {
      return resourceTarget(method, served, second);
    }
    const methods =
      served === undefined
        ? serviceMethods(service, first, second, segments.length)
        : segments.length > 2
          ? undefined
          : typeMethods(served, second);
    if (methods === undefined) throw new NotFoundError('There is no such endpoint.');
    const asked = method === 'HEAD' ? 'GET' : method;
    return (Object.hasOwn(methods, asked) ? methods[asked] : undefined) ?? refuse(method, Object.keys(methods));
  };
}

function isNotEmpty(segment: string): boolean {
  return segment !== '';
}

function resourceTarget(method: string, served: ServedType, segment: string): Target {
  const id = decode(segment);
  switch (method) {
    case 'GET':
    case 'HEAD':
      return { kind: 'read', served, id };
    case 'PUT':
      return { kind: 'replace', served, id };
    case 'PATCH':
      return { kind: 'patch', served, id };
    case 'DELETE':
      return { kind: 'delete', served, id };
    default:
      return refuse(method, ['GET', 'PUT', 'PATCH', 'DELETE']);
  }
}

function typeMethods(served: ServedType, second: string | undefined): Methods {
  if (second === '.search') return { POST: { kind: 'search', served } };
  return { GET: { kind: 'query', served }, POST: { kind: 'create', served } };
}

function serviceMethods(
  service: Service,
  first: string,
  second: string | undefined,
  length: number,
): Methods | undefined {
  if (length === 0) return { GET: { kind: 'queryAll' } };
  if (first === 'Me' && length === 1) {
    if (service.me === undefined) throw new NotImplementedError('/Me is not offered.');
    return {
      GET: { kind: 'me', on: 'read' },
      PUT: { kind: 'me', on: 'replace' },
      PATCH: { kind: 'me', on: 'patch' },
      DELETE: { kind: 'me', on: 'delete' },
    };
  }
  if (first === '.search' && length === 1) return { POST: { kind: 'searchAll' } };
  if (first === 'Bulk' && length === 1) return { POST: { kind: 'bulk' } };
  const discovery = discoveryTarget(first, second, length);
  return discovery === undefined ? undefined : { GET: discovery };
}

function discoveryTarget(first: string, second: string | undefined, length: number): DiscoveryTarget | undefined {
  if (first === 'ServiceProviderConfig' && length === 1) return { kind: 'serviceProviderConfig' };
  if (first === 'ResourceTypes' && length <= 2) {
    return second === undefined ? { kind: 'resourceTypes' } : { kind: 'resourceType', id: decode(second) };
  }
  if (first === 'Schemas' && length <= 2) {
    return second === undefined ? { kind: 'schemas' } : { kind: 'schema', id: decode(second) };
  }
  return undefined;
}

/** OPTIONS is answered by what there is; any other method that there is not is an error that says so too. */
function refuse(method: string, methods: readonly string[]): Target {
  const allow = [...methods.flatMap((each) => (each === 'GET' ? ['GET', 'HEAD'] : [each])), 'OPTIONS'];
  if (method === 'OPTIONS') return { kind: 'options', allow };
  throw new MethodNotAllowedError(allow);
}

function decode(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new NotFoundError('There is no such endpoint.');
  }
}
