import { bodyOf, differences, type Mapping } from '../attribute.js';
import type { Stage } from '../client.js';
import type { DirectoryUser } from '../directory.js';
import type { ClientResponse } from '../session.js';
import { type Account, isLinked, linkedAccounts, type Simulation, subjectOf } from '../simulation.js';
import { checkAccount, compareAccount } from './check.js';
import { findNobody } from './find.js';

type LinkedAccount = Account & { id: string };

/** Matches, then creates each user of the directory; then reads all of them back. */
export const createUsers: Stage = {
  name: 'first cycle: users',
  first: true,
  async play(simulation) {
    const accounts = [...simulation.accounts.values()];
    await simulation.each(accounts, (account) => createUser(simulation, account));
    await simulation.each(accounts.filter(isLinked), (account) => checkAccount(simulation, account));
  },
};

/** Creates one user, as the client does. */
async function createUser(simulation: Simulation, account: Account): Promise<void> {
  const { dialect } = simulation;
  if (dialect.looksUpFirst) await findNobody(simulation, 'match user', dialect.matchUser(account.user));
  const response = await simulation.send('create user', dialect.createUser(subjectOf(simulation, account)));
  if (response.status !== 409 && !created(simulation, response)) return;
  // A 409 for an unused name: a creation that was sent again after a 5xx, or a fault of the server.
  account.id = response.status === 409 || response.id === '' ? await lookup(simulation, account.user) : response.id;
  if (response.status === 409 && account.id === undefined) simulation.hasStatus(response, [201], 'create-refused');
  else if (response.id !== '') compareAccount(simulation, response, response.body, account);
}

function created(simulation: Simulation, response: ClientResponse): boolean {
  if (response.status === 200 && response.id !== '') {
    simulation.found('create-refused', response, '201', { severity: 'warning' });
    return true;
  }
  if (!simulation.hasStatus(response, [201], 'create-refused')) return false;
  if (response.id === '')
    simulation.found('create-unreadable', response, '201 with the resource and its id', {
      received: '201 without an id',
    });
  return true;
}

async function lookup(simulation: Simulation, user: DirectoryUser): Promise<string | undefined> {
  const path = simulation.dialect.matchUser(user);
  const [resource, ...more] = (await simulation.get('lookup after the creation', path)).resources;
  return typeof resource?.['id'] === 'string' && more.length === 0 ? resource['id'] : undefined;
}

/** Some users change in the directory; the client sends the changes, and they are read back. */
export function updateUsers(
  name: string,
  choose: (accounts: readonly LinkedAccount[]) => readonly LinkedAccount[],
  change: (user: DirectoryUser) => DirectoryUser,
): Stage {
  return {
    name,
    play: (simulation) =>
      simulation.each(choose(linkedAccounts(simulation)), async (account) => {
        const before = account.user;
        account.user = change(before);
        const mapping = simulation.dialect.mapping(before);
        if (await sendUpdate(simulation, account, mapping)) await checkAccount(simulation, account, mapping);
        else account.user = before;
      }),
  };
}

/** Updates an account. @returns whether the server accepted it */
export async function sendUpdate(simulation: Simulation, account: LinkedAccount, before: Mapping): Promise<boolean> {
  const { dialect } = simulation;
  const current = await readFirst(simulation, account);
  const mapping = dialect.mapping(account.user);
  const changed = differences(current ?? bodyOf(before), mapping);
  const request = dialect.updateUser(account.id, subjectOf(simulation, account), changed, current);
  const response = await simulation.send('update user', request);
  return simulation.hasStatus(response, [200, 204], 'update-refused');
}

async function readFirst(simulation: Simulation, account: LinkedAccount) {
  const { dialect } = simulation;
  if (!dialect.readsBeforeUpdate) return undefined;
  const response = await simulation.get('read user before the update', dialect.readUser(account.id));
  const rule = account.active ? 'read-refused' : 'disabled-hidden';
  return simulation.hasStatus(response, [200], rule) ? response.body : undefined;
}

/** Disables or enables some accounts; they must stay readable and findable, with a boolean `active`. */
export function setActive(
  name: string,
  active: boolean,
  choose: (accounts: readonly LinkedAccount[]) => readonly LinkedAccount[],
): Stage {
  return {
    name,
    play: (simulation) =>
      simulation.each(choose(linkedAccounts(simulation)), async (account) => {
        const { dialect } = simulation;
        const current = await readFirst(simulation, account);
        const before = account.active;
        account.active = active;
        const request = dialect.setActive(account.id, subjectOf(simulation, account), current);
        const response = await simulation.send(active ? 'enable user' : 'disable user', request);
        if (simulation.hasStatus(response, [200, 204], active ? 'enable-refused' : 'disable-refused')) {
          await checkAccount(simulation, account);
        } else account.active = before;
      }),
  };
}

/** Deletes some accounts; no query must return them afterwards. */
export function deleteUsers(
  name: string,
  choose: (accounts: readonly LinkedAccount[]) => readonly LinkedAccount[],
): Stage {
  return {
    name,
    async play(simulation) {
      const { dialect } = simulation;
      if (dialect.deleteUser === undefined) return;
      const remove = dialect.deleteUser;
      await simulation.each(choose(linkedAccounts(simulation)), async (account) => {
        const { id } = account;
        const response = await simulation.send('delete user', remove(id));
        if (!simulation.hasStatus(response, [204, 200], 'delete-refused')) return;
        forget(simulation, account.user.key);
        const read = await simulation.get('check: read deleted user', dialect.readUser(id));
        simulation.hasStatus(read, [404], 'delete-ignored');
        await findNobody(simulation, 'check: find deleted user', dialect.matchUser(account.user));
      });
    },
  };
}

function forget(simulation: Simulation, key: string): void {
  const account = simulation.accounts.get(key);
  if (account === undefined) return;
  account.id = undefined;
  for (const other of simulation.accounts.values()) if (other.user.managerKey === key) other.managerId = undefined;
  for (const group of simulation.groups) group.members.delete(key);
}
