import type { RequestContext } from './request-context.js';
import { NotFoundError } from '../errors.js';
import type { EntityTags } from '../protocol/entity-tag.js';
import { create } from './create.js';
import { remove } from './delete.js';
import type { MeTarget, ResourceTarget } from './endpoints.js';
import { patch } from './patch.js';
import { query, type QueryRequest } from './query.js';
import { read } from './read.js';
import { replace } from './replace.js';
import { readSearch } from './search.js';
import type { ScimResponse, Service } from './service.js';

/** What a request brings beside its target. */
export interface RequestInput {
  readonly parameters: QueryRequest;
  readonly ifMatch: EntityTags | undefined;
  readonly ifNoneMatch: EntityTags | undefined;
  /** Read only where an operation needs it. */
  body(): Promise<unknown>;
}

/** Runs one operation on resources: the same for a request of its own and for a part of a bulk request. */
export function perform(
  service: Service,
  target: ResourceTarget,
  input: RequestInput,
  ctx: RequestContext,
): Promise<ScimResponse> {
  const { parameters, ifMatch, ifNoneMatch } = input;
  const { served } = target;
  switch (target.kind) {
    case 'create':
      return input.body().then((body) => create(service, served, body, parameters, ctx));
    case 'query':
      return query(service, served, parameters, ctx);
    case 'search':
      return input.body().then((body) => query(service, served, readSearch(body, ctx), ctx));
    case 'read':
      return read(service, served, target.id, parameters, ifNoneMatch, ctx);
    case 'replace':
      return input.body().then((body) => replace(service, served, target.id, body, parameters, ifMatch, ctx));
    case 'patch':
      return input.body().then((body) => patch(service, served, target.id, body, parameters, ifMatch, ctx));
    case 'delete':
      return remove(service, served, target.id, ifMatch, ctx);
  }
}

/**
 * /Me as an alias of the user that `options.me` names (RFC 7644 3.11); Location is the user's own.
 *
 * @throws NotFoundError where the client is no user
 */
export async function resolveMe(service: Service, target: MeTarget, ctx: RequestContext): Promise<ResourceTarget> {
  const id = await service.me?.(ctx);
  const served = service.byName.get('User');
  if (id === undefined || served === undefined) throw new NotFoundError('This client is not a user.');
  return { kind: target.on, served, id };
}
