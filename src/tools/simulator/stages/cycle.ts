import { differences } from '../attribute.js';
import type { Stage } from '../client.js';
import type { ClientResponse } from '../session.js';
import { isLinked, linkedAccounts, type Simulation } from '../simulation.js';
import { checkAccount, checkGroup, show } from './check.js';
import { findOne } from './find.js';
import { readAsClient } from './groups.js';
import { sendUpdate } from './users.js';

/** A whole cycle in which nothing has changed: the client must find nothing to write, and nothing must move. */
export const quietCycle: Stage = {
  name: 'second cycle: nothing has changed',
  async play(simulation) {
    const before = await versions(simulation);
    await simulation.each(linkedAccounts(simulation), async (account) => {
      const { dialect } = simulation;
      const path = dialect.matchUser(account.user);
      const missing = account.active ? undefined : 'disabled-hidden';
      const { response, resource } = await findOne(simulation, 'match user', path, account.id, missing);
      if (resource === undefined) return;
      const writes = [...differences(resource, dialect.mapping(account.user)).keys()];
      if (writes.length > 0) {
        simulation.found('cycle-writes', response, 'nothing to write', {
          received: `other ${writes.join(', ')}`,
          about: writes.join(),
        });
      }
    });
    const { groups } = simulation.dialect;
    if (groups !== undefined) {
      await simulation.each(simulation.groups.filter(isLinked), async (group) => {
        await readAsClient(simulation, groups, group);
        await checkGroup(simulation, group);
      });
    }
    const after = await versions(simulation);
    for (const [path, { version, response }] of after) {
      const old = before.get(path);
      if (old !== undefined && old.version !== version) {
        simulation.found('version-moves', response, `meta ${old.version}`, {
          received: version,
          about: path.slice(0, 4),
        });
      }
    }
  },
};

/** A full cycle of a client that does not compare: it sends all users again, and nothing must change. */
export const repeatedCycle: Stage = {
  name: 'second cycle: everything is sent again',
  async play(simulation) {
    await simulation.each(linkedAccounts(simulation), async (account) => {
      await sendUpdate(simulation, account, simulation.dialect.mapping(account.user));
      await checkAccount(simulation, account);
    });
    await simulation.each(simulation.groups.filter(isLinked), (group) => checkGroup(simulation, group));
  },
};

interface Version {
  readonly version: string;
  readonly response: ClientResponse;
}

/** Version and lastModified of all that the client made, by path. */
async function versions(simulation: Simulation): Promise<ReadonlyMap<string, Version>> {
  const found = new Map<string, Version>();
  const paths = [
    ...linkedAccounts(simulation).map(({ id }) => `/Users/${id}`),
    ...simulation.groups.filter(isLinked).map(({ id }) => `/Groups/${id}`),
  ];
  await simulation.each(paths, async (path) => {
    const response = await simulation.get('check: read versions', path);
    if (response.status !== 200) return;
    const version = ['version', 'lastModified'].map((name) => show(response.get('meta', name))).join(' ');
    found.set(path, { version, response });
  });
  return found;
}
