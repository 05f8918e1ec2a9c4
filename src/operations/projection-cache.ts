import type { ResourceType } from '../schema/resource-type.js';
import { project, type Projection } from '../schema/project.js';
import { BoundedMap } from '../contract/bounded-map.js';

/** What the client asked to see, as it stands in the query or the body of a search. */
export interface SelectionParameters {
  readonly attributes?: readonly string[] | undefined;
  readonly excludedAttributes?: readonly string[] | undefined;
}

/** Projections of one resource type, worked out once for each pair of parameters. */
export class ProjectionCache {
  readonly #type: ResourceType;
  readonly #known = new BoundedMap<Projection>(500);
  readonly #default: Projection;
  readonly #onRequest: boolean;

  constructor(type: ResourceType) {
    this.#type = type;
    this.#default = project(type, {});
    this.#onRequest = hasReturnedOnRequest(type.attributes);
  }

  /** @throws InvalidValueError when both lists are given */
  get(requested: SelectionParameters): Projection {
    const { attributes, excludedAttributes } = requested;
    if (attributes === undefined && excludedAttributes === undefined) return this.#default;
    const key = `${attributes?.join(',') ?? ''} ${excludedAttributes?.join(',') ?? ''}`;
    let projection = this.#known.get(key);
    if (projection === undefined) {
      projection = project(this.#type, requested);
      if (key.length < 1_000) this.#known.set(key, projection);
    }
    return projection;
  }

  /** For the answer to a write: attributes returned on request are shown where the request wrote them. */
  ofWrite(requested: SelectionParameters, asserted: () => Iterable<string>): Projection {
    return this.#onRequest ? project(this.#type, { ...requested, asserted: asserted() }) : this.get(requested);
  }
}

function hasReturnedOnRequest(attributes: ResourceType['attributes']): boolean {
  for (const attribute of attributes) {
    if (attribute.returned === 'request' || hasReturnedOnRequest(attribute.attributes)) return true;
  }
  return false;
}
