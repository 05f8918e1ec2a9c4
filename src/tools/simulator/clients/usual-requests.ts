import type { PatchOperation } from '../../wire/patch-operation.js';
import type { Dialect, GroupDialect, Member } from '../dialect.js';
import type { Outgoing } from '../session.js';
import { equals, patch, remove, values } from './messages.js';

/** Requests for users that most clients send in the same way; a client states what differs. */
export const usualUsers = {
  matchUser: ({ userName }) => `/Users?filter=${equals('userName', userName)}`,
  looksUpFirst: true,
  readUser: (id) => `/Users/${id}`,
  readsBeforeUpdate: false,
  manager: 'none',
  deleteUser: (id) => remove(`/Users/${id}`),
} satisfies Partial<Dialect>;

/** The same for groups. */
export const usualGroups = {
  matchGroup: ({ displayName }) => `/Groups?filter=${equals('displayName', displayName)}`,
  readGroup: (id) => `/Groups/${id}`,
  bursts: true,
  deleteGroup: (id) => remove(`/Groups/${id}`),
} satisfies Partial<GroupDialect>;

/** Renames a group with a path, as in Figure 5 of RFC 7644 section 3.5.2.3. */
export const renameWithPath: GroupDialect['rename'] = (id, { displayName }) =>
  patch(`/Groups/${id}`, [{ op: 'replace', path: 'displayName', value: displayName }]);

/** Renames a group without a path: the attribute is named in the value. */
export const renameWithoutPath: GroupDialect['rename'] = (id, { displayName }) =>
  patch(`/Groups/${id}`, [{ op: 'replace', value: { displayName } }]);

/** The operation that adds members, or none. */
export function additions(members: readonly Member[]): readonly PatchOperation[] {
  return members.length === 0 ? [] : [{ op: 'add', path: 'members', value: values(members) }];
}

/** One operation for each member that leaves, which a filter selects. */
export function removals(members: readonly Member[]): readonly PatchOperation[] {
  return members.map((member) => ({ op: 'remove', path: `members[value eq "${member.id}"]` }));
}

/** A request with these operations, or none when there is nothing to change. */
export function changeOfGroup(id: string, operations: readonly PatchOperation[]): readonly Outgoing[] {
  return operations.length === 0 ? [] : [patch(`/Groups/${id}`, operations)];
}

/** The members that join without a path in one request, then a request for each that leaves. */
export const joinWithoutPath: GroupDialect['changeMembers'] = (id, _, { add, remove: leaving }) => [
  ...changeOfGroup(id, add.length === 0 ? [] : [{ op: 'add', value: { members: values(add) } }]),
  ...removals(leaving).flatMap((operation) => changeOfGroup(id, [operation])),
];
