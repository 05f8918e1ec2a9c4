import { BoundedMap } from '../contract/bounded-map.js';
import { isObject } from '../contract/is-object.js';
import { loggableText } from './loggable.js';

const maxResources = 5_000;
const longestName = 100;
/** As many resources of a list are in the log. */
const maxListed = 20;

/** The name of a resource in a body, with its ID. */
export type ResourceName = readonly [id: string, name: string];

/** The names of the resources that were in the last bodies, for requests that name a resource only by its ID. */
export interface ResourceNames {
  learn(tenant: string, resourceType: string, names: readonly ResourceName[]): void;
  of(tenant: string, resourceType: string, id: string): string | undefined;
}

export function resourceNames(): ResourceNames {
  const known = new BoundedMap<string>(maxResources);
  const keyOf = (...parts: readonly string[]): string => JSON.stringify(parts);
  return {
    learn(tenant, resourceType, names) {
      for (const [id, name] of names) known.set(keyOf(tenant, resourceType, id), name);
    },
    of: (tenant, resourceType, id) => known.get(keyOf(tenant, resourceType, id)),
  };
}

/** `displayName` or `userName` of a resource. */
export function nameIn(body: unknown): string | undefined {
  if (!isObject(body)) return undefined;
  const name = [body['displayName'], body['userName']].find((each) => typeof each === 'string' && each !== '');
  return typeof name === 'string' ? name : undefined;
}

/** The names in a response: of a resource, or of the first resources of a list. */
export function namesIn(response: unknown): readonly ResourceName[] {
  if (!isObject(response)) return [];
  const { Resources: listed } = response;
  const resources: readonly unknown[] = Array.isArray(listed) ? listed.slice(0, maxListed) : [response];
  return resources.flatMap((each): ResourceName[] => {
    const name = nameIn(each);
    const id = isObject(each) ? each['id'] : undefined;
    return name === undefined || typeof id !== 'string' ? [] : [[id, loggableText(longestName, name)]];
  });
}
