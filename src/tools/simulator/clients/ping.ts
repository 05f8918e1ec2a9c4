import type { Mapping } from '../attribute.js';
import type { Client, Dialect, GroupDialect, Stage } from '../client.js';
import { everyOf, type DirectoryUser, renamed, yearLater } from '../directory.js';
import { linkedAccounts } from '../simulation.js';
import { quietCycle } from '../stages/cycle.js';
import { findOne } from '../stages/find.js';
import { createGroups, deleteGroups, joinMembers, moveMembers, renameGroups, unknownMember } from '../stages/groups.js';
import { connectionTest, probeNobody } from '../stages/probe.js';
import { lostResponses } from '../stages/retries.js';
import { createUsers, deleteUsers, setActive, updateUsers } from '../stages/users.js';
import { enterprise, equals, mappingOf, namesOf, patch, post, put, remove, userBody, values } from './messages.js';
import { urn } from '../../wire/urn.js';

const mapping = (user: DirectoryUser): Mapping =>
  mappingOf({
    ...namesOf(user),
    title: user.title,
    [enterprise('employeeNumber')]: user.employeeNumber,
    [enterprise('department')]: user.department,
  });

const groups: GroupDialect = {
  matchGroup: (team) => `/Groups?filter=${equals('displayName', team.displayName)}`,
  readGroup: (id) => `/Groups/${id}`,
  createGroup: ({ displayName }, members) =>
    post('/Groups', { schemas: [urn.group], displayName, members: values(members) }),
  createsWithMembers: true,
  rename: (id, { displayName }) => patch(`/Groups/${id}`, [{ op: 'replace', value: { displayName } }]),
  changeMembers: (id, _, change) => [
    patch(`/Groups/${id}`, [
      ...(change.add.length === 0 ? [] : [{ op: 'add', path: 'members', value: values(change.add) }]),
      ...change.remove.map((member) => ({ op: 'remove', path: `members[value eq "${member.id}"]` })),
    ]),
  ],
  bursts: true,
  deleteGroup: (id) => remove(`/Groups/${id}`),
};

const schemas = [urn.user, urn.enterprise];
const replace: Dialect['setActive'] = (id, { user, active }) =>
  put(`/Users/${id}`, userBody(schemas, mapping(user), { id, active }));

const dialect: Dialect = {
  matchUser: (user) => `/Users?filter=${equals('userName', user.userName)}`,
  looksUpFirst: true,
  readUser: (id) => `/Users/${id}`,
  readsBeforeUpdate: false,
  mapping,
  createUser: ({ user, active }) => post('/Users', userBody(schemas, mapping(user), { active })),
  updateUser: (id, subject) => replace(id, subject, undefined),
  setActive: replace,
  manager: 'none',
  deleteUser: (id) => remove(`/Users/${id}`),
  groups,
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
    headers: {
      'content-type': 'application/scim+json',
      accept: 'application/scim+json, application/json',
      'user-agent': 'Apache-HttpClient/4.5',
    },
    timeoutMilliseconds: 30_000,
    attempts: 3,
    honorsRetryAfter: false,
  },
  dialect,
  consequences: {},
  stages: [
    connectionTest((simulation) =>
      probeNobody(simulation, `/Users?filter=${equals('emails', 'nobody-of-ping@example.com')}`),
    ),
    createUsers,
    createGroups,
    joinMembers,
    emailFilter,
    quietCycle,
    updateUsers('users change', (accounts) => everyOf(accounts, 2), yearLater),
    updateUsers('users get another userName', (accounts) => everyOf(accounts, 5, 1), renamed),
    moveMembers,
    unknownMember,
    renameGroups,
    lostResponses,
    setActive('remove action: disable', false, (accounts) => everyOf(accounts, 3)),
    setActive('some come back', true, (accounts) =>
      everyOf(
        accounts.filter(({ active }) => !active),
        2,
      ),
    ),
    deleteUsers('remove action: delete', (accounts) => accounts.filter(({ active }) => !active)),
    deleteGroups,
    { ...quietCycle, name: 'last cycle: nothing has changed' },
  ],
});
