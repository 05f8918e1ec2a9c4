import { valueAtPath } from '../attribute.js';
import type { Client, Stage } from '../client.js';
import type { Dialect, GroupDialect, Member } from '../dialect.js';
import { everyOf } from '../directory.js';
import type { Outgoing } from '../session.js';
import { linkedAccounts } from '../simulation.js';
import { checkAccount } from '../stages/check.js';
import { quietCycle } from '../stages/cycle.js';
import { moveMembers, renameGroups } from '../stages/groups.js';
import { importUserPages } from '../stages/paging.js';
import { connectionTest, probeList } from '../stages/probe.js';
import { lostResponses } from '../stages/retries.js';
import { changedProfiles, changedUserNames, creation, lastCycle, leaving } from '../stages/sequences.js';
import { enterprise, formEquals, patch, post, userBody, values } from './messages.js';
import { renameWithPath, usualGroups, usualUsers, usualMapping } from './usual-requests.js';
import { urn } from '../../wire/urn.js';

/** What a search asks for: the mapped attributes, without sub-attributes. */
const attributes = ['userName', 'name', 'displayName', 'emails', 'externalId', 'title', 'active'];
const asked = [...attributes, enterprise('department'), enterprise('employeeNumber')].join(',');

const get = (path: string): Outgoing => ({ method: 'GET', path });

/**
 * A membership is an attribute of the user. The connector reads the user, sends the PATCH of its other attributes, and
 * then that of the group. Where nothing else has changed the first PATCH has no `Operations`, because Jackson leaves
 * out empty collections.
 */
function membership(groupId: string, member: Member, op: 'add' | 'remove'): readonly Outgoing[] {
  const path = op === 'add' ? 'members' : `members[value eq "${member.id}"]`;
  return [
    get(`/Users/${member.id}`),
    { method: 'PATCH', path: `/Users/${member.id}`, body: { schemas: [urn.patch] } },
    patch(`/Groups/${groupId}`, [{ op, path, value: values([member]) }]),
  ];
}

const groups: GroupDialect = {
  ...usualGroups,
  matchGroup: ({ displayName }) => `/Groups?filter=${formEquals('displayName', displayName)}`,
  createGroup: ({ displayName }) =>
    post('/Groups', { schemas: [urn.group], meta: { resourceType: 'Group' }, displayName }),
  createsWithMembers: false,
  rename: renameWithPath,
  changeMembers: (id, _, change) => [
    ...change.add.flatMap((member) => membership(id, member, 'add')),
    ...change.remove.flatMap((member) => membership(id, member, 'remove')),
  ],
  stopsAtFailure: true,
};

const dialect: Dialect = {
  ...usualUsers,
  // The name of the account is always looked up as `username`.
  matchUser: (user) => `/Users?filter=${formEquals('username', user.userName)}&attributes=${encodeURIComponent(asked)}`,
  readsBeforeUpdate: true,
  mapping: usualMapping,
  createUser: ({ user, active }) =>
    post(
      '/Users',
      userBody([urn.user, urn.enterprise], usualMapping(user), { active, meta: { resourceType: 'User' } }),
    ),
  updateUser: (id, { user }, changed) =>
    patch(
      `/Users/${id}`,
      [...changed].map(([path, value]) =>
        // A replace of e-mail addresses has the attribute as its path, and all of them as its value.
        path.startsWith('emails[')
          ? { op: 'replace', path: 'emails', value: [{ value: user.email, type: 'work' }] }
          : { op: 'replace', path, value },
      ),
    ),
  setActive: (id, { active }) => patch(`/Users/${id}`, [{ op: 'replace', path: 'active', value: active }]),
  groups,
};

/** Older versions, and `useColonOnExtensionAttributes` off: a dot after the URN, in paths and in `attributes`. */
const dottedExtension: Stage = {
  name: 'extension attributes with a dot after the URN',
  play: (simulation) =>
    simulation.each(everyOf(linkedAccounts(simulation), 10), async (account) => {
      const before = account.user;
      account.user = { ...before, department: `${before.department} South` };
      const { department, userName } = account.user;
      const path = `${urn.enterprise}.department`;
      const request = patch(`/Users/${account.id}`, [{ op: 'replace', path, value: department }]);
      const response = await simulation.send('update an extension attribute', request);
      if (!simulation.hasStatus(response, [200, 204], 'update-refused')) {
        account.user = before;
        return;
      }
      await checkAccount(simulation, account, usualMapping(before));
      const query = `filter=${formEquals('username', userName)}&attributes=${encodeURIComponent(`userName,${path}`)}`;
      const list = await simulation.get('match user, and ask for an extension attribute', `/Users?${query}`);
      if (!simulation.hasStatus(list, [200], 'match-refused')) return;
      const shown = valueAtPath(list.resources[0], enterprise('department'));
      if (shown !== department) {
        const received = shown === undefined ? 'no department' : 'another department';
        simulation.found('value-changed', list, 'the department', { received });
      }
    }),
};

/** Apache Syncope: one PATCH of the user and one of the group for each membership. */
export const syncope = (): Client => ({
  id: 'syncope',
  name: 'Apache Syncope (ConnId SCIM connector)',
  confidence: 'source-code',
  reconstructed: ['how Syncope maps the status of an account: as `active`'],
  sources: ['Tirasa/ConnIdSCIMBundle: common and v2 (AbstractSCIMConnector, SCIMv2Connector, SCIMv2Client)'],
  policy: {
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    contentTypeAlways: true,
    timeoutMilliseconds: 60_000,
    // It retries only a 401, with a new token.
    attempts: 1,
    honorsRetryAfter: false,
  },
  dialect,
  consequences: {
    'membership-refused': {
      next: '{client} reports the propagation as failed, and sends no PATCH of the group after one of the user failed.',
    },
    'server-error': { next: '{client} reports the propagation as failed; an administrator must run it again.' },
  },
  stages: [
    connectionTest((simulation) =>
      probeList(simulation, 'test the connector', '/Users?startIndex=1&count=1&attributes=userName'),
    ),
    ...creation,
    importUserPages,
    quietCycle,
    changedProfiles,
    changedUserNames,
    dottedExtension,
    moveMembers,
    renameGroups,
    lostResponses,
    ...leaving({ deactivated: 'users are suspended' }),
    ...lastCycle(quietCycle, 'last cycle: nothing has changed'),
  ],
});
