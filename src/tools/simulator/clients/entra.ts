import type { PatchOperation } from '../../wire/patch-operation.js';
import { attributePath, type Mapping, valueAtPath } from '../attribute.js';
import type { Client, Stage } from '../client.js';
import type { Dialect, GroupDialect } from '../dialect.js';
import { fullName, type DirectoryUser } from '../directory.js';
import { isLinked, linkedAccounts } from '../simulation.js';
import { quietCycle } from '../stages/cycle.js';
import { findOne } from '../stages/find.js';
import { createGroups, joinMembers } from '../stages/groups.js';
import { setManagers } from '../stages/managers.js';
import { connectionTest, probeNobody, probeWrongKey } from '../stages/probe.js';
import { lostResponses } from '../stages/retries.js';
import { changedProfiles, changedUserNames, groupChanges, lastCycle, leaving } from '../stages/sequences.js';
import { createUsers } from '../stages/users.js';
import { randomUUID } from 'node:crypto';
import { enterprise, formEquals, mappingOf, namesOf, patch, post, remove, userBody, values } from './messages.js';
import { urn } from '../../wire/urn.js';

/** The two PATCH dialects of Entra ID: the default, and the one of the flag `aadOptscim062020`. */
type Mode = 'default' | 'flag';

const adscimGroup = 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group';

const mapping = (user: DirectoryUser): Mapping =>
  mappingOf({
    ...namesOf(user),
    'name.formatted': fullName(user),
    externalId: user.externalId,
    title: user.title,
    preferredLanguage: user.locale,
    'phoneNumbers[type eq "work"].value': user.phone,
    'phoneNumbers[type eq "mobile"].value': user.mobile,
    'addresses[type eq "other"].Formatted': `Hall ${user.costCenter}`,
    [enterprise('employeeNumber')]: user.employeeNumber,
    [enterprise('department')]: user.department,
    [enterprise('costCenter')]: user.costCenter,
  });

/** Default: one capitalized operation for each attribute. Flag: one replace without a path for all that need no filter. */
function operations(mode: Mode, changed: Mapping, current: unknown): readonly PatchOperation[] {
  if (mode === 'default') {
    return [...changed].map(([path, value]) => ({
      op: valueAtPath(current, path) === undefined ? 'Add' : 'Replace',
      path,
      value,
    }));
  }
  const filtered = [...changed].filter(([path]) => attributePath(path).filter !== undefined);
  const plain = [...changed].filter(([path]) => attributePath(path).filter === undefined);
  return [
    ...filtered.map(([path, value]) => ({
      op: valueAtPath(current, path) === undefined ? 'add' : 'replace',
      path,
      value,
    })),
    ...(plain.length === 0 ? [] : [{ op: 'replace', value: Object.fromEntries(plain) }]),
  ];
}

function dialect(mode: Mode): Dialect {
  const query = mode === 'flag' ? '?aadOptscim062020&' : '?';
  const [add, replace, removal] = mode === 'flag' ? ['add', 'replace', 'remove'] : ['Add', 'Replace', 'Remove'];
  const schemas = [urn.user, urn.enterprise];
  const groups: GroupDialect = {
    matchGroup: (team) =>
      `/Groups${query}excludedAttributes=members&filter=${formEquals('displayName', team.displayName)}`,
    readGroup: (id) => `/Groups/${id}?excludedAttributes=members`,
    createGroup: (team) =>
      post('/Groups', {
        schemas: [urn.group, adscimGroup],
        externalId: team.externalId,
        displayName: team.displayName,
        meta: { resourceType: 'Group' },
      }),
    createsWithMembers: false,
    rename: (id, team) =>
      patch(`/Groups/${id}`, [
        mode === 'flag'
          ? { op: replace, value: { displayName: team.displayName } }
          : { op: replace, path: 'displayName', value: team.displayName },
      ]),
    changeMembers: (id, _, change) => {
      const adding = {
        op: add,
        path: 'members',
        value: change.add.map((member) => ({ $ref: null, value: member.id })),
      };
      const removing =
        mode === 'flag'
          ? change.remove.map((member) => ({ op: removal, path: `members[value eq "${member.id}"]` }))
          : [{ op: removal, path: 'members', value: values(change.remove) }];
      return [
        ...(change.add.length === 0 ? [] : [patch(`/Groups/${id}`, [adding])]),
        ...(change.remove.length === 0 ? [] : [patch(`/Groups/${id}`, removing)]),
      ];
    },
    bursts: true,
    deleteGroup: (id) => remove(`/Groups/${id}`),
  };
  return {
    matchUser: (user) => `/Users${query}filter=${formEquals('userName', user.userName)}`,
    looksUpFirst: true,
    readUser: (id) => `/Users/${id}`,
    readsBeforeUpdate: true,
    mapping,
    createUser: ({ user, active }) =>
      post('/Users', userBody(schemas, mapping(user), { active, meta: { resourceType: 'User' }, roles: [] })),
    updateUser: (id, _, changed, current) => patch(`/Users/${id}`, operations(mode, changed, current)),
    setActive: (id, { active }) => {
      const text = active ? 'True' : 'False';
      return patch(`/Users/${id}`, [{ op: replace, path: 'active', value: mode === 'flag' ? active : text }]);
    },
    manager: 'separate',
    setManager: (id, managerId) => {
      const value = mode === 'flag' ? { value: managerId } : managerId;
      return patch(`/Users/${id}`, [{ op: add, path: enterprise('manager'), value }]);
    },
    deleteUser: (id) => remove(`/Users/${id}`),
    groups,
  };
}

/** The queries that an administrator can choose for matching, and a name in another case. */
const matchQueries: Stage = {
  name: 'match queries',
  async play(simulation) {
    const [account] = linkedAccounts(simulation);
    if (account === undefined) return;
    const { user, id } = account;
    for (const filter of [
      formEquals('userName', user.userName.toUpperCase()),
      formEquals('externalId', user.externalId),
      formEquals('emails[type eq "work"].value', user.email),
    ]) {
      await findOne(
        simulation,
        `match by ${decodeURIComponent(filter).split('+')[0] ?? ''}`,
        `/Users?filter=${filter}`,
        id,
      );
    }
    const group = simulation.groups.filter(isLinked).find(({ members }) => members.has(user.key));
    if (group === undefined) return;
    const filter = `${formEquals('id', group.id)}+and+${formEquals('members', id)}`;
    await findOne(simulation, 'check a membership', `/Groups?filter=${filter}&attributes=id`, group.id);
  },
};

function entraClient(mode: Mode): Client {
  const flag = mode === 'flag';
  const test = dialect(mode);
  return {
    id: flag ? 'entra-flag' : 'entra',
    name: flag ? 'Microsoft Entra ID with aadOptscim062020' : 'Microsoft Entra ID',
    confidence: 'documented',
    reconstructed: flag ? ['the place of the flag in each address'] : [],
    sources: [
      'Microsoft Learn: Develop and plan provisioning for a SCIM endpoint in Microsoft Entra ID',
      'Microsoft Learn: Known issues and resolutions with SCIM 2.0 protocol compliance',
      'Microsoft Learn: Application provisioning in quarantine status',
    ],
    policy: {
      headers: { 'content-type': 'application/scim+json; charset=utf-8' },
      timeoutMilliseconds: 30_000,
      attempts: 4,
      // The documentation says only that it adapts; administrators report both.
      honorsRetryAfter: false,
    },
    dialect: test,
    consequences,
    stages: [
      connectionTest(async (simulation) => {
        const nobody = { userName: randomUUID() };
        await probeNobody(simulation, `/Users?filter=${formEquals('userName', nobody.userName)}`);
        // Without groups to provision, an administrator disables the mapping of groups.
        if (simulation.groups.length > 0) {
          await probeNobody(
            simulation,
            `/Groups?excludedAttributes=members&filter=${formEquals('displayName', nobody.userName)}`,
          );
        }
        await probeWrongKey(simulation, `/Users?filter=${formEquals('userName', nobody.userName)}`);
      }),
      createUsers,
      createGroups,
      setManagers,
      joinMembers,
      quietCycle,
      matchQueries,
      changedProfiles,
      changedUserNames,
      ...groupChanges,
      lostResponses,
      ...leaving({ deactivated: 'users leave: soft delete', deleted: '30 days later: hard delete' }),
      ...lastCycle(quietCycle, 'last cycle: nothing has changed'),
    ],
  };
}

const consequences: Client['consequences'] = {
  'empty-match': {
    consequence: 'quarantine',
    next: '{client} puts the job into quarantine at once; Test Connection fails.',
  },
  'not-a-list': {
    consequence: 'quarantine',
    next: '{client} calls the server not compliant and puts the job into quarantine.',
  },
  unauthorized: {
    consequence: 'quarantine',
    next: '{client} puts the job into quarantine at once, and looks again after 6, 12 and 24 hours, then daily for four weeks.',
  },
  'update-refused': {
    next: '{client} discards the whole request and sends it again every 40 minutes; when more than 40 % of at least 5,000 operations fail, the job goes into quarantine.',
    consequence: 'retried forever',
  },
  'disable-refused': {
    next: '{client} sends the deactivation again every 40 minutes while the account stays enabled: a user who left keeps access.',
  },
  throttled: {
    consequence: 'quarantine',
    next: '{client} counts the request as failed; administrators report jobs in quarantine from rate limits alone.',
  },
  'members-shown': {
    next: '{client} requests the group without members; when it receives them anyway, it has been observed to replace all members with one.',
  },
  'member-missing': {
    next: '{client} never reads members back, so that the user has no access until someone restarts provisioning.',
  },
  'member-kept': {
    next: '{client} never reads members back, so that the user keeps the permissions of the group.',
  },
  'manager-wrong': { next: '{client} sends the manager again in each cycle, every 40 minutes.' },
};

/** Entra ID with its default dialect: capitalized operations, booleans as strings. */
export const entra = (): Client => entraClient('default');

/** Entra ID with `aadOptscim062020` in its Tenant URL. */
export const entraFlag = (): Client => entraClient('flag');
