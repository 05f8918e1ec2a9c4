const requestIdKey = Symbol('requestId');

/** An object of a request. A WeakMap of requests would cost more: the garbage collector visits its entries each time. */
interface Identified {
  [requestIdKey]?: string;
}

/** Notes the ID that the router gave a request, for what only has the request itself, such as an authenticator. */
export function identifyRequest(req: object, requestId: string): void {
  (req as Identified)[requestIdKey] = requestId;
}

/** The ID that the router gave a request: that of its ResponseRecord. Undefined for a request of anything else. */
export function requestIdOf(req: object): string | undefined {
  return (req as Identified)[requestIdKey];
}
