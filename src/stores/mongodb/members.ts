import type { Document } from 'mongodb';
import type { GroupRef, Member } from '../../contract/resource.js';
import { chunksWithPauses } from '../../database/chunks.js';
import { attributesOf, deletedType, inSession, type TenantScope } from './document.js';
import { ancestors } from '../ancestors.js';
import { refuseManyMemberships } from '../most-memberships.js';

/** The resource types of IDs. An ID that is no resource of the tenant is not in the map. */
export async function typesOf(ids: Iterable<string>, scope: TenantScope): Promise<ReadonlyMap<string, string>> {
  const types = new Map<string, string>();
  for await (const part of chunksWithPauses([...new Set(ids)], { size: 1_000 })) {
    const found = scope.resources.find(
      { _id: { $in: [...part] }, tenant: scope.tenant, type: { $ne: deletedType } },
      { projection: { type: 1 }, ...inSession(scope) },
    );
    for await (const { _id, type } of found) types.set(_id, type);
  }
  return types;
}

// The type is that of the resource, and its name is looked up for each response; of a pending member both are as the
// client sent them.
export function memberDocument(member: Member, types: ReadonlyMap<string, string>): Member {
  const { value, type, display } = member;
  const known = types.get(value);
  if (known !== undefined) return { value, type: known };
  return { value, ...(type !== undefined && { type }), ...(display !== undefined && { display }) };
}

/**
 * The names of resources, by ID.
 *
 * @param type only of resources of this type; default: of every type
 */
export async function namesIn(
  ids: Iterable<string>,
  scope: TenantScope,
  type?: string,
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for await (const part of chunksWithPauses([...new Set(ids)], { size: 1_000 })) {
    const found = scope.resources.find(
      { _id: { $in: [...part] }, tenant: scope.tenant, type: type ?? { $ne: deletedType } },
      { projection: { 'attributes.displayName': 1, 'attributes.userName': 1 } },
    );
    for await (const document of found) {
      const name = nameIn(document);
      if (name !== undefined) names.set(document._id, name);
    }
  }
  return names;
}

function nameIn(document: { readonly attributes?: Document }): string | undefined {
  const { displayName, userName } = attributesOf(document);
  return [displayName, userName].find((name): name is string => typeof name === 'string' && name !== '');
}

/**
 * The groups of each member, nearest first. One query for each level of nesting.
 *
 * @throws TooManyError where several members have more than `mostMemberships`
 */
export async function groupsOf(
  ids: readonly string[],
  scope: TenantScope,
): Promise<ReadonlyMap<string, readonly GroupRef[]>> {
  const parents = new Map<string, Omit<GroupRef, 'type'>[]>();
  let read = 0;
  for (let level = [...new Set(ids)]; level.length > 0;) {
    const next = new Set<string>();
    for (const id of level) parents.set(id, []);
    for await (const part of chunksWithPauses(level)) {
      for (const { group, held } of await groupsHolding(part, scope)) {
        refuseManyMemberships((read += held.length), ids.length, 'groups');
        for (const id of held) parents.get(id)?.push(group);
        if (!parents.has(group.value)) next.add(group.value);
      }
    }
    level = [...next];
  }
  return new Map(ids.map((id) => [id, ancestors(id, parents)]));
}

/** The groups that have one of the members, and which of them. */
async function groupsHolding(
  ids: readonly string[],
  { resources, tenant }: TenantScope,
): Promise<readonly { readonly group: Omit<GroupRef, 'type'>; readonly held: readonly string[] }[]> {
  const [only] = ids;
  const $match = { tenant, type: 'Group', 'members.value': ids.length === 1 ? only : { $in: ids } };
  const held = { $setIntersection: ['$members.value', { $literal: ids }] };
  const name = { 'attributes.displayName': 1 } as const;
  // One member needs no intersection: every group that is found has it.
  const found =
    ids.length === 1
      ? resources.find<Holding>($match, { projection: name, sort: { _id: 1 } })
      : resources.aggregate<Holding>([{ $match }, { $sort: { _id: 1 } }, { $project: { ...name, held } }]);
  const groups: { readonly group: Omit<GroupRef, 'type'>; readonly held: readonly string[] }[] = [];
  for await (const document of found) {
    const display = nameIn(document);
    const group = { value: document._id, ...(display !== undefined && { display }) };
    groups.push({ group, held: document.held ?? ids });
  }
  return groups;
}

interface Holding {
  readonly _id: string;
  readonly attributes?: Document;
  readonly held?: readonly string[];
}

/**
 * All members below a group, those of nested groups included.
 *
 * @returns undefined when there are more than `most`
 */
export async function membersBelow(
  group: string,
  most: number,
  { resources, tenant }: TenantScope,
): Promise<readonly string[] | undefined> {
  const below = new Set<string>();
  const visited = new Set<string>();
  for (let level = [group]; level.length > 0;) {
    const next: string[] = [];
    for (const id of level) visited.add(id);
    for await (const part of chunksWithPauses(level)) {
      const found = resources.find(
        { _id: { $in: [...part] }, tenant, type: 'Group' },
        { projection: { 'members.value': 1, 'members.type': 1 }, batchSize: 4 },
      );
      for await (const { members = [] } of found) {
        for (const { value, type } of members) {
          below.add(value);
          if (type === 'Group' && !visited.has(value)) next.push(value);
        }
        if (below.size > most) return undefined;
      }
    }
    level = [...new Set(next)];
  }
  return [...below];
}
