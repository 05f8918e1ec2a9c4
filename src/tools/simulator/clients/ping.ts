import type { Mapping } from '../attribute.js';
import type { Client, Stage } from '../client.js';
import type { Dialect } from '../dialect.js';
import type { DirectoryUser } from '../directory.js';
import { linkedAccounts } from '../simulation.js';
import { quietCycle } from '../stages/cycle.js';
import { findOne } from '../stages/find.js';
import { connectionTest, probeNobody } from '../stages/probe.js';
import { lostResponses } from '../stages/retries.js';
import { changedProfiles, changedUserNames, creation, groupChanges, lastCycle, leaving } from '../stages/sequences.js';
import { enterprise, equals, mappingOf, namesOf, post, put, userBody } from './messages.js';
import { groupsWithMembers, usualUsers, usualRetries } from './usual-requests.js';
import { urn } from '../../wire/urn.js';

const mapping = (user: DirectoryUser): Mapping =>
  mappingOf({
    ...namesOf(user),
    title: user.title,
    [enterprise('employeeNumber')]: user.employeeNumber,
    [enterprise('department')]: user.department,
  });

const schemas = [urn.user, urn.enterprise];
const replace: Dialect['setActive'] = (id, { user, active }) =>
  put(`/Users/${id}`, userBody(schemas, mapping(user), { id, active }));

const dialect: Dialect = {
  ...usualUsers,
  mapping,
  createUser: ({ user, active }) => post('/Users', userBody(schemas, mapping(user), { active })),
  updateUser: (id, subject) => replace(id, subject, undefined),
  setActive: replace,
  groups: groupsWithMembers,
};

/** PingFederate filters an address by `emails`, without a sub-attribute. */
const emailFilter: Stage = {
  name: 'match by e-mail',
  async play(simulation) {
    const [account] = linkedAccounts(simulation);
    if (account === undefined) return;
    const path = `/Users?filter=${equals('emails', account.user.email)}`;
    await findOne(simulation, 'match by emails', path, account.id);
  },
};

/** PingFederate's SCIM connector: `emails eq`, PUT for every change. */
export const ping = (): Client => ({
  id: 'ping',
  name: 'Ping (PingFederate connector)',
  confidence: 'documented',
  reconstructed: ['the bodies of groups and of their memberships'],
  sources: ['Ping Identity: SCIM Connector settings reference'],
  policy: {
    ...usualRetries,
    headers: {
      'content-type': 'application/scim+json',
      accept: 'application/scim+json, application/json',
      'user-agent': 'Apache-HttpClient/4.5',
    },
  },
  dialect,
  consequences: {},
  stages: [
    connectionTest((simulation) =>
      probeNobody(simulation, `/Users?filter=${equals('emails', 'nobody-of-ping@example.com')}`),
    ),
    ...creation,
    emailFilter,
    quietCycle,
    changedProfiles,
    changedUserNames,
    ...groupChanges,
    lostResponses,
    ...leaving({ deactivated: 'remove action: disable', deleted: 'remove action: delete' }),
    ...lastCycle(quietCycle, 'last cycle: nothing has changed'),
  ],
});
