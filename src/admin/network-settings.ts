import { isNetwork, maxNetworks } from '../auth/networks.js';
import { audited } from './audited.js';
import type { Connection } from './contract.js';
import type { Fields } from './fields.js';
import { PanelError } from './panel-error.js';
import { shortenedTo, visible } from './visible.js';
import type { Visit } from './visit.js';

const longestShown = 60;

/**
 * Reads networks: one on each line; commas and spaces separate them too. Undefined for an empty text: every address.
 *
 * @throws PanelError 400
 */
export function readNetworks(text = ''): readonly string[] | undefined {
  const networks = text.split(/[\s,;]+/).filter((network) => network !== '');
  if (networks.length > maxNetworks) {
    throw new PanelError(400, `Enter at most ${String(maxNetworks)} networks.`, 'networks');
  }
  const wrong = networks.find((network) => !isNetwork(network));
  if (wrong !== undefined) {
    throw new PanelError(
      400,
      `${shortenedTo(longestShown, visible(wrong))} is not a network. Enter an address or a network in CIDR notation on ` +
        'each line, such as 203.0.113.0/24 or 2001:db8::/32.',
      'networks',
    );
  }
  return networks.length === 0 ? undefined : networks;
}

/** Saves the networks that all keys of the connection are bound to. An empty field permits every address. */
export async function saveNetworks(visit: Visit, fields: Fields): Promise<readonly string[] | undefined> {
  const text = fields.get('networks');
  // A field that is left out must not remove the list.
  if (text === undefined) throw new PanelError(400, 'Enter the allowed networks, or an empty text for every address.');
  const networks = readNetworks(text);
  const { keys: _, ...connection }: Connection = visit.connection;
  await audited(visit, 'connection.networks', { networks: networks?.join(' ') ?? 'every address' }, async () => {
    await visit.options.connections.create(connection);
    await visit.options.connections.update(connection.tenant, connection.id, { networks: networks ?? null });
  });
  return networks;
}
