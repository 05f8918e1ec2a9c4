import { randomUUID } from 'node:crypto';
import type { Client, Stage } from '../client.js';
import type { Dialect, GroupDialect } from '../dialect.js';
import { repeatedCycle } from '../stages/cycle.js';
import { findOne } from '../stages/find.js';
import { connectionTest, probeList } from '../stages/probe.js';
import { lostResponses } from '../stages/retries.js';
import { changedProfiles, changedUserNames, creation, groupChanges, lastCycle, leaving } from '../stages/sequences.js';
import { equals, patch, post, put, remove, userBody, values } from './messages.js';
import {
  additions,
  changeOfGroup,
  renameWithPath,
  usualGroups,
  usualUsers,
  usualRetries,
  usualMapping,
} from './usual-requests.js';
import { urn } from '../../wire/urn.js';

const groups: GroupDialect = {
  ...usualGroups,
  createGroup: ({ displayName }) => post('/Groups', { schemas: [urn.group], displayName }),
  createsWithMembers: false,
  rename: renameWithPath,
  changeMembers: (id, _, change) => [
    ...changeOfGroup(id, additions(change.add)),
    ...(change.remove.length === 0
      ? []
      : [patch(`/Groups/${id}`, [{ op: 'remove', path: 'members', value: values(change.remove) }])]),
  ],
};

const schemas = [urn.user, urn.enterprise];

const dialect: Dialect = {
  ...usualUsers,
  mapping: usualMapping,
  createUser: ({ user, active }) => post('/Users', userBody(schemas, usualMapping(user), { active })),
  // One operation for each attribute, changed or not.
  updateUser: (id, { user }) =>
    patch(
      `/Users/${id}`,
      [...usualMapping(user)].map(([path, value]) => ({ op: 'replace', path, value })),
    ),
  setActive: (id, { active }) => patch(`/Users/${id}`, [{ op: 'replace', path: 'active', value: active }]),
  groups,
};

/** Activation creates a test user and a test group, changes them and deletes them. */
const activation: Stage = connectionTest(async (simulation) => {
  await probeList(simulation, 'test the connection', '/Users');
  await probeList(simulation, 'test the connection', '/Groups');
  const name = randomUUID();
  const userName = `jctest.${name}@example.com`;
  const attributes = {
    userName,
    name: { givenName: 'Test', familyName: 'User' },
    emails: [{ value: userName, type: 'work', primary: true }],
  };
  const user = await simulation.send(
    'create test user',
    post('/Users', { schemas: [urn.user], ...attributes, active: true }),
  );
  if (!simulation.hasStatus(user, [201], 'create-refused')) return;
  await findOne(simulation, 'find test user', `/Users?filter=${equals('userName', userName)}`, user.id);
  const path = `/Users/${user.id}`;
  const changed = {
    schemas: [urn.user],
    id: user.id,
    ...attributes,
    name: { givenName: 'Test2', familyName: 'User' },
    active: true,
  };
  simulation.hasStatus(await simulation.send('update test user', put(path, changed)), [200], 'update-refused');
  const members = [{ value: user.id }];
  const test = { schemas: [urn.group], displayName: `JC Test ${name}`, members };
  const group = await simulation.send('create test group', post('/Groups', test));
  if (simulation.hasStatus(group, [201], 'create-refused')) {
    const deleted = await simulation.send('delete test group', remove(`/Groups/${group.id}`));
    simulation.hasStatus(deleted, [204, 200], 'delete-refused');
  }
  const disabled = await simulation.send(
    'disable test user',
    patch(path, [{ op: 'replace', path: 'active', value: false }]),
  );
  simulation.hasStatus(disabled, [200, 204], 'disable-refused');
  simulation.hasStatus(await simulation.send('delete test user', remove(path)), [204, 200], 'delete-refused');
});

/** JumpCloud: an activation with a test user and group, one operation for each attribute, repeated memberships. */
export const jumpcloud = (): Client => ({
  id: 'jumpcloud',
  name: 'JumpCloud',
  confidence: 'observed',
  reconstructed: ['the requests of the activation', 'updates by PUT', 'deletion'],
  sources: [
    'JumpCloud Help Center: Custom SCIM Identity Management',
    'Infisical/infisical issue 2138: recorded membership requests of JumpCloud',
  ],
  policy: {
    ...usualRetries,
    headers: { 'content-type': 'application/scim+json' },
  },
  dialect,
  consequences: {
    'member-missing': { next: '{client} adds the member again with its next change of the group.' },
    'retry-refused': {
      next: '{client} adds members that are there already as a rule, and reports each refusal as a failed export.',
    },
  },
  stages: [
    activation,
    ...creation,
    repeatedCycle,
    changedProfiles,
    changedUserNames,
    ...groupChanges,
    lostResponses,
    ...leaving({ deactivated: 'users are suspended' }),
    ...lastCycle(repeatedCycle, 'last cycle: everything is sent again'),
  ],
});
