import type { Document } from 'mongodb';
import type { MemberChange } from '../../contract/store.js';
import type { Member } from '../../contract/resource.js';
import { applyMembers, type AppliedMembers } from '../apply-members.js';
import { inSession, projectionFor, type ResourceDocument, type TenantScope } from './document.js';
import { memberDocument, typesOf } from './members.js';

/** With more IDs than this, the database would compare every member with each of them. */
const mostCompared = 20;

/** How much of a group's members has to be read before a change. */
export type MemberRead =
  | { readonly kind: 'none' }
  /** Only whether these IDs are members. */
  | { readonly kind: 'named'; readonly ids: readonly string[] }
  | { readonly kind: 'all' };

/** What a change of members has to know. */
export function memberReadFor(change: MemberChange | undefined): MemberRead {
  if (change === undefined) return { kind: 'none' };
  const ids = [...new Set([...change.add.map(({ value }) => value), ...change.remove])];
  // One update of MongoDB cannot add to an array and remove from it: then the whole array is written.
  const isMixed = change.add.length > 0 && change.remove.length > 0;
  return change.only === true || isMixed || ids.length > mostCompared ? { kind: 'all' } : { kind: 'named', ids };
}

/** A resource as it is before a change, with the members that the change has to know. */
export type BeforeChange = Pick<
  ResourceDocument,
  '_id' | 'revision' | 'created' | 'modified' | 'attributes' | 'bytes' | 'unique' | 'members'
>;

/** Reads a resource before a change. */
export async function readBefore(
  id: string,
  type: string,
  members: MemberRead,
  scope: TenantScope,
): Promise<BeforeChange | undefined> {
  const { resources, tenant } = scope;
  const fields: Document = { ...projectionFor(new Set()), unique: 1 };
  if (members.kind === 'named') {
    const [only] = members.ids;
    if (members.ids.length > 1) {
      const cond = { $in: ['$$member.value', { $literal: members.ids }] };
      fields['members'] = { $filter: { input: { $ifNull: ['$members', []] }, as: 'member', cond } };
      const found = resources.aggregate<BeforeChange>(
        [{ $match: { _id: id, tenant, type } }, { $project: fields }],
        inSession(scope),
      );
      return (await found.toArray())[0];
    }
    if (only !== undefined) fields['members'] = { $elemMatch: { value: only } };
  }
  if (members.kind === 'all') fields['members'] = 1;
  const found = await resources.findOne<BeforeChange>(
    { _id: id, tenant, type },
    { projection: fields, ...inSession(scope) },
  );
  return found ?? undefined;
}

/** A change of members, computed against what was read. */
export interface PlannedMembers extends AppliedMembers {
  /** Resource types of the added IDs that are resources. */
  readonly types: ReadonlyMap<string, string>;
  /** The inserted members as documents. */
  readonly documents: readonly Member[];
  /** The operators of the update. */
  readonly update: Document;
  /**
   * Holds as long as the plan fits the stored members; undefined where it fits only the version that was read.
   */
  readonly condition: Document | undefined;
}

/**
 * Plans a change of members.
 *
 * @param before the members that were read, as `memberReadFor` says
 * @throws UnknownReferenceError for IDs that are no resources, when the change rejects pending members
 * @throws InvalidValueError for a member without an ID
 */
export async function planMembers(
  before: readonly Member[],
  change: MemberChange,
  scope: TenantScope,
): Promise<PlannedMembers> {
  const types = await typesOf(
    change.add.map(({ value }) => value),
    scope,
  );
  const applied = applyMembers(new Set(before.map(({ value }) => value)), change, (id) => types.has(id));
  const { inserted, added, removed } = applied;
  const documents = inserted.map((member) => memberDocument(member, types));
  if (added.length > 0 && removed.length > 0) {
    const gone = new Set(removed);
    const members = [...before.filter(({ value }) => !gone.has(value)), ...documents];
    return { ...applied, types, documents, update: { $set: { members } }, condition: undefined };
  }
  // With `only`, whoever else is a member by the time of the update would have to leave too.
  const holds = (condition: Document): Document | undefined => (change.only === true ? undefined : condition);
  if (added.length > 0) {
    const update = { $push: { members: { $each: documents } } };
    return { ...applied, types, documents, update, condition: holds({ 'members.value': { $nin: added } }) };
  }
  if (removed.length === 0) return { ...applied, types, documents, update: {}, condition: {} };
  const update = { $pull: { members: { value: { $in: removed } } } };
  return { ...applied, types, documents, update, condition: holds({ 'members.value': { $all: removed } }) };
}
