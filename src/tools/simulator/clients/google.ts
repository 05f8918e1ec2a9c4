import type { Mapping } from '../attribute.js';
import type { Client } from '../client.js';
import type { Dialect } from '../dialect.js';
import type { DirectoryUser } from '../directory.js';
import { quietCycle } from '../stages/cycle.js';
import { connectionTest, probeList } from '../stages/probe.js';
import { lostResponses } from '../stages/retries.js';
import { changedProfiles, leaving } from '../stages/sequences.js';
import { createUsers } from '../stages/users.js';
import { equals, mappingOf, namesOf, post, put, userBody } from './messages.js';
import { usualRetries, usualUsers } from './usual-requests.js';
import { urn } from '../../wire/urn.js';

/** Both versions at once, as observed. */
const schemas = ['urn:scim:schemas:core:1.0', urn.user];

const mapping = (user: DirectoryUser): Mapping => mappingOf(namesOf(user));

const replace: Dialect['setActive'] = (id, { user, active }) =>
  put(`/Users/${id}`, userBody(schemas, mapping(user), { id, active }));

const dialect: Dialect = {
  ...usualUsers,
  matchUser: (user) => `/Users?filter=${equals('userName', user.userName)}&startIndex=1`,
  mapping,
  createUser: ({ user, active }) => post('/Users', userBody(schemas, mapping(user), { active })),
  updateUser: (id, subject) => replace(id, subject, undefined),
  setActive: replace,
};

/** Google Workspace: users only, JSON as plain JSON, schemas of two versions. */
export const google = (): Client => ({
  id: 'google',
  name: 'Google Workspace',
  confidence: 'observed',
  reconstructed: ['updates', 'suspension and reactivation', 'deletion'],
  sources: ['snipe/snipe-it issue 12642: recorded creation', 'RIPAGlobal/scimitar: code for this client'],
  policy: {
    ...usualRetries,
    headers: { 'content-type': 'application/json', 'user-agent': 'Google-Auto-Provisioning' },
  },
  dialect,
  consequences: {},
  stages: [
    connectionTest(async (simulation) => {
      await probeList(simulation, 'test the connection', '/Users');
      await probeList(simulation, 'test the connection', '/Users?count=1');
    }),
    createUsers,
    quietCycle,
    changedProfiles,
    lostResponses,
    ...leaving({ deactivated: 'users are suspended' }),
    { ...quietCycle, name: 'last cycle: nothing has changed' },
  ],
});
