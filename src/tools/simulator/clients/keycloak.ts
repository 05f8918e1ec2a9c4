import type { Mapping } from '../attribute.js';
import type { Client, Stage } from '../client.js';
import type { Dialect, GroupDialect, Member } from '../dialect.js';
import type { DirectoryUser, Team } from '../directory.js';
import { linkedAccounts } from '../simulation.js';
import { repeatedCycle } from '../stages/cycle.js';
import { moveMembers, renameGroups } from '../stages/groups.js';
import { connectionTest, probeList } from '../stages/probe.js';
import { lostResponses } from '../stages/retries.js';
import { isList } from '../stages/find.js';
import { changedProfiles, changedUserNames, creation, lastCycle, leaving } from '../stages/sequences.js';
import { mappingOf, namesOf, post, put, userBody, values } from './messages.js';
import { usualGroups, usualUsers } from './usual-requests.js';
import { urn } from '../../wire/urn.js';

const mapping = (user: DirectoryUser): Mapping => mappingOf({ ...namesOf(user), externalId: user.externalId });

const groupBody = ({ displayName, externalId }: Team, members: readonly Member[]) => ({
  schemas: [urn.group],
  externalId,
  displayName,
  members: values(members),
});

const groups: GroupDialect = {
  ...usualGroups,
  matchGroup: undefined,
  createGroup: (team, members) => post('/Groups', groupBody(team, members)),
  createsWithMembers: true,
  rename: (id, team, members) => put(`/Groups/${id}`, { id, ...groupBody(team, members) }),
  changeMembers: (id, team, { all }) => [put(`/Groups/${id}`, { id, ...groupBody(team, all) })],
  bursts: false,
};

const dialect: Dialect = {
  ...usualUsers,
  // Used by the checks only: the plug-in keeps the ids itself.
  looksUpFirst: false,
  mapping,
  createUser: ({ user, active }) => post('/Users', userBody([urn.user], mapping(user), { active })),
  updateUser: (id, { user, active }) => put(`/Users/${id}`, userBody([urn.user], mapping(user), { id, active })),
  setActive: (id, { user, active }) => put(`/Users/${id}`, userBody([urn.user], mapping(user), { id, active })),
  groups,
};

/** The import requests all users at once and never a second page: it misses what the response does not contain. */
const importAll: Stage = {
  name: 'import: all users at once',
  async play(simulation) {
    const response = await simulation.get('import users', '/Users');
    if (!simulation.hasStatus(response, [200], 'match-refused') || !isList(simulation, response)) return;
    const total = Number(response.get('totalResults'));
    const ids = new Set(response.resources.map(({ id }) => id));
    const missed = linkedAccounts(simulation).filter(({ id }) => !ids.has(id)).length;
    // A service may return a single page (RFC 7644 3.4.2.4): then it is a limit of the client, no fault of the server.
    const severity = ids.size < total ? ('warning' as const) : undefined;
    if (missed > 0) {
      simulation.found('page-unstable', response, 'every user', {
        received: `${String(missed)} of the run are missing`,
        severity,
      });
    }
  },
};

/** Keycloak with the SCIM plug-in: POST, PUT and DELETE only, groups with all their members. */
export const keycloak = (): Client => ({
  id: 'keycloak',
  name: 'Keycloak with its SCIM plug-in',
  confidence: 'source-code',
  reconstructed: [],
  sources: ['mitodl/keycloak-scim (UnboundID SCIM 2 SDK)'],
  policy: {
    headers: { 'content-type': 'application/scim+json', accept: 'application/scim+json' },
    timeoutMilliseconds: 30_000,
    attempts: 10,
    responsesAreFinal: true,
    honorsRetryAfter: false,
  },
  dialect,
  consequences: {
    'server-error': {
      consequence: 'access missing',
      next: '{client} writes a line into its log and forgets the change until the next full synchronization.',
    },
    throttled: {
      consequence: 'access missing',
      next: '{client} does not wait: it writes a line into its log and forgets the change until the next full synchronization.',
    },
    'page-unstable': { next: '{client} never asks for a second page, and creates those again whom it did not see.' },
  },
  stages: [
    connectionTest((simulation) => probeList(simulation, 'test the connection', '/Users')),
    ...creation,
    importAll,
    repeatedCycle,
    changedProfiles,
    changedUserNames,
    moveMembers,
    renameGroups,
    lostResponses,
    ...leaving({ deactivated: 'users are disabled' }),
    ...lastCycle(repeatedCycle, 'last cycle: everything is sent again'),
  ],
});
