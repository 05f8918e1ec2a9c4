import type { Mapping } from '../attribute.js';
import type { Client, Stage } from '../client.js';
import type { Dialect, GroupDialect, Subject } from '../dialect.js';
import { fullName, type DirectoryUser } from '../directory.js';
import { repeatedCycle } from '../stages/cycle.js';
import { findOne } from '../stages/find.js';
import { connectionTest, probeDiscovery, providerConfig } from '../stages/probe.js';
import { lostResponses } from '../stages/retries.js';
import { changedProfiles, changedUserNames, creation, groupChanges, lastCycle, leaving } from '../stages/sequences.js';
import { formEquals, inParts, mappingOf, patch, patchWithoutSchemas, post, put, remove, userBody } from './messages.js';
import { usualGroups, usualUsers } from './usual-requests.js';
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

/**
 * The lookup after a 409, with the name in quotes and, as versions up to 2025.8 wrote it, without. The name has
 * characters that a parser of unquoted text may refuse.
 */
const conflictLookups: Stage = {
  name: 'a conflict, and its lookup with and without quotes',
  async play(simulation) {
    const [model] = simulation.directory.users;
    if (model === undefined) return;
    const userName = `Jürgen.O'Neill.${model.externalId}@Example.com`;
    const externalId = `${model.externalId}-conflict`;
    const user = { ...model, key: 'conflict', userName, email: `conflict.${model.email}`, externalId };
    const request = simulation.dialect.createUser({ user, active: true, manager: undefined });
    const created = await simulation.send('create user', request);
    if (!simulation.hasStatus(created, [201], 'create-refused')) return;
    const { id } = created;
    simulation.hasStatus(await simulation.send('create user again', request), [409], 'conflict-unclear');
    const unquoted = encodeURIComponent(`userName eq ${userName}`).replaceAll('%20', '+');
    await findOne(simulation, 'lookup after a conflict', `/Users?filter=${formEquals('userName', userName)}`, id);
    await findOne(simulation, 'lookup after a conflict, without quotes', `/Users?filter=${unquoted}`, id);
    const deleted = await simulation.send('delete user', remove(`/Users/${id}`));
    simulation.hasStatus(deleted, [204, 200], 'delete-refused');
  },
};

/** authentik: discovery first, PUT for users, one PATCH operation for each member. */
export const authentik = (): Client => {
  /** `bulk.maxOperations` of the service: the maximum number of operations in a PATCH; below 1 there is no limit. */
  let mostOperations = 0;

  const groups: GroupDialect = {
    ...usualGroups,
    matchGroup: undefined,
    createGroup: ({ externalId, displayName }) => post('/Groups', { schemas: [urn.group], externalId, displayName }),
    createsWithMembers: false,
    rename: (id, { externalId, displayName }) =>
      // Pydantic leaves out what was not set: `schemas` of the message is a default.
      patchWithoutSchemas(`/Groups/${id}`, [
        { op: 'replace', value: { schemas: [urn.group], id, externalId, displayName } },
      ]),
    changeMembers: (id, _, { add, remove: removed }) => {
      const operations = [
        ...add.map((member) => ({ op: 'add', path: 'members', value: [{ value: member.id }] })),
        ...removed.map((member) => ({ op: 'remove', path: 'members', value: [{ value: member.id }] })),
      ];
      const size = mostOperations < 1 ? Math.max(operations.length, 1) : mostOperations;
      return inParts(operations, size).map((part) => patch(`/Groups/${id}`, part));
    },
    joinsAtOnce: true,
  };

  const dialect: Dialect = {
    ...usualUsers,
    matchUser: (user) => `/Users?filter=${formEquals('userName', user.userName)}`,
    looksUpFirst: false,
    mapping,
    createUser: (subject) => post('/Users', body(subject)),
    updateUser: (id, subject) => put(`/Users/${id}`, body(subject, { id })),
    setActive: (id, subject) => put(`/Users/${id}`, body(subject, { id })),
    groups,
  };

  return {
    id: 'authentik',
    name: 'authentik',
    confidence: 'source-code',
    reconstructed: [],
    sources: [
      'goauthentik/authentik: authentik/providers/scim/clients (base, users, groups)',
      'goauthentik/authentik issue 16455: lookup without quotes in version 2025.8',
    ],
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
      ...creation,
      repeatedCycle,
      changedProfiles,
      changedUserNames,
      ...groupChanges,
      lostResponses,
      conflictLookups,
      ...leaving({ deactivated: 'users are deactivated', deleted: 'users are removed' }),
      ...lastCycle(repeatedCycle, 'last cycle: everything is sent again'),
    ],
  };
};
