import { isScimError, NotFoundError, ScimError } from '../errors.js';
import type { EntityTags } from '../protocol/entity-tag.js';
import type { QuirkRequest } from '../quirks/custom-quirk.js';
import { resolveAttribute } from '../schema/notation.js';
import type { ResourceType } from '../schema/resource-type.js';
import { boundedHook, type ResourceCall } from './call.js';
import { create } from './create.js';
import { remove } from './delete.js';
import type { MeTarget, ResourceTarget } from './endpoints.js';
import { parseMe } from './parse-hooks.js';
import { query, type QueryRequest } from './query.js';
import { read } from './read.js';
import { replace } from './replace.js';
import type { RequestContext } from './request-context.js';
import { readSearch } from './search.js';
import type { ScimResponse, Service } from './service.js';

// A tenth of the code, which the first PATCH loads: the start of an app does not wait for it.
const loadPatch = () => import('./patch.js');
let loadedPatch: Awaited<ReturnType<typeof loadPatch>> | undefined;

/** What a request holds beside its target. */
export interface RequestInput {
  readonly parameters: QueryRequest;
  readonly ifMatch: EntityTags | undefined;
  readonly ifNoneMatch: EntityTags | undefined;
  /** Reads the body; called only by operations that have one. */
  body(): Promise<unknown>;
}

/** Runs one operation on resources, for a request of its own or for one operation of a bulk request. */
export function perform(
  service: Service,
  target: ResourceTarget,
  input: RequestInput,
  ctx: RequestContext,
): Promise<ScimResponse> {
  const { type, restricted } = target.served;
  const response = run(service, target, input, ctx);
  return restricted === undefined
    ? response
    : response.catch((error: unknown) => {
        throw withoutHiddenName(error, type);
      });
}

/** A conflict about an attribute that is hidden from the client, such as one that your database finds, does not name it. */
function withoutHiddenName(error: unknown, type: ResourceType): unknown {
  if (!isScimError(error) || error.code !== 'SCIM_CONFLICT') return error;
  if (resolveAttribute(type, error.attribute) !== undefined) return error;
  return new ScimError(409, 'Another resource already has one of the values.', { scimType: 'uniqueness' });
}

function run(
  service: Service,
  target: ResourceTarget,
  input: RequestInput,
  ctx: RequestContext,
): Promise<ScimResponse> {
  const { served } = target;
  const { parameters } = input;
  const readBody = (operation: QuirkRequest['operation']): Promise<unknown> => {
    const { customQuirks } = service;
    if (customQuirks === undefined) return input.body();
    const id = 'id' in target ? target.id : undefined;
    return input.body().then((body) => customQuirks(body, { operation, resourceType: served.type.name, id }, ctx));
  };
  if ('id' in target) {
    const { ifMatch, ifNoneMatch } = input;
    const call: ResourceCall = { service, served, ctx, parameters, id: target.id, ifMatch, ifNoneMatch };
    switch (target.kind) {
      case 'read':
        return read(call);
      case 'replace':
        return readBody('replace').then((body) => replace(call, body));
      case 'patch':
        return readBody('patch').then((body) => patch(call, body));
      case 'delete':
        return remove(call);
    }
  }
  const call = { service, served, ctx, parameters };
  switch (target.kind) {
    case 'create':
      return readBody('create').then((body) => create(call, body));
    case 'query':
      return query(call);
    case 'search':
      return readBody('query').then((body) => query({ ...call, parameters: readSearch(body, ctx) }));
  }
}

function patch(call: ResourceCall, body: unknown): Promise<ScimResponse> {
  if (loadedPatch !== undefined) return loadedPatch.patch(call, body);
  return loadPatch().then((loaded) => {
    loadedPatch = loaded;
    return loaded.patch(call, body);
  });
}

/**
 * Resolves /Me to the user that `options.me` names (RFC 7644 3.11); Location is that of the user's own URI.
 *
 * @throws NotFoundError where the client is not a user
 */
export async function resolveMe(service: Service, target: MeTarget, ctx: RequestContext): Promise<ResourceTarget> {
  const id =
    service.me === undefined ? undefined : parseMe(await boundedHook({ service, ctx }, 'me', () => service.me?.(ctx)));
  const served = service.byName.get('User');
  if (id === undefined || served === undefined) throw new NotFoundError('This client is not a user.');
  return { kind: target.operation, served, id };
}
