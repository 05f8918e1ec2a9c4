import type { Mapping } from '../attribute.js';
import type { Client, Stage } from '../client.js';
import type { Dialect, GroupDialect } from '../dialect.js';
import type { DirectoryUser, Team } from '../directory.js';
import { isLinked, linkedAccounts, membersOf } from '../simulation.js';
import { checkAccount, checkGroup } from '../stages/check.js';
import { repeatedCycle } from '../stages/cycle.js';
import { findOne } from '../stages/find.js';
import { importUserPages } from '../stages/paging.js';
import { connectionTest, probeDiscovery, providerConfig } from '../stages/probe.js';
import { lostResponses } from '../stages/retries.js';
import { changedProfiles, changedUserNames, creation, groupChanges, lastCycle, leaving } from '../stages/sequences.js';
import { formEquals, mappingOf, namesOf, patch, post, put, userBody, values } from './messages.js';
import { additions, removals, usualGroups, usualUsers } from './usual-requests.js';
import { urn } from '../../wire/urn.js';

const mapping = (user: DirectoryUser): Mapping =>
  mappingOf({ ...namesOf(user), externalId: user.externalId, title: user.title });

/** An operation without a path whose value is the resource as JSON text. */
const asText = (resource: object) => ({ op: 'replace', value: JSON.stringify({ schemas: [urn.group], ...resource }) });

const names = ({ externalId, displayName }: Team) => ({ externalId, displayName });

const groups: GroupDialect = {
  ...usualGroups,
  matchGroup: undefined,
  createGroup: (team, members) => post('/Groups', { schemas: [urn.group], ...names(team), members: values(members) }),
  createsWithMembers: true,
  rename: (id, { displayName }) => patch(`/Groups/${id}`, [asText({ displayName })]),
  changeMembers: (id, _, change) => [patch(`/Groups/${id}`, [...removals(change.remove), ...additions(change.add)])],
};

const replace: Dialect['setActive'] = (id, { user, active }) =>
  put(`/Users/${id}`, userBody([urn.user], mapping(user), { id, active }));

const dialect: Dialect = {
  ...usualUsers,
  matchUser: (user) => `/Users?filter=${formEquals('userName', user.userName)}`,
  looksUpFirst: false,
  mapping,
  createUser: ({ user, active }) => post('/Users', userBody([urn.user], mapping(user), { active })),
  updateUser: (id, subject) => replace(id, subject, undefined),
  setActive: replace,
  groups,
};

/** A group that exists already: its names as JSON text and the changes of members are one PATCH, all or nothing. */
const reconciledGroups: Stage = {
  name: 'groups that exist already are reconciled',
  async play(simulation) {
    const accounts = linkedAccounts(simulation);
    await simulation.each(simulation.groups.filter(isLinked), async (group) => {
      const filter = formEquals('displayName', group.team.displayName);
      await findOne(simulation, 'match group', `/Groups?filter=${filter}`, group.id);
      const [leaving] = group.members;
      const joining = accounts.find(({ user }) => !group.members.has(user.key))?.user.key;
      const members = new Set(group.members);
      if (leaving !== undefined) members.delete(leaving);
      if (joining !== undefined) members.add(joining);
      const request = patch(`/Groups/${group.id}`, [
        asText(names(group.team)),
        ...membersOf(simulation, leaving === undefined ? [] : [leaving]).map(({ id }) => ({
          op: 'remove',
          path: `members[value eq "${id}"]`,
        })),
        ...(joining === undefined
          ? []
          : [{ op: 'add', path: 'members', value: values(membersOf(simulation, [joining])) }]),
      ]);
      const response = await simulation.send('reconcile group', request);
      if (!simulation.hasStatus(response, [200, 204], 'membership-refused')) return;
      group.members = members;
      await checkGroup(simulation, group);
    });
  },
};

/**
 * SCIM-SDK wrote values as lists of one: that of an operation without a path up to 1.17, that of a path with a single
 * value up to 1.33.
 */
const listsOfOne: Stage = {
  name: 'values as lists of one, as older versions of SCIM-SDK write them',
  async play(simulation) {
    const group = simulation.groups.find(isLinked);
    if (group !== undefined) {
      const before = group.team;
      group.team = { ...before, displayName: `${before.displayName} (list)` };
      const value = [{ displayName: group.team.displayName }];
      const request = patch(`/Groups/${group.id}`, [{ op: 'replace', value }]);
      const response = await simulation.send('rename group by a list of one', request);
      if (simulation.hasStatus(response, [200, 204], 'update-refused')) {
        await checkGroup(simulation, group, before.displayName);
      } else group.team = before;
    }
    const [account] = linkedAccounts(simulation);
    if (account === undefined) return;
    const before = account.user;
    account.user = { ...before, title: `${before.title} II` };
    const request = patch(`/Users/${account.id}`, [{ op: 'replace', path: 'title', value: [account.user.title] }]);
    const response = await simulation.send('update user by a list of one', request);
    if (simulation.hasStatus(response, [200, 204], 'update-refused')) {
      await checkAccount(simulation, account, mapping(before));
    } else account.user = before;
  },
};

/** SCIM for Keycloak, and other callers of SCIM-SDK: the attributes of a group as JSON text, in a PATCH without a path. */
export const scimSdk = (): Client => ({
  id: 'scim-sdk',
  name: 'SCIM for Keycloak (SCIM-SDK)',
  confidence: 'observed',
  reconstructed: ['the requests for users', 'the connection test', 'deletion'],
  sources: [
    'Captain-P-Goldfish/scim-for-keycloak issues 133 and 172: recorded changes of groups',
    'Captain-P-Goldfish/SCIM-SDK: scim-sdk-client, PatchRequestOperation, and issue 968',
  ],
  policy: {
    headers: { 'content-type': 'application/scim+json', accept: 'application/scim+json' },
    contentTypeAlways: true,
    timeoutMilliseconds: 10_000,
    attempts: 1,
    honorsRetryAfter: false,
    // The SDK takes a response of another type as a failure.
    requiredType: 'application/scim+json',
  },
  dialect,
  consequences: {
    'wrong-type': {
      consequence: 'drift',
      next: '{client} treats a response of another Content-Type as failed, although the server did what it was asked.',
    },
    'membership-refused': {
      next: '{client} sends the names of a group and its members in one request: when it is rejected, the members are lost too.',
    },
  },
  stages: [
    connectionTest(async (simulation) => {
      await probeDiscovery(simulation, '/ServiceProviderConfig', providerConfig);
    }),
    ...creation,
    importUserPages,
    repeatedCycle,
    changedProfiles,
    changedUserNames,
    ...groupChanges,
    reconciledGroups,
    listsOfOne,
    lostResponses,
    ...leaving({ deactivated: 'users are disabled' }),
    ...lastCycle(repeatedCycle, 'last cycle: everything is sent again'),
  ],
});
