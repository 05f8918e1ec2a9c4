import { bodyOf, type Mapping } from '../attribute.js';
import type { Client } from '../client.js';
import type { Dialect, GroupDialect, Subject } from '../dialect.js';
import type { DirectoryUser } from '../directory.js';
import { quietCycle } from '../stages/cycle.js';
import { importUsers } from '../stages/paging.js';
import { connectionTest, probeList } from '../stages/probe.js';
import { lostResponses } from '../stages/retries.js';
import { changedProfiles, changedUserNames, creation, groupChanges, lastCycle, leaving } from '../stages/sequences.js';
import { equals, mappingOf, namesOf, patch, post, put, remove, values } from './messages.js';

const mapping = (user: DirectoryUser): Mapping => mappingOf({ ...namesOf(user), externalId: user.externalId });

/** `schemas` is optional in the types of the SDK, and its examples set it only in a PATCH. */
const body = ({ user, active }: Subject, more: object = {}) => ({ ...more, ...bodyOf(mapping(user)), active });

const groups: GroupDialect = {
  matchGroup: ({ displayName }) => `/Groups?filter=${equals('displayName', displayName)}`,
  readGroup: (id) => `/Groups/${id}`,
  createGroup: ({ displayName, externalId }) => post('/Groups', { displayName, externalId }),
  createsWithMembers: false,
  rename: (id, { displayName, externalId }, members) =>
    put(`/Groups/${id}`, { id, displayName, externalId, members: values(members) }),
  changeMembers: (id, _, change) => [
    ...(change.add.length === 0
      ? []
      : [patch(`/Groups/${id}`, [{ op: 'add', value: { members: values(change.add) } }])]),
    ...change.remove.map((member) =>
      patch(`/Groups/${id}`, [{ op: 'remove', path: `members[value eq "${member.id}"]` }]),
    ),
  ],
  bursts: true,
  deleteGroup: (id) => remove(`/Groups/${id}`),
};

const dialect: Dialect = {
  matchUser: (user) => `/Users?filter=${equals('userName', user.userName)}`,
  looksUpFirst: true,
  readUser: (id) => `/Users/${id}`,
  readsBeforeUpdate: false,
  mapping,
  createUser: (subject) => post('/Users', body(subject)),
  updateUser: (id, subject) => put(`/Users/${id}`, body(subject, { id })),
  setActive: (id, { active }) => patch(`/Users/${id}`, [{ op: 'replace', path: 'active', value: String(active) }]),
  manager: 'none',
  deleteUser: (id) => remove(`/Users/${id}`),
  groups,
};

const list = 'attributes=id,userName&sortBy=userName&sortOrder=descending';

/** Callers of a Databricks SDK: bodies without `schemas`, `active` as text, sorted pages of 10,000. */
export const databricks = (): Client => ({
  id: 'databricks',
  name: 'Databricks SDKs and Terraform provider',
  confidence: 'source-code',
  reconstructed: ['the order of the requests: a script or a plan of Terraform decides it'],
  sources: [
    'databricks/databricks-sdk-go: service/iam (users_usage_test, groups_usage_test, model, api)',
    'databricks/terraform-provider-databricks: scim (users, groups, resource_group_member)',
  ],
  policy: {
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    timeoutMilliseconds: 60_000,
    attempts: 5,
    honorsRetryAfter: true,
  },
  dialect,
  consequences: {
    'create-refused': { next: '{client} return the error to the script; Terraform stops applying the plan.' },
    'update-refused': { next: '{client} return the error to the script; Terraform stops applying the plan.' },
  },
  stages: [
    connectionTest((simulation) => probeList(simulation, 'list users', `/Users?${list}&startIndex=1&count=1`)),
    ...creation,
    // The SDK asks for as many as it can get, and goes on after what it got.
    importUsers((startIndex) => `/Users?${list}&startIndex=${String(startIndex)}&count=10000`),
    quietCycle,
    changedProfiles,
    changedUserNames,
    ...groupChanges,
    lostResponses,
    ...leaving({ deactivated: 'users are deactivated' }),
    ...lastCycle(quietCycle, 'last cycle: nothing has changed'),
  ],
});
