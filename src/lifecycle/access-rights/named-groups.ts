import type { AttributeRef, Attributes, Selection } from '../../contract/attribute.js';
import type { ScimContext } from '../../contract/context.js';
import type { Filter } from '../../contract/filter.js';
import type { Stored } from '../../contract/resource.js';
import type { ResourceStore, UserStore } from '../../contract/store.js';
import { storable } from '../../database/storable.js';
import { normalize } from '../../schema/normalize.js';
import { withoutGroups } from './directory.js';
import { resourcesById } from './read-resources.js';

/**
 * A group, as an administrator knows it.
 *
 * @example
 * import type { NamedGroup } from 'express-scim/lifecycle';
 *
 * export const labelOf = ({ id, name }: NamedGroup): string => (name === '' ? id : `${name} (${id})`);
 */
export interface NamedGroup {
  readonly id: string;
  /** `displayName`; empty where the store has none. */
  readonly name: string;
}

const displayName: AttributeRef = {
  path: 'displayName',
  keys: ['displayName'],
  type: 'string',
  multiValued: false,
  caseExact: false,
};
const nameOnly: Selection = new Set(['displayName']);
const longestText = 200;

/** The groups with these IDs; IDs of no group are left out. */
export async function groupsById(
  store: UserStore,
  ids: readonly string[],
  ctx: ScimContext,
): Promise<ReadonlyMap<string, NamedGroup>> {
  const found = await resourcesById(groupsOf(store), [...new Set(ids)], nameOnly, ctx);
  return new Map([...found].map(([id, group]) => [id, toNamed(group)]));
}

/**
 * Groups by name, in the order of their names where the store sorts.
 *
 * @param text part of the name, without letter case; the whole name where the store finds only equal values. Empty: all
 */
export async function searchGroups(
  store: UserStore,
  text: string,
  limit: number,
  ctx: ScimContext,
): Promise<readonly NamedGroup[]> {
  const groups = groupsOf(store);
  const value = normalized(storable(text.trim().slice(0, longestText)));
  const isExact = groups.supports?.filter === 'equals';
  const filter: Filter | undefined =
    value === '' ? undefined : { op: isExact ? 'eq' : 'co', attribute: displayName, value };
  const { resources } = await groups.list(
    {
      filter,
      equals: isExact && value !== '' ? { displayName: value } : {},
      sort: groups.supports?.sort === false ? [] : [{ attribute: displayName, descending: false }],
      reads: ['displayName'],
      page: { kind: 'index', offset: 0, limit },
      selection: nameOnly,
      matches: (group) => (isExact && value !== '' ? nameIn(group) === value : nameIn(group).includes(value)),
      compare: (one, other) => compare(nameIn(one), nameIn(other)) || compare(one.id, other.id),
    },
    ctx,
  );
  return resources.map(toNamed);
}

function groupsOf({ groups }: UserStore): ResourceStore<Attributes> {
  if (groups === undefined) throw withoutGroups();
  return groups as unknown as ResourceStore<Attributes>;
}

function toNamed(group: Stored<Attributes>): NamedGroup {
  const { id, displayName: name } = group;
  return { id, name: typeof name === 'string' ? name : '' };
}

function nameIn(group: Stored<Attributes>): string {
  return normalized(toNamed(group).name);
}

function normalized(name: string): string {
  return normalize(displayName, name);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
