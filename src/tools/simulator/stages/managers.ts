import { randomUUID } from 'node:crypto';
import type { Stage } from '../client.js';
import { linkedAccounts, type Simulation } from '../simulation.js';
import { checkAccount } from './check.js';

/**
 * Managers, each in a request of its own after the users exist. The first one gets a manager first whom the server
 * does not know: users come in any order, and a reference may be there before whom it names.
 */
export const setManagers: Stage = {
  name: 'first cycle: managers',
  async play(simulation) {
    const accounts = linkedAccounts(simulation);
    const [first] = accounts;
    if (first !== undefined) await setManager(simulation, first, randomUUID(), 'set a manager who is not there yet');
    await simulation.each(accounts, async (account) => {
      const { managerKey } = account.user;
      const manager = managerKey === undefined ? undefined : simulation.accounts.get(managerKey)?.id;
      if (manager !== undefined) await setManager(simulation, account, manager, 'set manager');
    });
  },
};

async function setManager(
  simulation: Simulation,
  account: ReturnType<typeof linkedAccounts>[number],
  managerId: string,
  step: string,
): Promise<void> {
  const request = simulation.dialect.setManager?.(account.id, managerId);
  if (request === undefined) return;
  const response = await simulation.send(step, request);
  if (!simulation.hasStatus(response, [200, 204], 'manager-refused')) return;
  account.managerId = managerId;
  await checkAccount(simulation, account);
}
