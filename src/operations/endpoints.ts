import { MethodNotAllowedError, NotFoundError, NotImplementedError } from '../errors.js';
import type { Access } from '../hooks.js';
import type { ServedType, Service } from './service.js';

/** An operation on a resource type or on one resource. */
export type ResourceTarget =
  | { readonly kind: 'create' | 'query' | 'search'; readonly served: ServedType }
  | { readonly kind: 'read' | 'replace' | 'patch' | 'delete'; readonly served: ServedType; readonly id: string };

/** An operation on the user that the client is (RFC 7644 3.11). */
export interface MeTarget {
  readonly kind: 'me';
  readonly operation: 'read' | 'replace' | 'patch' | 'delete';
}

/** A discovery endpoint (RFC 7644 4). */
export type DiscoveryTarget =
  | { readonly kind: 'serviceProviderConfig' | 'resourceTypes' | 'schemas' }
  | { readonly kind: 'resourceType' | 'schema'; readonly id: string };

/** What the method and path of a request name. */
export type Target =
  | ResourceTarget
  | MeTarget
  | DiscoveryTarget
  | { readonly kind: 'queryAll' | 'searchAll' | 'bulk' }
  | { readonly kind: 'options'; readonly allow: readonly string[] };

/**
 * Resolves a method and a path below the mount point.
 *
 * @throws NotFoundError for an unknown path
 * @throws MethodNotAllowedError for a method that the endpoint does not have, naming those it has
 * @throws NotImplementedError for an endpoint of the protocol that this service does not offer
 */
export type EndpointTable = (method: string, path: string) => Target;

/** Targets of one endpoint, by method. */
type Methods = Readonly<Record<string, Target>>;

type TableOptions = Pick<Service, 'servedTypes' | 'me'>;

/** Creates the endpoint table of a service (RFC 7644 3.2). */
export function createEndpointTable(service: TableOptions): EndpointTable {
  const typesByEndpoint = new Map(service.servedTypes.map((served) => [served.type.endpoint.slice(1), served]));
  return (method, path) => {
    // The path of nearly every request: the endpoint of a type, and an ID.
    const slash = path.indexOf('/', 1);
    if (slash > 0 && slash === path.lastIndexOf('/') && slash < path.length - 1 && path[slash + 1] !== '.') {
      const served = typesByEndpoint.get(path.slice(1, slash));
      if (served !== undefined) return resourceTarget(method, served, path.slice(slash + 1), service);
    }
    const [first = '', second, ...rest] = path.split('/').filter(isNotEmpty);
    if (rest.length > 0) throw noSuchEndpoint();
    const served = typesByEndpoint.get(first);
    if (served !== undefined && second !== undefined && second !== '.search') {
      return resourceTarget(method, served, second, service);
    }
    const methods = served === undefined ? serviceMethods(service, first, second) : typeMethods(served, second);
    if (methods === undefined) throw noSuchEndpoint();
    const name = method === 'HEAD' ? 'GET' : method;
    return (Object.hasOwn(methods, name) ? methods[name] : undefined) ?? refuseMethod(method, Object.keys(methods));
  };
}

function noSuchEndpoint(): NotFoundError {
  return new NotFoundError('There is no such endpoint.');
}

function isNotEmpty(segment: string): boolean {
  return segment !== '';
}

const resourceOperations = [
  ['GET', 'read'],
  ['PUT', 'replace'],
  ['PATCH', 'patch'],
  ['DELETE', 'delete'],
] as const;

/** The operations that change something. */
export const writes = ['create', 'replace', 'patch', 'delete'] as const;

/** Whether clients can do one of these with any resource type. */
export function offersAny(
  { servedTypes }: Pick<Service, 'servedTypes'>,
  operations: readonly Access['operation'][],
): boolean {
  return servedTypes.some((served) => operations.some((operation) => served.operations.has(operation)));
}

function resourceTarget(method: string, served: ServedType, segment: string, service: TableOptions): Target {
  const id = decode(segment);
  const kind = operationOf(method);
  if (kind !== undefined && served.operations.has(kind)) return { kind, served, id };
  // RFC 7644 3.12: 501 where the service does not support PATCH at all.
  if (kind === 'patch' && !offersAny(service, ['patch'])) {
    throw new NotImplementedError('This service does not support PATCH.');
  }
  const offered = resourceOperations.filter(([, operation]) => served.operations.has(operation));
  return refuseMethod(
    method,
    offered.map(([name]) => name),
  );
}

function operationOf(method: string): 'read' | 'replace' | 'patch' | 'delete' | undefined {
  switch (method) {
    case 'GET':
    case 'HEAD':
      return 'read';
    case 'PUT':
      return 'replace';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return 'delete';
    default:
      return undefined;
  }
}

function typeMethods(served: ServedType, second: string | undefined): Methods {
  const query = served.operations.has('query');
  if (second === '.search') return query ? { POST: { kind: 'search', served } } : {};
  return {
    ...(query ? { GET: { kind: 'query', served } } : {}),
    ...(served.operations.has('create') ? { POST: { kind: 'create', served } } : {}),
  };
}

function serviceMethods(service: TableOptions, first: string, second: string | undefined): Methods | undefined {
  const discovery = discoveryTarget(first, second);
  if (discovery !== undefined) return { GET: discovery };
  if (second !== undefined) return undefined;
  switch (first) {
    case '':
      return offersAny(service, ['query']) ? { GET: { kind: 'queryAll' } } : {};
    case '.search':
      return offersAny(service, ['query']) ? { POST: { kind: 'searchAll' } } : {};
    case 'Bulk':
      if (!offersAny(service, writes)) throw new NotImplementedError('This service is read-only.');
      return { POST: { kind: 'bulk' } };
    case 'Me':
      return meMethods(service);
    default:
      return undefined;
  }
}

function meMethods(service: TableOptions): Methods {
  if (service.me === undefined) throw new NotImplementedError('This service does not offer /Me.');
  const users = service.servedTypes.find(({ type }) => type.name === 'User');
  return Object.fromEntries(
    resourceOperations
      .filter(([, operation]) => users?.operations.has(operation) === true)
      .map(([method, operation]) => [method, { kind: 'me', operation }]),
  );
}

function discoveryTarget(first: string, second: string | undefined): DiscoveryTarget | undefined {
  switch (first) {
    case 'ServiceProviderConfig':
      return second === undefined ? { kind: 'serviceProviderConfig' } : undefined;
    case 'ResourceTypes':
      return second === undefined ? { kind: 'resourceTypes' } : { kind: 'resourceType', id: decode(second) };
    case 'Schemas':
      return second === undefined ? { kind: 'schemas' } : { kind: 'schema', id: decode(second) };
    default:
      return undefined;
  }
}

/** OPTIONS returns the methods of the endpoint; any other method it does not have is a 405 that names them. */
function refuseMethod(method: string, methods: readonly string[]): Target {
  const allow = [...methods.flatMap((each) => (each === 'GET' ? ['GET', 'HEAD'] : [each])), 'OPTIONS'];
  if (method === 'OPTIONS') return { kind: 'options', allow };
  throw new MethodNotAllowedError(allow);
}

function decode(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    throw noSuchEndpoint();
  }
}
