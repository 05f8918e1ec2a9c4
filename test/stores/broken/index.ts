/**
 * Stores with one mistake each, as real authors make them, written from the contract alone and without a look at the
 * cases: whoever tests stores has to find every one of them, and nothing in the sound store.
 */
import type { UserStore } from 'express-scim';
import * as caches from './caches.js';
import * as filters from './filters.js';
import * as identities from './identities.js';
import * as leaks from './leaks.js';
import * as memberships from './memberships.js';
import * as pages from './pages.js';
import { storeOf, Table } from './sound-store.js';
import { outboxStore, retriedDeletion, retriedHalf } from './transactions.js';
import * as values from './values.js';
import * as writes from './writes.js';
import type { StoreUnderTest } from '../../../src/testing/index.js';

export { soundStore } from './sound-store.js';
export { outboxStore, soundStatements } from './transactions.js';

/** A store with one mistake. */
export interface BrokenStore {
  readonly name: string;
  /** What is wrong, in one sentence. */
  readonly what: string;
  create(): UserStore | StoreUnderTest;
}

const stores: readonly (readonly [name: string, what: string, make: typeof Table])[] = [
  ['lost-update', 'ifVersion is never compared', writes.VersionIgnored],
  ['version-race', 'ifVersion is compared before the write and not inside it', writes.VersionComparedBeforeTheWrite],
  ['delete-any-version', 'delete does not compare ifVersion', writes.VersionIgnoredByDelete],
  ['whole-row', 'a blind update reads the row, and writes all of it back', writes.WholeRowWritten],
  ['clock-version', 'the version is the second of the last write', writes.VersionFromTheClock],
  ['always-changed', 'an update of nothing gives a new version and lastModified', writes.EveryUpdateIsAChange],
  ['key-order', 'an object with its members in another order counts as a change', writes.ComparedAsText],
  ['case-sensitive', 'the unique index holds userName as it was sent', writes.CaseSensitiveKeys],
  ['check-then-insert', 'a lookup before the insert decides whether a name is taken', writes.LookedUpBeforeTheInsert],
  ['rename-unchecked', 'an update takes a name that another has', writes.RenamesUnchecked],
  ['old-name-taken', 'a name that was given up by a rename stays taken', writes.OldKeysKept],
  ['deleted-name-taken', 'the name of a deleted resource stays taken', writes.SoftDeletedKeysKept],
  ['half-applied', 'attributes are written although the members are refused', writes.HalfApplied],
  ['unset-forgotten', 'unset clears nothing', writes.UnsetForgotten],
  ['unset-null', 'unset stores null', writes.UnsetStoresNull],
  ['merged-objects', 'a new value of a complex attribute is merged into the old one', writes.ObjectsMerged],
  ['shared-state', 'a later change is seen in an object that was returned before it', writes.WrittenInPlace],
  ['absent-throws', 'update throws for an unknown id', writes.AbsentThrows],
  ['wrong-order-of-checks', 'a conflict is reported before a version mismatch', writes.ConflictBeforeVersion],
  ['leaking-get', 'get forgets the tenant', identities.GetForgetsTenant],
  ['leaking-list', 'list forgets the tenant', identities.ListForgetsTenant],
  ['leaking-update', 'update forgets the tenant', identities.UpdateForgetsTenant],
  ['leaking-delete', 'delete forgets the tenant', identities.DeleteForgetsTenant],
  ['leaking-keys', 'a name is unique over all tenants', identities.KeysForgetTenant],
  ['leaking-names', 'namesOf forgets the tenant', identities.NamesForgetTenant],
  ['leaking-members', 'a resource of another tenant can become a member', identities.MembersOfAnyTenant],
  ['forbidden-id', 'an id of another tenant is an error and not an absence', identities.ForeignIdForbidden],
  ['shared-ids', 'users and groups count their ids separately', identities.IdsSharedByBothTables],
  ['reused-ids', 'the id of the last one that was deleted is given again', identities.IdsUsedAgain],
  ['members-replaced', 'adding members replaces those who were there', memberships.MembersReplaced],
  ['members-race', 'the list of members is read, changed and written back', memberships.MembersReadThenWritten],
  ['absent-member', 'removing who is no member throws', memberships.AbsentMemberRefused],
  ['member-again', 'adding who is a member already counts as a change', memberships.PresentMemberAddedAgain],
  ['only-adds', '`only` removes nobody', memberships.OnlyAdds],
  ['only-touches', '`only` removes and adds those who stay', memberships.OnlyTouchesWhoStays],
  ['first-members', 'create forgets the members', memberships.FirstMembersForgotten],
  ['unknown-taken', 'unknown members are taken where they are to be rejected', memberships.UnknownMembersTaken],
  ['first-unknown', 'only the first of the unknown members is named', memberships.FirstUnknownNamed],
  ['unknown-dropped', 'unknown members are dropped where they are to be kept', memberships.UnknownMembersDropped],
  ['memberships-left', 'deletion leaves the memberships', memberships.MembershipsLeft],
  ['group-version', 'a group that loses a deleted member keeps its version', memberships.GroupVersionKept],
  ['members-no-change', 'a change of members alone is no change of the group', memberships.MembersLeaveVersion],
  ['members-unwanted', 'members are read where nobody wants them', memberships.MembersAlwaysRead],
  ['nested-direct', 'a group reached through another is called direct', memberships.NestedIsDirect],
  ['heap-order', 'without a sort key an update moves a resource to the end', pages.OrderOfTheHeap],
  ['no-tie', 'the next page begins after all equal sort values', pages.TiesWithoutId],
  ['any-tie', 'equal sort values come in another order on each page', pages.TiesInAnyOrder],
  ['page-total', 'totalResults is the length of the page', pages.PageCountedAsTotal],
  ['unfiltered-total', 'totalResults counts without the filter', pages.TotalWithoutFilter],
  ['zero-limit', 'a limit of 0 is taken for no limit', pages.ZeroIsNoLimit],
  ['offset-from-one', 'offset is taken for a startIndex that counts from 1', pages.OffsetFromOne],
  ['missing-first', 'a missing sort value counts as the least', pages.MissingSortsAsLeast],
  ['second-key', 'only the first sort key is used', pages.SecondSortKeyIgnored],
  ['descending', 'descending is ignored', pages.DescendingIgnored],
  ['backwards', 'a page before a position is the first page', pages.BackwardsFromTheStart],
  ['row-cursor', 'a cursor is a row number, and slips when rows come and go', pages.CursorCountsRows],
  ['some', 'each part of a value path may be satisfied by another value', filters.SomeOfAnyValue],
  ['not', '`not` over several values holds when one of them does not satisfy', filters.NotOfAnyValue],
  ['case-filter', 'filters compare text as it was sent', filters.CaseSensitiveFilter],
  ['prefix', '`co` and `ew` look at the beginning only', filters.PrefixOnly],
  ['equals-only', '`equals` is taken for the whole filter', filters.EqualsOnly],
  ['wildcards', '% and _ of a literal are wildcards', filters.Wildcards],

  ['leaking-count', 'a count forgets the tenant', leaks.CountForgetsTenant],
  ['leaking-cursor', 'a page by cursor forgets the tenant', leaks.CursorForgetsTenant],
  ['leaking-groups-of', 'groupsOf forgets the tenant', leaks.GroupsOfForgetsTenant],
  ['leaking-deletion', 'a deletion takes pending members of other tenants away', leaks.LeavesGroupsOfEveryTenant],
  ['leaking-changed-keys', 'a changed name is unique over all tenants', leaks.ChangedKeysForgetTenant],
  ['leaking-version', 'an update with a version forgets the tenant', leaks.VersionReplacesTenant],

  ['no-roles', 'roles are dropped', values.dropping('roles')],
  ['no-entitlements', 'entitlements are dropped', values.dropping('entitlements')],
  ['no-ims', 'ims are dropped', values.dropping('ims')],
  ['no-photos', 'photos are dropped', values.dropping('photos')],
  ['no-certificates', 'x509Certificates are dropped', values.dropping('x509Certificates')],
  ['one-key', 'only userName is unique, and `supports.keys` does not say so', values.OnlyUserNameIsUnique],
  ['unset-keys-kept', 'a unique value that is unassigned stays taken', values.UnsetKeysKept],
  ['keys-replaced', 'a change of one unique value frees the others', values.KeysReplacedWhole],
  ['numeric-version', 'the version is a number', values.NumericVersion],
  ['content-version', 'the version is a hash of the content, without saying so', values.VersionFromTheContent],
  ['driver-times', 'times are what the driver prints', values.TimesOfTheDriver],
  ['last-modified', 'lastModified never moves', values.LastModifiedStays],
  ['members-before', 'update returns the members from before the write', values.MembersBeforeTheWrite],
  ['member-type', 'every member has the type User', values.EveryMemberIsAUser],
  ['unknown-before-absent', 'unknown members are reported of an unknown group', values.UnknownMembersBeforeAbsence],
  ['deleted-group-stays', 'a deleted group stays a member of its parent', values.DeletedGroupsStayMembers],
  ['circle', 'groups that contain each other never end', values.CirclesNeverEnd],
  ['ignored-unnamed', 'members that are skipped are not named', values.IgnoredMembersUnnamed],
  ['members-lost', 'a new name takes the members away', values.MembersLostByRename],
];

/** Mistakes in one of the two tables only. */
const oneSided: readonly (readonly [name: string, what: string, users: typeof Table, groups: typeof Table])[] = [
  ...['id', 'externalId', 'userName', 'displayName'].map(
    (path) => [`users-by-${path}`, `${path} eq forgets the tenant of users`, leaks.leakingLookup(path), Table] as const,
  ),
  ...['id', 'externalId', 'displayName', 'members.value'].map(
    (path) =>
      [`groups-by-${path}`, `${path} eq forgets the tenant of groups`, Table, leaks.leakingLookup(path)] as const,
  ),
  ['users-by-group', 'groups.value eq forgets the tenant of users', leaks.leakingLookup('groups.value'), Table],
  ['group-names', 'namesOf of groups forgets the tenant', Table, identities.NamesForgetTenant],
  ['group-whole-row', 'an unconditional update of a group writes all of it back', Table, writes.WholeRowWritten],
  ['group-unset', 'unset clears nothing of a group', Table, writes.UnsetForgotten],
  ['group-merged', 'a new extension of a group is merged into the old one', Table, writes.ObjectsMerged],
  ['group-always-changed', 'an update of nothing gives a group a new version', Table, writes.EveryUpdateIsAChange],
  ['group-external-id', 'externalId of a group is dropped', Table, values.dropping('externalId')],
  ['group-extension', 'an extension of a group is dropped', Table, values.dropping('urn:')],
  ['group-filter', 'a filter of groups is ignored', Table, filters.FilterIgnored],
  ['group-row-cursor', 'a cursor of groups is a row number', Table, pages.CursorCountsRows],
  [
    'group-version-race',
    'ifVersion of a group is compared before the write',
    Table,
    writes.VersionComparedBeforeTheWrite,
  ],
  ['group-names-cached', 'namesOf of groups returns old names', Table, caches.NamesCached],
  ['member-index', 'an index of members keeps those who left', Table, caches.MemberIndexKept],
  ['group-restored', 'a change of a group that is being deleted brings it back', Table, caches.DeletedRowWritten],
  [
    'group-no-op-version',
    'ifVersion is not compared where a group would not change',
    Table,
    caches.NoOpsBeforeVersions,
  ],
  [
    'group-version-read',
    'the next version of a group is made of one read before',
    Table,
    caches.VersionReadBeforeTheWrite,
  ],
  ['group-before', '`before` of a group is what it is afterwards', Table, caches.BeforeIsAfter],
  [
    'group-cursor-order',
    'a filtered page of groups by cursor has no order',
    Table,
    caches.OrderIgnoredByFilteredCursor,
  ],
  ['many-names', 'namesOf takes 999 ids', caches.TooManyParameters, Table],
  ['group-order', 'groups are not sorted in descending order', Table, pages.DescendingIgnored],
  ['group-total', 'totalResults of groups is the length of the page', Table, pages.PageCountedAsTotal],
];

/** Mistakes that show only with an outbox, or with statements that fail. */
const besides: readonly (readonly [name: string, what: string, create: () => StoreUnderTest])[] = [
  ['outbox-refused', 'a refused write leaves its event', () => outboxStore({ keepsRolledBack: true })],
  ['outbox-after', 'events are made after the commit', () => outboxStore({ afterCommit: true })],
  ['outbox-no-members', 'a change of members leaves no event', () => outboxStore({ ofMembers: 0 })],
  ['outbox-two-members', 'a change of members leaves two events', () => outboxStore({ ofMembers: 2 })],
  ['outbox-no-rename', 'a new name of a group leaves no event', () => outboxStore({ ofRenames: 0 })],
  ['outbox-two-renames', 'a new name of a group leaves two events', () => outboxStore({ ofRenames: 2 })],
  ['outbox-no-op', 'an update of nothing leaves an event', () => outboxStore({ ofNoOps: true })],
  ['outbox-first', 'only the first event of a write is saved', () => outboxStore({ firstOnly: true })],
  ['outbox-deletion', 'a deletion leaves no event', () => outboxStore({ notOfDeletions: true })],
  ['retried-half', 'a lasting error after the attributes leaves half a change; one error is retried', retriedHalf],
  ['retried-deletion', 'a lasting error after the row leaves half a deletion; one error is retried', retriedDeletion],
];

export const brokenStores: readonly BrokenStore[] = [
  ...stores.map(([name, what, make]) => ({ name, what, create: () => storeOf(make) })),
  ...oneSided.map(([name, what, users, groups]) => ({ name, what, create: () => storeOf(users, groups) })),
  ...besides.map(([name, what, create]) => ({ name, what, create })),
];
