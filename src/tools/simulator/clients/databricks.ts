import { bodyOf, type Mapping } from '../attribute.js';
import type { Client } from '../client.js';
import type { Dialect, GroupDialect, Subject } from '../dialect.js';
import type { DirectoryUser } from '../directory.js';
import { quietCycle } from '../stages/cycle.js';
import { importUsers } from '../stages/paging.js';
import { connectionTest, probeList } from '../stages/probe.js';
import { lostResponses } from '../stages/retries.js';
import { changedProfiles, changedUserNames, creation, groupChanges, lastCycle, leaving } from '../stages/sequences.js';
import { mappingOf, namesOf, patch, post, put, values } from './messages.js';
import { joinWithoutPath, usualGroups, usualUsers } from './usual-requests.js';

const mapping = (user: DirectoryUser): Mapping => mappingOf({ ...namesOf(user), externalId: user.externalId });

/** `schemas` is optional in the types of the SDK, and its examples set it only in a PATCH. */
const body = ({ user, active }: Subject, more: object = {}) => ({ ...more, ...bodyOf(mapping(user)), active });

const groups: GroupDialect = {
  ...usualGroups,
  createGroup: ({ displayName, externalId }) => post('/Groups', { displayName, externalId }),
  createsWithMembers: false,
  rename: (id, { displayName, externalId }, members) =>
    put(`/Groups/${id}`, { id, displayName, externalId, members: values(members) }),
  changeMembers: joinWithoutPath,
};

const dialect: Dialect = {
  ...usualUsers,
  mapping,
  createUser: (subject) => post('/Users', body(subject)),
  updateUser: (id, subject) => put(`/Users/${id}`, body(subject, { id })),
  setActive: (id, { active }) => patch(`/Users/${id}`, [{ op: 'replace', path: 'active', value: String(active) }]),
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
