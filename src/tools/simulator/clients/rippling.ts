import type { Mapping } from '../attribute.js';
import type { Client } from '../client.js';
import type { Dialect } from '../dialect.js';
import type { DirectoryUser } from '../directory.js';
import { quietCycle } from '../stages/cycle.js';
import { moveMembers } from '../stages/groups.js';
import { importUserPages } from '../stages/paging.js';
import { connectionTest, probeDiscovery, probeList } from '../stages/probe.js';
import { lostResponses } from '../stages/retries.js';
import { changedProfiles, creation, lastCycle, leaving } from '../stages/sequences.js';
import { enterprise, mappingOf, namesOf, patch, post, put, userBody } from './messages.js';
import { groupsWithMembers, usualUsers, usualRetries } from './usual-requests.js';
import { urn } from '../../wire/urn.js';

const mapping = (user: DirectoryUser): Mapping =>
  mappingOf({ ...namesOf(user), title: user.title, [enterprise('department')]: user.department });

const schemas = [urn.user, urn.enterprise];

const dialect: Dialect = {
  ...usualUsers,
  readsBeforeUpdate: true,
  mapping,
  createUser: ({ user, active }) => post('/Users', userBody(schemas, mapping(user), { active })),
  updateUser: (id, { user, active }) => put(`/Users/${id}`, userBody(schemas, mapping(user), { id, active })),
  setActive: (id, { active }) => patch(`/Users/${id}`, [{ op: 'replace', value: { active } }]),
  groups: groupsWithMembers,
};

/** Rippling: no traffic was recorded; everything is inferred from setup guides. */
export const rippling = (): Client => ({
  id: 'rippling',
  name: 'Rippling',
  confidence: 'reconstructed',
  reconstructed: ['everything: no traffic of it has been recorded'],
  sources: ['Guides of third parties to a custom SCIM app in Rippling'],
  policy: {
    ...usualRetries,
    headers: { 'content-type': 'application/scim+json', accept: 'application/scim+json' },
  },
  dialect,
  consequences: {},
  stages: [
    connectionTest(async (simulation) => {
      await probeDiscovery(simulation, '/ServiceProviderConfig', {
        'patch.supported': 'boolean',
        'filter.supported': 'boolean',
      });
      await probeList(simulation, 'test the connection', '/Users?startIndex=1&count=1');
    }),
    ...creation,
    importUserPages,
    quietCycle,
    changedProfiles,
    moveMembers,
    lostResponses,
    ...leaving({ deactivated: 'users leave' }),
    ...lastCycle(quietCycle, 'last cycle: nothing has changed'),
  ],
});
