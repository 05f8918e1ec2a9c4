import { type Awaitable, isThenable } from '../contract/awaitable.js';
import { ForbiddenError } from '../errors.js';
import type { Access } from '../hooks.js';
import type { Call } from './call.js';
import { parsePermission } from './parse-hooks.js';
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
  if (service.authorize === undefined) {
    if (!scopesAllow(access, ctx)) throw refusal();
    return;
  }
  const check = (value: unknown): void => {
    const { permitted, problem } = parsePermission(value);
    if (problem !== undefined) service.reportOnce(problem, 'options.md#authorize', ctx);
    if (!permitted) throw refusal();
  };
  const returned: Awaitable<unknown> = service.authorize(access, ctx);
  // A promise of another library may resolve to one more promise.
  return isThenable(returned) ? Promise.resolve(returned).then(check) : check(returned);
}

function refusal(): ForbiddenError {
  return new ForbiddenError('This client is not permitted to do this.');
}

function scopesAllow(access: Access, ctx: RequestContext): boolean {
  const { scopes } = ctx.actor;
  if (scopes === undefined) return true;
  const kind = access.operation === 'read' || access.operation === 'query' ? 'read' : 'write';
  if (scopes.includes(kind)) return true;
  if (access.resourceType === 'User') return scopes.includes(`users:${kind}`);
  return access.resourceType === 'Group' && scopes.includes(`groups:${kind}`);
}
