import { describe, expect, it } from '@jest/globals';
import type { UserStore } from '../../src/index.js';
import { runStoreCases, type StoreTestOptions } from '../../src/testing/index.js';
import { brokenStores, outboxStore, soundStatements, soundStore } from '../stores/broken/index.js';
import { storeOf } from '../stores/broken/sound-store.js';
import { VersionFromTheContent } from '../stores/broken/values.js';
import { moreBrokenStores } from './broken-stores.js';

/** The test cases that must catch each mistake; others may catch it too. */
const caughtBy: Readonly<Record<string, readonly string[]>> = {
  'lost-update': ['versions-compare-and-swap', 'versions-stale', 'versions-before-name', 'deletion-version'],
  'version-race': ['versions-compare-and-swap', 'races-group-compare-and-swap'],
  'delete-any-version': ['deletion-version', 'groups-version', 'faults-refused'],
  'whole-row': ['versions-unconditional'],
  'clock-version': ['versions-compare-and-swap', 'versions-stale', 'versions-moves', 'changes-set-and-unset'],
  'always-changed': ['versions-nothing-changes', 'members-same', 'members-only', 'members-pending'],
  'key-order': ['versions-nothing-changes'],
  'case-sensitive': ['uniqueness-parallel', 'uniqueness-letter-case', 'uniqueness-change', 'uniqueness-frees'],
  'check-then-insert': ['uniqueness-parallel', 'races-rename-and-creation'],
  'rename-unchecked': [
    'uniqueness-change',
    'uniqueness-parallel-change',
    'races-rename-and-creation',
    'faults-refused',
  ],
  'old-name-taken': ['uniqueness-frees'],
  'deleted-name-taken': ['identity-never-again', 'uniqueness-deleted', 'races-change-and-deletion'],
  'half-applied': ['members-reject', 'races-group-compare-and-swap', 'faults-refused'],
  'unset-forgotten': ['changes-set-and-unset', 'changes-extension'],
  'unset-null': ['versions-nothing-changes', 'changes-set-and-unset', 'changes-extension'],
  'merged-objects': ['changes-extension', 'changes-whole-values'],
  'shared-state': ['identity-own-copy', 'changes-returned'],
  'absent-throws': ['identity-unknown-0', 'identity-unknown-1', 'identity-unknown-2', 'identity-unknown-3'],
  'wrong-order-of-checks': ['versions-before-name', 'members-version-first'],
  'leaking-get': ['identity-unknown-0', 'identity-groups'],
  'leaking-list': ['identity-groups', 'filters-tenant'],
  'leaking-update': ['identity-unknown-0', 'identity-groups'],
  'leaking-delete': ['identity-unknown-0', 'identity-groups'],
  'leaking-keys': ['identity-tenant-names'],
  'leaking-names': ['identity-names-of'],
  'leaking-members': ['members-foreign'],
  'forbidden-id': ['identity-unknown-0', 'identity-groups', 'identity-names-of'],
  'shared-ids': ['groups-ids', 'groups-groups-of', 'groups-indirect', 'members-foreign'],
  'reused-ids': ['identity-never-again', 'uniqueness-deleted'],
  'members-replaced': ['members-parallel', 'members-parallel-mixed', 'members-delta'],
  'members-race': ['members-parallel', 'members-parallel-mixed'],
  'absent-member': ['members-same'],
  'member-again': ['groups-create', 'members-same', 'members-reported', 'members-only'],
  'only-adds': ['members-only', 'races-only'],
  'only-touches': ['members-only'],
  'first-members': ['groups-create', 'groups-groups-of', 'groups-indirect', 'members-same'],
  'unknown-taken': ['members-reject', 'members-reject-names-all', 'members-foreign', 'members-race-with-deletion'],
  'first-unknown': ['members-reject-names-all'],
  'unknown-dropped': ['members-pending'],
  'memberships-left': ['members-deleted-user', 'members-race-with-deletion', 'races-group-and-deletion'],
  'group-version': ['members-deleted-user'],
  'members-no-change': ['members-parallel', 'members-version-moves', 'members-only', 'members-pending'],
  'members-unwanted': ['groups-selection', 'filters-groups-by-member', 'projections-members-of-writes'],
  'nested-direct': ['groups-indirect'],
  'heap-order': ['races-cursor-growing', 'order-stable', 'pages-cursor-deleted'],
  'no-tie': ['order-reversed', 'pages-cursor-1', 'pages-cursor-2'],
  'any-tie': ['order-reversed', 'pages-whole-1', 'pages-whole-2', 'pages-cursor-1'],
  'page-total': ['races-pages-growing', 'pages-whole-0', 'pages-whole-1', 'pages-whole-2'],
  'unfiltered-total': ['filters-eq', 'filters-eq-exact', 'filters-eq-exact-case', 'filters-eq-boolean'],
  'zero-limit': ['pages-count-only'],
  'offset-from-one': ['pages-whole-0', 'pages-whole-1', 'pages-whole-2', 'pages-count-only'],
  'missing-first': ['order-ascending', 'order-descending'],
  'second-key': ['order-two-keys'],
  descending: ['order-descending', 'order-reversed', 'order-two-keys'],
  backwards: ['pages-cursor-backward-0', 'pages-cursor-backward-1', 'pages-cursor-backward-2'],
  'row-cursor': ['pages-cursor-deleted'],
  some: ['filters-some'],
  not: ['filters-not', 'filters-groups-by-member', 'filters-users-by-group'],
  'case-filter': ['filters-eq', 'filters-sw', 'filters-gt', 'filters-ge'],
  prefix: ['filters-co', 'filters-ew', 'filters-some-not'],
  'equals-only': ['filters-co', 'filters-co-wildcard', 'filters-sw', 'filters-ew'],

  wildcards: ['user-filters-sw-wildcards', 'user-filters-ew-wildcards', 'user-filters-co-wildcards'],

  'leaking-count': ['user-tenants-list', 'group-tenants-list'],
  'leaking-cursor': ['user-tenants-list', 'group-tenants-list'],
  'leaking-groups-of': ['groups-groups-of', 'memberships-tenants'],
  'leaking-deletion': ['memberships-tenants-pending'],
  'leaking-changed-keys': ['user-keys-tenants'],
  'leaking-version': ['user-tenants-get', 'group-tenants-get'],
  'users-by-id': ['user-tenants-eq-id'],
  'users-by-externalId': ['user-tenants-eq-externalId'],
  'users-by-userName': ['user-tenants-eq-userName'],
  'users-by-displayName': ['user-tenants-eq-displayName'],
  'users-by-group': ['memberships-tenants'],
  'groups-by-id': ['group-tenants-eq-id'],
  'groups-by-externalId': ['group-tenants-eq-externalId'],
  'groups-by-displayName': ['group-tenants-eq-displayName'],
  'groups-by-members.value': ['memberships-tenants'],
  'group-names': ['group-tenants-names-of'],

  'no-roles': ['create-keeps-roles'],
  'no-entitlements': ['create-keeps-entitlements'],
  'no-ims': ['create-keeps-ims'],
  'no-photos': ['create-keeps-photos'],
  'no-certificates': ['create-keeps-x509Certificates'],
  'one-key': ['user-keys-taken', 'user-keys-parallel'],
  'unset-keys-kept': ['user-keys-freed-by-unset'],
  'keys-replaced': ['user-keys-kept'],
  'numeric-version': ['user-versions-text', 'group-versions-text'],
  'content-version': ['versions-moves', 'user-versions-move', 'group-versions-move'],
  'driver-times': ['user-versions-times', 'group-versions-times'],
  'last-modified': ['user-versions-last-modified', 'group-versions-last-modified'],
  'members-before': ['memberships-after-write'],
  'member-type': ['memberships-type'],
  'unknown-before-absent': ['memberships-absent-first'],
  'deleted-group-stays': ['memberships-deleted-group'],
  circle: ['memberships-circle'],
  'ignored-unnamed': ['memberships-ignore'],
  'members-lost': ['memberships-kept-by-rename'],

  'group-whole-row': ['group-writes-lost-update', 'group-writes-lost-unset'],
  'group-unset': ['group-writes-unset'],
  'group-merged': ['group-writes-whole-values'],
  'group-always-changed': ['group-writes-no-op'],
  'group-external-id': ['group-writes-keeps-externalId'],
  'group-extension': ['group-writes-keeps-test'],
  'group-filter': ['group-filters-eq', 'group-filters-totals'],
  'group-row-cursor': ['group-pages-cursor-deleted'],
  'group-version-race': ['group-versions-compare-and-swap'],
  'group-names-cached': ['memberships-names-of'],
  'member-index': ['memberships-lookup-now'],
  'group-restored': ['group-writes-not-restored'],
  'group-no-op-version': ['group-versions-stale'],
  'group-version-read': ['group-versions-parallel'],
  'group-before': ['group-writes-rest-stays'],
  'group-cursor-order': ['group-pages-cursor-filtered-order'],
  'many-names': ['memberships-many-ids'],
  'group-order': ['group-pages-order-descending'],
  'group-total': ['group-pages-index-none', 'group-filters-totals'],

  'outbox-refused': ['user-outbox-refused', 'group-outbox-refused'],
  'outbox-after': ['user-outbox-fault', 'group-outbox-fault'],
  'outbox-no-members': ['memberships-events'],
  'outbox-two-members': ['memberships-events'],
  'outbox-no-rename': ['memberships-events', 'group-outbox-once'],
  'outbox-two-renames': ['memberships-events', 'group-outbox-once'],
  'outbox-no-op': ['user-outbox-no-op', 'group-outbox-no-op'],
  'outbox-first': ['user-outbox-several', 'group-outbox-several'],
  'outbox-deletion': ['user-outbox-once', 'group-outbox-once'],
  'retried-half': ['faults-update-group'],
  'retried-deletion': ['faults-delete', 'user-faults-delete'],

  'unstable pages': ['order-stable', 'pages-whole-0'],
  'endless cursor': ['pages-cursor-0', 'pages-cursor-ends', 'random-filters'],
  'not of null': ['filters-not'],
  'an error for the unknown': ['identity-unknown-1', 'deletion-invisible'],
  'a fault after the fact': ['faults-create'],
  'breakAt of no effect': ['faults-update', 'faults-delete-group'],
  'deaf to checks': ['checks-before', 'checks-after', 'checks-order', 'checks-counts', 'checks-errors'],
  'check outside of the lock': ['checks-after', 'checks-one-at-a-time', 'checks-counts'],
  'target forgotten': ['checks-target-first', 'checks-order'],
  'version of SCIM alone': ['versions-foreign-write'],
};

const all = [...brokenStores, ...moreBrokenStores];

const contentStore = (): UserStore => storeOf(VersionFromTheContent);

// The seed does not depend on SCIM_TEST_SEED: the question is whether the suite can catch a mistake, not how soon.
async function failures(name: string, create: StoreTestOptions['create'], only?: readonly string[]) {
  const results = await runStoreCases({ name, create, only, randomRuns: 50, seed: 1 });
  return results.filter(({ status }) => status === 'failed');
}

describe('the store test suite', () => {
  it.each<readonly [string, StoreTestOptions['create']]>([
    ['a correct store', soundStore],
    ['one with an outbox', () => outboxStore()],
    ['one whose statements fail', soundStatements],
    ['one with versions of the content, which says so', () => ({ store: contentStore(), contentVersions: true })],
  ])('passes %s that it has never seen', async (name, create) => {
    expect(await failures(name, create)).toEqual([]);
  });

  it.each(all.map((store) => [store.name, store.what, store] as const))('catches %s: %s', async (name, _, store) => {
    const expected = caughtBy[name] ?? [];
    const failed = await failures(name, () => store.create(), expected);
    expect(expected).not.toEqual([]);
    expect(failed.map((each) => each.case.id)).toEqual(expect.arrayContaining([...expected]));
    for (const { message } of failed) {
      expect(message).toMatch(/What the store did: .+\n.+What the contract says: .+\n.+Why it matters: /);
    }
  });

  it.each(['case-filter', 'missing-first', 'equals-only', 'descending'])(
    'catches %s with random filters too, and reports filter, users and seed',
    async (name) => {
      const store = all.find((each) => each.name === name);
      const [failure] = await failures(name, () => store?.create() ?? soundStore(), ['random']);
      expect(failure?.message).toMatch(
        /what .+ (?:pr|eq|co|sw|ew|gt|ge|lt|le).* finds, sorted by .+; the users: User0.+\(repeat with seed: 1, randomRuns: 50\)/,
      );
    },
  );

  it('catches more than a hundred mistakes, and names each', () => {
    expect(all.length).toBeGreaterThan(100);
    expect(Object.keys(caughtBy).sort()).toEqual(all.map(({ name }) => name).sort());
  });
});
