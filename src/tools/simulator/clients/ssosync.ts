import type { Mapping } from '../attribute.js';
import type { Client } from '../client.js';
import type { Dialect, GroupDialect, Member, Subject } from '../dialect.js';
import type { DirectoryUser } from '../directory.js';
import { quietCycle } from '../stages/cycle.js';
import { connectionTest, probeNobody } from '../stages/probe.js';
import { lostResponses } from '../stages/retries.js';
import { changedProfiles, changedUserNames, creation, groupChanges, lastCycle, leaving } from '../stages/sequences.js';
import { formEquals, inParts, mappingOf, namesOf, patch, post, put, userBody, values } from './messages.js';
import { usualGroups, usualUsers } from './usual-requests.js';
import { urn } from '../../wire/urn.js';

const mapping = (user: DirectoryUser): Mapping => mappingOf({ ...namesOf(user), externalId: user.externalId });

/** Every body has an address without anything but its type. */
const body = ({ user, active }: Subject, more: object = {}) =>
  userBody([urn.user], mapping(user), { active, addresses: [{ type: 'work' }], ...more });

/** IAM Identity Center accepts no more members in one request. */
const mostMembers = 100;

const memberPatches = (id: string, op: 'add' | 'remove', members: readonly Member[]) =>
  inParts(members, mostMembers).map((part) => patch(`/Groups/${id}`, [{ op, path: 'members', value: values(part) }]));

const groups: GroupDialect = {
  ...usualGroups,
  matchGroup: ({ displayName }) => `/Groups?filter=${formEquals('displayName', displayName)}`,
  createGroup: ({ displayName, externalId }) =>
    post('/Groups', { schemas: [urn.group], displayName, externalId, members: [] }),
  createsWithMembers: false,
  rename: (id, { displayName, externalId }) =>
    patch(`/Groups/${id}`, [
      { op: 'replace', path: 'displayName', value: displayName },
      { op: 'replace', path: 'externalId', value: externalId },
    ]),
  changeMembers: (id, _, { add, remove: removed }) => [
    ...memberPatches(id, 'add', add),
    ...memberPatches(id, 'remove', removed),
  ],
  joinsAtOnce: true,
};

const dialect: Dialect = {
  ...usualUsers,
  matchUser: (user) => `/Users?filter=${formEquals('userName', user.userName)}`,
  mapping,
  createUser: (subject) => post('/Users', body(subject)),
  updateUser: (id, subject) => put(`/Users/${id}`, body(subject, { id })),
  setActive: (id, subject) => put(`/Users/${id}`, body(subject, { id })),
  groups,
};

/** ssosync: what AWS IAM Identity Center is written for: PUT for users, 100 members in a PATCH. */
export const ssosync = (): Client => ({
  id: 'ssosync',
  name: 'ssosync (AWS IAM Identity Center style)',
  confidence: 'source-code',
  reconstructed: [
    'changes of several groups and members at the same time: the program sends one request after the other',
  ],
  sources: [
    'awslabs/ssosync: internal/aws (client, users, groups), internal/sync.go',
    'AWS: IAM Identity Center SCIM Implementation Developer Guide, PatchGroup',
  ],
  policy: {
    headers: { 'content-type': 'application/scim+json', accept: '*/*', 'user-agent': 'Go-http-client/1.1' },
    contentTypeAlways: true,
    timeoutMilliseconds: 30_000,
    attempts: 5,
    honorsRetryAfter: true,
  },
  dialect,
  consequences: {
    'server-error': { consequence: 'access missing', next: '{client} ends the whole run; what follows is not sent.' },
    'create-refused': { next: '{client} ends the whole run, unless the response is a 409.' },
    'update-refused': { next: '{client} ends the whole run; users and groups that follow are not synchronized.' },
    'membership-refused': { next: '{client} ends the whole run; users and groups that follow are not synchronized.' },
  },
  stages: [
    connectionTest((simulation) =>
      probeNobody(simulation, `/Users?filter=${formEquals('userName', 'nobody-of-ssosync@example.com')}`),
    ),
    ...creation,
    quietCycle,
    changedProfiles,
    changedUserNames,
    ...groupChanges,
    lostResponses,
    ...leaving({ deactivated: 'users are suspended' }),
    ...lastCycle(quietCycle, 'last run: nothing has changed'),
  ],
});
