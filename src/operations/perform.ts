import type { RequestContext } from '../context.js';
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
import type { Answer, Service } from './service.js';

/** What a request brings beside its target. */
export interface RequestInput {
  readonly parameters: QueryRequest;
  readonly ifMatch: EntityTags | undefined;
  readonly ifNoneMatch: EntityTags | undefined;
  /** Read when an operation needs it, after the client may do what it asks. */
  body(): Promise<unknown>;
}

/** Runs one operation on resources: the same for a request of its own and for a part of a bulk request. */
export async function perform(
  service: Service,
  target: ResourceTarget,
  input: RequestInput,
  ctx: RequestContext,
): Promise<Answer> {
  const { parameters, ifMatch, ifNoneMatch } = input;
  switch (target.kind) {
    case 'create':
      return create(service, target.served, await input.body(), parameters, ctx);
    case 'query':
      return query(service, target.served, parameters, ctx);
    case 'search':
      return query(service, target.served, readSearch(await input.body(), ctx), ctx);
    case 'read':
      return read(service, target.served, target.id, parameters, ifNoneMatch, ctx);
    case 'replace':
      return replace(service, target.served, target.id, await input.body(), parameters, ifMatch, ctx);
    case 'patch':
      return patch(service, target.served, target.id, await input.body(), parameters, ifMatch, ctx);
    case 'delete':
      return remove(service, target.served, target.id, ifMatch, ctx);
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
