import type { RequestContext } from './request-context.js';
import type { ServedType } from './service.js';

/** The URI of a resource (RFC 7643 3.1 meta.location). */
export function locationOf(served: ServedType, id: string, ctx: RequestContext): string {
  return `${ctx.base}${served.type.endpoint}/${unreserved.test(id) ? id : encodeURIComponent(id)}`;
}

// Most IDs need no encoding, and the test costs a tenth of encoding.
const unreserved = /^[A-Za-z0-9._~-]*$/;
