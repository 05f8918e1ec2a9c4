import type { Mapping } from '../attribute.js';
import type { Client } from '../client.js';
import type { Dialect, GroupDialect } from '../dialect.js';
import type { DirectoryUser } from '../directory.js';
import { quietCycle } from '../stages/cycle.js';
import { moveMembers, renameGroups } from '../stages/groups.js';
import { importUserPages } from '../stages/paging.js';
import { connectionTest, probeDiscovery, probeList } from '../stages/probe.js';
import { lostResponses } from '../stages/retries.js';
import { changedProfiles, creation, lastCycle, leaving } from '../stages/sequences.js';
import { enterprise, mappingOf, namesOf, patch, post, userBody, values } from './messages.js';
import { renameWithPath, usualGroups, usualUsers } from './usual-requests.js';
import { urn } from '../../wire/urn.js';

const mapping = (user: DirectoryUser): Mapping =>
  mappingOf({
    ...namesOf(user),
    externalId: user.externalId,
    [enterprise('department')]: user.department,
    [enterprise('employeeNumber')]: user.employeeNumber,
  });

const groups: GroupDialect = {
  ...usualGroups,
  matchGroup: undefined,
  createGroup: ({ displayName }) => post('/Groups', { schemas: [urn.group], displayName }),
  createsWithMembers: false,
  rename: renameWithPath,
  // An entitlement is granted and revoked for one account at a time.
  changeMembers: (id, _, change) => [
    ...change.add.map((member) => patch(`/Groups/${id}`, [{ op: 'add', path: 'members', value: values([member]) }])),
    ...change.remove.map((member) =>
      patch(`/Groups/${id}`, [{ op: 'remove', path: `members[value eq "${member.id}"]` }]),
    ),
  ],
};

const dialect: Dialect = {
  ...usualUsers,
  looksUpFirst: false,
  mapping,
  createUser: ({ user, active }) => post('/Users', userBody([urn.user, urn.enterprise], mapping(user), { active })),
  updateUser: (id, _, changed) =>
    patch(
      `/Users/${id}`,
      [...changed].map(([path, value]) => ({ op: 'replace', path, value })),
    ),
  setActive: (id, { active }) => patch(`/Users/${id}`, [{ op: 'replace', path: 'active', value: active }]),
  groups,
};

/** SailPoint's SCIM 2.0 connector: five discovery endpoints, aggregation page by page, PATCH. */
export const sailpoint = (): Client => ({
  id: 'sailpoint',
  name: 'SailPoint SCIM 2.0',
  confidence: 'documented',
  reconstructed: ['the bodies of updates and of entitlements'],
  sources: ['SailPoint: SCIM 2.0 SaaS connector, prerequisites and additional settings'],
  policy: {
    headers: { 'content-type': 'application/scim+json', accept: 'application/scim+json' },
    timeoutMilliseconds: 60_000,
    attempts: 4,
    honorsRetryAfter: true,
  },
  dialect,
  consequences: {
    'discovery-incomplete': { next: '{client} cannot read the account schema, and the test of the connection fails.' },
    'page-unstable': {
      next: '{client} treats accounts that the aggregation misses as deleted, and revokes nothing of those that were returned twice.',
    },
  },
  stages: [
    connectionTest(async (simulation) => {
      await probeDiscovery(simulation, '/ServiceProviderConfig', {
        'patch.supported': 'boolean',
        'filter.maxResults': 'number',
      });
      await probeDiscovery(simulation, '/ResourceTypes', { Resources: 'array' });
      await probeDiscovery(simulation, '/ResourceTypes/User', { id: 'string', endpoint: 'string', schema: 'string' });
      await probeDiscovery(simulation, '/ResourceTypes/Group', { id: 'string', endpoint: 'string', schema: 'string' });
      await probeDiscovery(simulation, '/Schemas', { Resources: 'array' });
      await probeList(simulation, 'test the connection', '/Users?startIndex=1&count=1');
    }),
    ...creation,
    importUserPages,
    quietCycle,
    changedProfiles,
    moveMembers,
    renameGroups,
    lostResponses,
    ...leaving({
      deactivated: 'accounts are disabled',
      reactivated: 'some are enabled',
      deleted: 'accounts are deleted',
    }),
    ...lastCycle(quietCycle, 'last aggregation: nothing has changed'),
  ],
});
