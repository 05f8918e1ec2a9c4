import { TooManyError } from '../errors.js';

/** Memberships that are read for the resources of one page: they take about 16 MiB as JSON. */
export const mostMemberships = 200_000;

/**
 * Refuses a page whose resources have more memberships. One resource is read with all of them: the response refuses more
 * than `limits.maxMembers`.
 *
 * @param count memberships that were read
 * @param resources how many resources they are of
 * @throws TooManyError
 */
export function refuseManyMemberships(count: number, resources: number, attribute: 'members' | 'groups'): void {
  if (resources < 2 || count <= mostMemberships) return;
  throw tooManyMemberships(attribute);
}

export function tooManyMemberships(attribute: 'members' | 'groups'): TooManyError {
  return new TooManyError(
    `The resources of this list have more than ${String(mostMemberships)} ${attribute}: send a smaller count, or excludedAttributes=${attribute}.`,
  );
}
