const ids = new WeakMap<object, string>();

/** Notes the ID that the router gave a request, for what only has the request itself, such as an authenticator. */
export function identifyRequest(req: object, requestId: string): void {
  ids.set(req, requestId);
}

/** The ID that the router gave a request: that of its ResponseRecord. Undefined for a request of anything else. */
export function requestIdOf(req: object): string | undefined {
  return ids.get(req);
}
