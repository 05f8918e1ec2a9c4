import { BoundedMap } from '../contract/bounded-map.js';
import { project, type Projection } from '../schema/project.js';
import type { ResourceType } from '../schema/resource-type.js';

/** Which attributes the client selects, as it wrote them in the query or in the body of a search (RFC 7644 3.9). */
export interface SelectionParameters {
  readonly attributes?: readonly string[] | undefined;
  readonly excludedAttributes?: readonly string[] | undefined;
}

/** Longer lists are compiled each time, so that the memory of the cache is bounded. */
const longestKey = 1_000;

/** Caches the projections of one resource type, one for each pair of parameters. */
export class ProjectionCache {
  readonly #type: ResourceType;
  readonly #projections = new BoundedMap<Projection>(500);
  readonly #default: Projection;
  readonly #hasReturnedOnRequest: boolean;

  constructor(type: ResourceType) {
    this.#type = type;
    this.#default = project(type, {});
    this.#hasReturnedOnRequest = hasReturnedOnRequest(type.attributes);
  }

  /** @throws InvalidValueError when both lists are given */
  get(parameters: SelectionParameters): Projection {
    const { attributes, excludedAttributes } = parameters;
    if (attributes === undefined && excludedAttributes === undefined) return this.#default;
    const key = `${attributes?.join(',') ?? ''} ${excludedAttributes?.join(',') ?? ''}`;
    let projection = this.#projections.get(key);
    if (projection === undefined) {
      projection = project(this.#type, parameters);
      if (key.length < longestKey) this.#projections.set(key, projection);
    }
    return projection;
  }

  /**
   * The projection of the response to a write: attributes that are returned on request are shown where it assigned them.
   *
   * @param asserted paths that the request assigned; called only for types with attributes returned on request
   * @throws InvalidValueError when both lists are given
   */
  ofWrite(parameters: SelectionParameters, asserted: () => Iterable<string>): Projection {
    if (!this.#hasReturnedOnRequest) return this.get(parameters);
    const { attributes, excludedAttributes } = parameters;
    return project(this.#type, { attributes, excludedAttributes, asserted: asserted() });
  }
}

function hasReturnedOnRequest(attributes: ResourceType['attributes']): boolean {
  for (const attribute of attributes) {
    if (attribute.returned === 'request' || hasReturnedOnRequest(attribute.attributes)) return true;
  }
  return false;
}
