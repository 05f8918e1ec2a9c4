import { bodyOf } from '../attribute.js';
import type { Client } from '../client.js';
import type { Dialect, GroupDialect, Member } from '../dialect.js';
import { everyOf } from '../directory.js';
import { quietCycle } from '../stages/cycle.js';
import { connectionTest, probeList } from '../stages/probe.js';
import { lostResponses } from '../stages/retries.js';
import {
  changedProfiles,
  changedUserNames,
  creation,
  groupChanges,
  isInactive,
  lastCycle,
} from '../stages/sequences.js';
import { setActive } from '../stages/users.js';
import { equals, patch, post, userBody, values } from './messages.js';
import { renameWithoutPath, usualGroups, usualRetries, usualMapping } from './usual-requests.js';
import { urn } from '../../wire/urn.js';

/** The documentation names `members` twice: in the path, and again around the list. */
const memberPatch = (id: string, op: 'add' | 'remove', members: readonly Member[]) =>
  patch(`/Groups/${id}`, [{ op, path: 'members', value: { members: values(members) } }]);

const groups: GroupDialect = {
  ...usualGroups,
  createGroup: ({ displayName }) => post('/Groups', { schemas: [urn.group], displayName }),
  createsWithMembers: false,
  rename: renameWithoutPath,
  changeMembers: (id, _, change) => [
    ...(change.add.length === 0 ? [] : [memberPatch(id, 'add', change.add)]),
    ...(change.remove.length === 0 ? [] : [memberPatch(id, 'remove', change.remove)]),
  ],
};

const dialect: Dialect = {
  matchUser: (user) => `/Users?filter=${equals('userName', user.userName)}`,
  looksUpFirst: true,
  readUser: (id) => `/Users/${id}`,
  readsBeforeUpdate: false,
  mapping: usualMapping,
  createUser: ({ user, active }) =>
    post('/Users', userBody([urn.user, urn.enterprise], usualMapping(user), { active })),
  updateUser: (id, _, changed) => patch(`/Users/${id}`, [{ op: 'replace', value: bodyOf(changed) }]),
  setActive: (id, { active }) => patch(`/Users/${id}`, [{ op: 'replace', value: { active } }]),
  manager: 'none',
  groups,
};

/** Scripts written after Salesforce's documentation: PATCH without a path, and `members` inside the value of `members`. */
export const salesforce = (): Client => ({
  id: 'salesforce',
  name: "Clients written from Salesforce's SCIM documentation",
  confidence: 'documented',
  reconstructed: ['lookups', 'the creation, the renaming and the deletion of groups', 'the request that deactivates'],
  sources: [
    'Salesforce Help: Examples: Manage Group Members with SCIM',
    'Salesforce Help: Examples: Update Users with SCIM',
    'Tirasa/ConnIdSCIMBundle: SCIMv2Connector, provider SALESFORCE',
  ],
  policy: {
    ...usualRetries,
    headers: { 'content-type': 'application/json', accept: 'application/json' },
  },
  dialect,
  consequences: {},
  stages: [
    connectionTest((simulation) => probeList(simulation, 'test the connection', '/Groups')),
    ...creation,
    quietCycle,
    changedProfiles,
    changedUserNames,
    ...groupChanges,
    lostResponses,
    setActive('users are deactivated', false, (accounts) => everyOf(accounts, 3)),
    setActive('some are reactivated', true, (accounts) => accounts.filter(isInactive)),
    ...lastCycle(quietCycle, 'last cycle: nothing has changed'),
  ],
});
