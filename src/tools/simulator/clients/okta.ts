import { randomUUID } from 'node:crypto';
import type { Mapping } from '../attribute.js';
import type { Client, Stage } from '../client.js';
import type { Dialect, GroupDialect, Member, Subject } from '../dialect.js';
import { everyOf, type DirectoryUser, yearLater } from '../directory.js';
import { isLinked, linkedAccounts, membersOf } from '../simulation.js';
import { checkAccount, checkGroup } from '../stages/check.js';
import { quietCycle } from '../stages/cycle.js';
import { findNobody } from '../stages/find.js';
import { importUserPages } from '../stages/paging.js';
import { connectionTest, probeList, probeWrongKey } from '../stages/probe.js';
import { lostResponses } from '../stages/retries.js';
import { changedUserNames, creation, groupChanges, isInactive, lastCycle } from '../stages/sequences.js';
import { setActive, updateUsers } from '../stages/users.js';
import { enterprise, equals, mappingOf, namesOf, patch, post, put, userBody } from './messages.js';
import type { JsonObject } from '../../wire/json.js';
import { removals, usualGroups } from './usual-requests.js';
import { urn } from '../../wire/urn.js';

const mapping = (user: DirectoryUser): Mapping =>
  mappingOf({
    ...namesOf(user),
    'emails[type eq "work"].primary': true,
    externalId: user.externalId,
    locale: user.locale,
    title: user.title,
    'phoneNumbers[type eq "work"].value': user.phone,
    'phoneNumbers[type eq "mobile"].value': user.mobile,
    [enterprise('employeeNumber')]: user.employeeNumber,
    [enterprise('department')]: user.department,
    [enterprise('costCenter')]: user.costCenter,
  });

function body({ user, active, manager }: Subject, more: object): Record<string, unknown> {
  const made = userBody([urn.user, urn.enterprise], mapping(user), { groups: [], active, ...more });
  if (manager !== undefined) Object.assign(made[urn.enterprise] ?? {}, { manager });
  return made;
}

/** What was read, overwritten with the attributes of Okta, read-only ones included. */
function replacement(id: string, subject: Subject, current: JsonObject | undefined) {
  return put(`/Users/${id}`, { ...current, ...body(subject, { id }) });
}

const withNames = (members: readonly Member[]) => members.map(({ id, userName }) => ({ value: id, display: userName }));

const groups: GroupDialect = {
  ...usualGroups,
  matchGroup: (team) => `/Groups?filter=${equals('displayName', team.displayName)}&startIndex=1&count=100`,
  createGroup: (team) => post('/Groups', { schemas: [urn.group], displayName: team.displayName, members: [] }),
  createsWithMembers: false,
  rename: (id, team) => patch(`/Groups/${id}`, [{ op: 'replace', value: { id, displayName: team.displayName } }]),
  changeMembers: (id, team, change) => [
    // The name is pushed again with each change of members.
    groups.rename(id, team, change.all),
    patch(`/Groups/${id}`, [
      ...removals(change.remove),
      ...(change.add.length === 0 ? [] : [{ op: 'add', path: 'members', value: withNames(change.add) }]),
    ]),
  ],
};

const dialect: Dialect = {
  matchUser: (user) => `/Users?filter=${equals('userName', user.userName)}&startIndex=1&count=100`,
  looksUpFirst: true,
  readUser: (id) => `/Users/${id}`,
  readsBeforeUpdate: true,
  mapping,
  createUser: (subject) => post('/Users', body(subject, { password: `1mz-${randomUUID()}` })),
  updateUser: (id, subject, _, current) => replacement(id, subject, current),
  setActive: (id, { active }) => patch(`/Users/${id}`, [{ op: 'replace', value: { active } }]),
  manager: 'in body',
  groups,
};

/** Full push: all members in one replace. */
const fullPush: Stage = {
  name: 'groups are pushed in full',
  play: (simulation) =>
    simulation.each(simulation.groups.filter(isLinked), async (group) => {
      const value = withNames(membersOf(simulation, group.members));
      const request = patch(`/Groups/${group.id}`, [{ op: 'replace', path: 'members', value }]);
      const response = await simulation.send('push the group in full', request);
      if (simulation.hasStatus(response, [200, 204], 'membership-refused')) await checkGroup(simulation, group);
    }),
};

const passwordSync: Stage = {
  name: 'a password is synchronized',
  async play(simulation) {
    const [account] = linkedAccounts(simulation);
    if (account === undefined) return;
    const value = { password: `N3w-${randomUUID()}` };
    const response = await simulation.send('set password', patch(`/Users/${account.id}`, [{ op: 'replace', value }]));
    if (simulation.hasStatus(response, [200, 204], 'update-refused')) await checkAccount(simulation, account);
  },
};

/** Integrations of the wizard use only PUT: also for deactivation, and for groups with all their members. */
function asWizardApp(stage: Stage): Stage {
  const wizard: Dialect = { ...dialect, setActive: (id, subject, current) => replacement(id, subject, current) };
  return { ...stage, play: (simulation) => stage.play({ ...simulation, dialect: wizard }) };
}

const putGroup: Stage = {
  name: 'a group is replaced, as an integration of the wizard does',
  async play(simulation) {
    const group = simulation.groups.find(isLinked);
    if (group === undefined) return;
    const { displayName } = group.team;
    const members = withNames(membersOf(simulation, group.members));
    const request = put(`/Groups/${group.id}`, { schemas: [urn.group], id: group.id, displayName, members });
    const response = await simulation.send('replace group', request);
    if (simulation.hasStatus(response, [200], 'membership-refused')) await checkGroup(simulation, group);
  },
};

/** Okta: an integration of the catalog, then what differs in one of the wizard. */
export const okta = (): Client => ({
  id: 'okta',
  name: 'Okta',
  confidence: 'documented',
  reconstructed: [],
  sources: [
    'Okta Developer: SCIM 2.0 protocol reference',
    'Okta Developer: SCIM FAQs, and Test your SCIM API',
    'Okta Developer: SCIM 1.1 reference (requests after the set-up)',
  ],
  policy: {
    headers: {
      'content-type': 'application/scim+json; charset=utf-8',
      accept: 'application/scim+json',
      'accept-charset': 'utf-8',
      'user-agent': 'Okta SCIM Client 1.0.0',
    },
    timeoutMilliseconds: 60_000,
    attempts: 4,
    honorsRetryAfter: true,
  },
  dialect,
  consequences: {
    'empty-match': {
      severity: 'warning',
      consequence: 'delay',
      next: '{client} accepts it for a lookup and creates the user; its test suite does not.',
    },
    'create-unreadable': {
      consequence: 'access missing',
      next: '{client} treats an empty response as a failed creation, and the task waits for an administrator.',
    },
    'server-error': {
      consequence: 'access missing',
      next: '{client} marks the task as failed; an administrator must start it again.',
    },
    'update-refused': {
      consequence: 'drift',
      next: '{client} marks the task as failed; an administrator must start it again.',
    },
    'disabled-hidden': {
      next: '{client} cannot reactivate the user on reassignment: it creates a second one, or the task fails with a conflict.',
    },
    'page-unstable': { next: '{client} imports some users twice, and treats missing ones as deleted.' },
  },
  stages: [
    connectionTest(async (simulation) => {
      await probeList(simulation, 'test the connector', '/Users?startIndex=1&count=2');
      await probeList(simulation, 'test the connector', '/Groups?startIndex=1&count=100');
      await probeWrongKey(simulation, '/Users?startIndex=1&count=2');
      await findNobody(
        simulation,
        'match user',
        `/Users?filter=${equals('userName', `o'neill+${randomUUID()}@example.com`)}`,
      );
      const unknown = await simulation.get('read an unknown user', `/Users/${randomUUID()}`);
      simulation.hasStatus(unknown, [404], 'read-wrong');
    }),
    ...creation,
    importUserPages,
    quietCycle,
    updateUsers('profiles change', (accounts) => everyOf(accounts, 2), yearLater),
    changedUserNames,
    passwordSync,
    ...groupChanges,
    fullPush,
    putGroup,
    lostResponses,
    setActive('users are unassigned', false, (accounts) => everyOf(accounts, 3)),
    setActive('users are assigned again', true, (accounts) => accounts.filter(isInactive)),
    asWizardApp(setActive('users are unassigned, by PUT', false, (accounts) => everyOf(accounts, 3, 1))),
    asWizardApp(setActive('users are assigned again, by PUT', true, (accounts) => accounts.filter(isInactive))),
    ...lastCycle(quietCycle, 'last cycle: nothing has changed'),
  ],
});
