import type { PatchOperation } from '../../wire/patch-operation.js';
import { urn } from '../../wire/urn.js';
import type { Mapping } from '../attribute.js';
import type { Dialect, GroupDialect, Member } from '../dialect.js';
import type { DirectoryUser } from '../directory.js';
import type { Outgoing, Policy } from '../session.js';
import { enterprise, equals, mappingOf, namesOf, patch, post, remove, values } from './messages.js';

/** How a client retries of which no source says how it does. */
export const usualRetries = {
  timeoutMilliseconds: 30_000,
  attempts: 3,
  honorsRetryAfter: false,
} satisfies Partial<Policy>;

/** The attributes of a connector that supports the enterprise extension. */
export function usualMapping(user: DirectoryUser): Mapping {
  return mappingOf({
    ...namesOf(user),
    externalId: user.externalId,
    title: user.title,
    [enterprise('department')]: user.department,
    [enterprise('employeeNumber')]: user.employeeNumber,
  });
}

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

/** A client that creates a group with its members, and changes all memberships in one request. */
export const groupsWithMembers: GroupDialect = {
  ...usualGroups,
  createGroup: ({ displayName }, members) =>
    post('/Groups', { schemas: [urn.group], displayName, members: values(members) }),
  createsWithMembers: true,
  rename: renameWithoutPath,
  changeMembers: (id, _, change) => [patch(`/Groups/${id}`, [...additions(change.add), ...removals(change.remove)])],
};

/** A request with these operations, or none when there is nothing to change. */
export function changeOfGroup(id: string, operations: readonly PatchOperation[]): readonly Outgoing[] {
  return operations.length === 0 ? [] : [patch(`/Groups/${id}`, operations)];
}

/** The members that join without a path in one request, then a request for each that leaves. */
export const joinWithoutPath: GroupDialect['changeMembers'] = (id, _, { add, remove: leaving }) => [
  ...changeOfGroup(id, add.length === 0 ? [] : [{ op: 'add', value: { members: values(add) } }]),
  ...removals(leaving).flatMap((operation) => changeOfGroup(id, [operation])),
];
