import type { Mapping } from '../attribute.js';
import type { Client } from '../client.js';
import type { Dialect, GroupDialect } from '../dialect.js';
import { fullName, type DirectoryUser } from '../directory.js';
import { quietCycle } from '../stages/cycle.js';
import { connectionTest, probeList, probeNobody } from '../stages/probe.js';
import { lostResponses } from '../stages/retries.js';
import { changedProfiles, changedUserNames, creation, groupChanges, lastCycle, leaving } from '../stages/sequences.js';
import { formEquals, mappingOf, patch, post, put, remove, userBody } from './messages.js';
import { joinWithoutPath, renameWithPath, usualUsers, usualRetries } from './usual-requests.js';
import { urn } from '../../wire/urn.js';

/** URNs of version 1.1 in requests of version 2.0, as observed. */
const oldSchemas = ['urn:scim:schemas:core:2.0', 'urn:scim:schemas:extension:enterprise:2.0'];

const mapping = (user: DirectoryUser): Mapping =>
  mappingOf({
    userName: user.userName,
    'name.givenName': user.givenName,
    'name.familyName': user.familyName,
    displayName: fullName(user),
    title: user.title,
    'emails[type eq "work"].value': user.email,
  });

/** Template parameters without a value are sent as empty strings. */
const unset = {
  userType: '',
  timezone: '',
  addresses: [{ locality: '', region: '', country: '' }],
  [urn.enterprise]: { organization: '', division: '', manager: { value: '', displayName: ' ' } },
};

const groups: GroupDialect = {
  matchGroup: undefined,
  readGroup: (id) => `/Groups/${id}?`,
  createGroup: ({ displayName }) => post('/Groups', { schemas: [urn.group], displayName }),
  createsWithMembers: false,
  rename: renameWithPath,
  changeMembers: joinWithoutPath,
  bursts: true,
  deleteGroup: (id) => remove(`/Groups/${id}?`),
};

const dialect: Dialect = {
  ...usualUsers,
  matchUser: (user) => `/Users?filter=${formEquals('userName', user.userName)}&`,
  mapping,
  createUser: ({ user, active }) =>
    post('/Users', userBody([urn.user, urn.enterprise], mapping(user), { active, ...unset })),
  updateUser: (id, { user, active }) => put(`/Users/${id}?`, userBody(oldSchemas, mapping(user), { active })),
  setActive: (id, { user, active }) =>
    active
      ? put(`/Users/${id}?`, userBody(oldSchemas, mapping(user), { active }))
      : patch(`/Users/${id}?`, [{ op: 'replace', path: 'active', value: false }]),
  deleteUser: (id) => remove(`/Users/${id}?`),
  groups,
};

/** OneLogin: a JSON template with empty parameters, old URNs, a trailing `&` or `?`. */
export const onelogin = (): Client => ({
  id: 'onelogin',
  name: 'OneLogin',
  confidence: 'observed',
  reconstructed: ['suspension and reactivation', 'deletion', 'creation, renaming and deletion of groups'],
  sources: [
    'goauthentik/authentik issue 11249: log of requests of OneLogin SCIM v2 Enterprise',
    'scim.dev: Set up OneLogin (JSON template)',
  ],
  policy: {
    ...usualRetries,
    headers: { 'content-type': 'application/json', 'user-agent': 'application/json' },
  },
  dialect,
  consequences: {},
  stages: [
    connectionTest(async (simulation) => {
      await probeNobody(simulation, `/Users?filter=${formEquals('userName', 'nobody-of-onelogin@example.com')}&`);
      await probeList(simulation, 'refresh the entitlements', '/Groups?');
    }),
    ...creation,
    quietCycle,
    changedProfiles,
    changedUserNames,
    ...groupChanges,
    lostResponses,
    ...leaving({ deactivated: 'users are suspended' }),
    ...lastCycle(quietCycle, 'last cycle: nothing has changed'),
  ],
});
