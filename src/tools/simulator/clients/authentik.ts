import type { Mapping } from '../attribute.js';
import type { Client, Dialect, GroupDialect, Subject } from '../client.js';
import type { Outgoing } from '../session.js';
import { everyOf, fullName, type DirectoryUser, renamed, yearLater } from '../directory.js';
import { repeatedCycle } from '../stages/cycle.js';
import { createGroups, deleteGroups, joinMembers, moveMembers, renameGroups, unknownMember } from '../stages/groups.js';
import { connectionTest, probeDiscovery, providerConfig } from '../stages/probe.js';
import { lostResponses } from '../stages/retries.js';
import { createUsers, deleteUsers, setActive, updateUsers } from '../stages/users.js';
import { formEquals, mappingOf, post, put, remove, userBody } from './messages.js';
import { urn } from '../../wire/urn.js';

const mapping = (user: DirectoryUser): Mapping =>
  mappingOf({
    userName: user.userName,
    externalId: user.externalId,
    'name.formatted': fullName(user),
    'name.givenName': user.givenName,
    'name.familyName': user.familyName,
    displayName: fullName(user),
    locale: user.locale.slice(0, 2),
    'emails[type eq "other"].value': user.email,
  });

const body = ({ user, active }: Subject, more: object = {}) =>
  userBody([urn.user], mapping(user), {
    active,
    photos: [{ value: 'https://www.example.com/avatar.png', type: 'photo' }],
    ...more,
  });

/** Its serializer leaves out members that have their default value, and `schemas` of a PatchOp is one. */
const patch = (path: string, operations: readonly object[]): Outgoing => ({
  method: 'PATCH',
  path,
  body: { Operations: operations },
});

/** authentik: discovery first, PUT for users, one PATCH operation for each member. */
export const authentik = (): Client => {
  /** `bulk.maxOperations` of the service: the maximum number of operations in a PATCH; below 1 there is no limit. */
  let mostOperations = 0;

  const groups: GroupDialect = {
    matchGroup: undefined,
    readGroup: (id) => `/Groups/${id}`,
    createGroup: ({ externalId, displayName }) => post('/Groups', { schemas: [urn.group], externalId, displayName }),
    createsWithMembers: false,
    rename: (id, { externalId, displayName }) =>
      patch(`/Groups/${id}`, [{ op: 'replace', value: { schemas: [urn.group], id, externalId, displayName } }]),
    changeMembers: (id, _, { add, remove: removed }) => {
      const operations = [
        ...add.map((member) => ({ op: 'add', path: 'members', value: [{ value: member.id }] })),
        ...removed.map((member) => ({ op: 'remove', path: 'members', value: [{ value: member.id }] })),
      ];
      const size = mostOperations < 1 ? Math.max(operations.length, 1) : mostOperations;
      const count = Math.ceil(operations.length / size);
      return Array.from({ length: count }, (__, part) =>
        patch(`/Groups/${id}`, operations.slice(part * size, (part + 1) * size)),
      );
    },
    bursts: true,
    deleteGroup: (id) => remove(`/Groups/${id}`),
  };

  const dialect: Dialect = {
    matchUser: (user) => `/Users?filter=${formEquals('userName', user.userName)}`,
    looksUpFirst: false,
    readUser: (id) => `/Users/${id}`,
    readsBeforeUpdate: false,
    mapping,
    createUser: (subject) => post('/Users', body(subject)),
    updateUser: (id, subject) => put(`/Users/${id}`, body(subject, { id })),
    setActive: (id, subject) => put(`/Users/${id}`, body(subject, { id })),
    manager: 'none',
    deleteUser: (id) => remove(`/Users/${id}`),
    groups,
  };

  return {
    id: 'authentik',
    name: 'authentik',
    confidence: 'source-code',
    reconstructed: [],
    sources: ['goauthentik/authentik: authentik/providers/scim/clients (base, users, groups)'],
    policy: {
      headers: {
        'content-type': 'application/scim+json',
        accept: 'application/scim+json',
        'user-agent': 'goauthentik.io',
      },
      contentTypeAlways: true,
      timeoutMilliseconds: 30_000,
      attempts: 4,
      honorsRetryAfter: true,
    },
    dialect,
    consequences: {
      'discovery-incomplete': {
        severity: 'warning',
        consequence: 'delay',
        next: '{client} uses its defaults for what ServiceProviderConfig does not contain.',
      },
    },
    stages: [
      connectionTest(async (simulation) => {
        const config = await probeDiscovery(simulation, '/ServiceProviderConfig', providerConfig);
        const { bulk } = config;
        const most = typeof bulk === 'object' && bulk !== null && 'maxOperations' in bulk ? bulk.maxOperations : 0;
        mostOperations = typeof most === 'number' ? most : 0;
      }),
      createUsers,
      createGroups,
      joinMembers,
      repeatedCycle,
      updateUsers('users change', (accounts) => everyOf(accounts, 2), yearLater),
      updateUsers('users get another userName', (accounts) => everyOf(accounts, 5, 1), renamed),
      moveMembers,
      unknownMember,
      renameGroups,
      lostResponses,
      setActive('users are deactivated', false, (accounts) => everyOf(accounts, 3)),
      setActive('some come back', true, (accounts) =>
        everyOf(
          accounts.filter(({ active }) => !active),
          2,
        ),
      ),
      deleteUsers('users are removed', (accounts) => accounts.filter(({ active }) => !active)),
      deleteGroups,
      { ...repeatedCycle, name: 'last cycle: everything is sent again' },
    ],
  };
};
