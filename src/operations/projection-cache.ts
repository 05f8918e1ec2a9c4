import { BoundedMap } from '../contract/bounded-map.js';
import type { QuirkId } from '../quirks/quirks.js';
import { project, type Projection, type ProjectionRequest } from '../schema/project.js';
import type { ResourceType } from '../schema/resource-type.js';
import type { RequestContext } from './request-context.js';

/** Which attributes the client selects, as it wrote them in the query or in the body of a search (RFC 7644 3.9). */
export interface SelectionParameters {
  readonly attributes?: readonly string[] | undefined;
  readonly excludedAttributes?: readonly string[] | undefined;
}

interface CachedProjection {
  readonly projection: Projection;
  /** Quirks that the names needed: each use of the projection notes them. */
  readonly quirks: readonly QuirkId[];
}

/** Longer lists are compiled each time, so that the memory of the cache is bounded. */
const longestKey = 1_000;

/** Caches the projections of one resource type, one for each pair of parameters. */
export class ProjectionCache {
  readonly #type: ResourceType;
  readonly #projections = new BoundedMap<CachedProjection>(500);
  readonly #default: Projection;
  readonly #hasReturnedOnRequest: boolean;

  constructor(type: ResourceType) {
    this.#type = type;
    this.#default = project(type, {});
    this.#hasReturnedOnRequest = hasReturnedOnRequest(type.attributes);
  }

  /** @throws InvalidValueError when both lists are given */
  get(parameters: SelectionParameters, ctx: Pick<RequestContext, 'useQuirk' | 'note'>): Projection {
    const { attributes, excludedAttributes } = parameters;
    if (attributes === undefined && excludedAttributes === undefined) return this.#default;
    const key = `${attributes?.join(',') ?? ''} ${excludedAttributes?.join(',') ?? ''}`;
    let cached = this.#projections.get(key);
    if (cached === undefined) {
      cached = this.#project({ attributes, excludedAttributes }, ctx);
      if (key.length < longestKey) this.#projections.set(key, cached);
    }
    for (const quirk of cached.quirks) ctx.note(quirk);
    return cached.projection;
  }

  /**
   * The projection of the response to a write: attributes that are returned on request are shown where it assigned them.
   *
   * @param asserted paths that the request assigned; called only for types with attributes returned on request
   * @throws InvalidValueError when both lists are given
   */
  ofWrite(
    parameters: SelectionParameters,
    ctx: Pick<RequestContext, 'useQuirk' | 'note'>,
    asserted: () => Iterable<string>,
  ): Projection {
    if (!this.#hasReturnedOnRequest) return this.get(parameters, ctx);
    const { attributes, excludedAttributes } = parameters;
    return this.#project({ attributes, excludedAttributes, asserted: asserted() }, ctx).projection;
  }

  #project(request: ProjectionRequest, ctx: Pick<RequestContext, 'useQuirk'>): CachedProjection {
    const quirks = new Set<QuirkId>();
    const projection = project(this.#type, {
      ...request,
      useQuirk: (quirk) => {
        const on = ctx.useQuirk(quirk);
        if (on) quirks.add(quirk);
        return on;
      },
    });
    return { projection, quirks: [...quirks] };
  }
}

function hasReturnedOnRequest(attributes: ResourceType['attributes']): boolean {
  for (const attribute of attributes) {
    if (attribute.returned === 'request' || hasReturnedOnRequest(attribute.attributes)) return true;
  }
  return false;
}
