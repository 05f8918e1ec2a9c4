import type { Stage } from '../client.js';
import type { DirectoryUser } from '../directory.js';
import { isLinked, linkedAccounts, membersOf, type Simulation, subjectOf } from '../simulation.js';
import { checkAccount, checkGroup } from './check.js';

/** Requests that a client repeats after a lost response: creations, also concurrent ones, and memberships. */
export const lostResponses: Stage = {
  name: 'requests repeated after a lost response',
  async play(simulation) {
    const [account] = linkedAccounts(simulation);
    if (account !== undefined) {
      const request = simulation.dialect.createUser(subjectOf(simulation, account));
      const response = await simulation.send('create user again', request);
      if (response.status === 200 || response.status === 201) {
        simulation.found('conflict-accepted', response, '409 uniqueness', {
          received: `${String(response.status)}: a second resource`,
        });
      } else simulation.hasStatus(response, [409], 'conflict-unclear');
      await checkAccount(simulation, account);
    }
    await createTwins(simulation);
    await addAgain(simulation);
  },
};

/** The same creation twice concurrently: only the server can detect the conflict, not an earlier query. */
async function createTwins(simulation: Simulation): Promise<void> {
  const [model] = simulation.directory.users;
  if (model === undefined) return;
  const user: DirectoryUser = {
    ...model,
    key: 'twin',
    userName: `Twin.${model.userName}`,
    email: `twin.${model.email}`,
    externalId: `${model.externalId}-twin`,
    managerKey: undefined,
  };
  const request = simulation.dialect.createUser({ user, active: true, manager: undefined });
  const responses = await Promise.all([1, 2].map(() => simulation.send('create user twice at once', request)));
  const made = responses.filter(({ status }) => status === 201 || status === 200);
  const [, second] = made;
  if (second !== undefined) {
    simulation.found('conflict-accepted', second, 'one 201 and one 409', { received: 'two resources of one userName' });
  }
  for (const response of responses) {
    if (!made.includes(response)) simulation.hasStatus(response, [409], 'conflict-unclear');
  }
}

async function addAgain(simulation: Simulation): Promise<void> {
  const dialect = simulation.dialect.groups;
  const group = simulation.groups.filter(isLinked).find(({ members }) => members.size > 0);
  if (dialect === undefined || group === undefined) return;
  const all = membersOf(simulation, group.members);
  for (const request of dialect.changeMembers(group.id, group.team, { add: all.slice(0, 2), remove: [], all })) {
    const response = await simulation.send('add members again', request);
    simulation.hasStatus(response, [200, 204], 'retry-refused');
  }
  await checkGroup(simulation, group);
}
