import { type Awaitable, isThenable } from '../contract/awaitable.js';
import { ForbiddenError } from '../errors.js';
import type { Access } from '../hooks.js';
import type { Call } from './call.js';
import type { RequestContext } from './request-context.js';

/**
 * Checks that the client may run an operation, with `options.authorize` or else by the scopes of the actor.
 *
 * @param id the resource; undefined for operations on the whole type
 * @throws ForbiddenError before anything is read or changed
 */
export function authorize(call: Call, operation: Access['operation'], id?: string): Awaitable<void> {
  const { service, served, ctx } = call;
  const resourceType = served.type.name;
  const access: Access = id === undefined ? { operation, resourceType } : { operation, resourceType, id };
  const allowed = service.authorize === undefined ? scopesAllow(access, ctx) : service.authorize(access, ctx);
  return isThenable(allowed) ? allowed.then(checkAllowed) : checkAllowed(allowed);
}

function checkAllowed(allowed: boolean): void {
  if (!allowed) throw new ForbiddenError('This client is not permitted to do this.');
}

function scopesAllow(access: Access, ctx: RequestContext): boolean {
  const { scopes } = ctx.actor;
  if (scopes === undefined) return true;
  const kind = access.operation === 'read' || access.operation === 'query' ? 'read' : 'write';
  if (scopes.includes(kind)) return true;
  if (access.resourceType === 'User') return scopes.includes(`users:${kind}`);
  return access.resourceType === 'Group' && scopes.includes(`groups:${kind}`);
}
