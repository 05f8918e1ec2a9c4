import { type Awaitable, isThenable } from '../contract/awaitable.js';
import { ForbiddenError } from '../errors.js';
import type { Access } from '../hooks.js';
import { boundedHook, type Call } from './call.js';
import { parsePermission } from './parse-hooks.js';
import type { SelectionParameters } from './projection-cache.js';
import type { RequestContext } from './request-context.js';
import type { ServedType } from './service.js';

/**
 * Checks that the client may run an operation, with `options.authorize` or else by the scopes of the actor.
 *
 * @param id the resource; undefined for operations on the whole type
 * @throws ForbiddenError before anything is read or changed
 */
export function authorize(call: Call, operation: Access['operation'], id?: string): Awaitable<void> {
  const check = (permitted: boolean): void => {
    if (!permitted) throw refusal();
  };
  const permitted = permits(call, operation, id);
  return isThenable(permitted) ? permitted.then(check) : check(permitted);
}

function permits(call: Call, operation: Access['operation'], id: string | undefined): Awaitable<boolean> {
  const { service, served, ctx } = call;
  const resourceType = served.type.name;
  const access: Access = id === undefined ? { operation, resourceType } : { operation, resourceType, id };
  if (service.authorize === undefined) return scopesAllow(access, ctx);
  const parse = (value: unknown): boolean => {
    const { permitted, problem } = parsePermission(value);
    if (problem !== undefined) service.reportOnce(problem, 'authorize', ctx);
    return permitted;
  };
  const returned: Awaitable<unknown> = boundedHook(call, 'authorize', () => service.authorize?.(access, ctx));
  return isThenable(returned) ? returned.then(parse) : parse(returned);
}

/** For a client that may write and not read: a response shows `id` and `meta`, and nothing that the store keeps. */
const written: SelectionParameters = { attributes: ['id', 'meta'] };

/**
 * The call of a write, with a response that shows what the store keeps only to a client that may read the resource:
 * writing does not include reading. It is asked before the write, so that a hook that throws changes nothing.
 *
 * @param id the resource; undefined for one that does not exist yet
 * @param withoutBody true where the response has no body unless the client selects attributes; it keeps to that
 */
export function withReadableResponse<C extends Call>(
  call: C,
  id: string | undefined,
  withoutBody = false,
): Awaitable<C> {
  const { attributes, excludedAttributes } = call.parameters;
  if (withoutBody && attributes === undefined && excludedAttributes === undefined) return call;
  // The result of a bulk operation.
  if (attributes?.length === 1 && attributes[0] === 'id') return call;
  const restrict = (permitted: boolean): C => {
    return permitted ? call : { ...call, parameters: withoutBody ? {} : written };
  };
  const permitted = permits(call, 'read', id);
  return isThenable(permitted) ? permitted.then(restrict) : restrict(permitted);
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
