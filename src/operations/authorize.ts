import { type Awaitable, isThenable } from '../contract/awaitable.js';
import { ForbiddenError } from '../errors.js';
import type { Access } from '../hooks.js';
import { boundedHook, type Call } from './call.js';
import { parsePermission } from './parse-hooks.js';
import type { RequestContext } from './request-context.js';
import type { ServedType } from './service.js';

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
  const returned: Awaitable<unknown> = boundedHook(call, service.authorize(access, ctx));
  return isThenable(returned) ? returned.then(check) : check(returned);
}

/**
 * Whether the client may see what the store keeps of a resource that it has written.
 *
 * `options.authorize` decides about writes as a whole. Where scopes decide, writing does not include reading.
 */
export function mayRead({ service, served, ctx }: Pick<Call, 'service' | 'served' | 'ctx'>): boolean {
  return service.authorize !== undefined || scopesAllow({ operation: 'read', resourceType: served.type.name }, ctx);
}

/**
 * Checks that the client may query the resource types whose names a filter or an order compares: derived attributes
 * such as `groups.display` and `members.display` would otherwise tell them to a client that may not read them.
 *
 * @throws ForbiddenError
 */
export async function authorizeDerived(call: Call, paths: Iterable<string>): Promise<void> {
  const types = new Set<string>();
  for (const path of paths) for (const type of sourcesOf(call.served, path)) types.add(type);
  for (const type of types) {
    const served = call.service.byName.get(type);
    if (served !== undefined && served !== call.served) await authorize({ ...call, served }, 'query');
  }
}

/** The resource types whose attributes a derived attribute shows. */
function sourcesOf({ type, references }: ServedType, path: string): readonly string[] {
  if (type.name === 'User' && (path === 'groups' || path.startsWith('groups.'))) return ['Group'];
  const reference = references.find(({ attribute, nameIn }) => {
    return nameIn !== undefined && path === `${attribute.path}.${nameIn}`;
  });
  return reference?.types ?? [];
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
