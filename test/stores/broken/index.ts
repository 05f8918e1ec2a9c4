/**
 * Stores with one mistake each, as real authors make them, written from the contract alone and without a look at the
 * cases: whoever tests stores has to find every one of them, and nothing in the sound store.
 */
import type { UserStore } from 'express-scim';
import * as filters from './filters.js';
import * as identities from './identities.js';
import * as memberships from './memberships.js';
import * as pages from './pages.js';
import { storeOf, type Table } from './sound-store.js';
import * as writes from './writes.js';

export { soundStore } from './sound-store.js';

/** A store with one mistake. */
export interface BrokenStore {
  readonly name: string;
  /** What is wrong, in one sentence. */
  readonly what: string;
  create(): UserStore;
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
];

export const brokenStores: readonly BrokenStore[] = stores.map(([name, what, make]) => ({
  name,
  what,
  create: () => storeOf(make),
}));
