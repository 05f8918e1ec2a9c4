import type { Stage } from '../client.js';
import type { Simulation } from '../simulation.js';
import { findNobody, isList } from './find.js';

/** A query that must return a list, whatever its content. */
export async function probeList(simulation: Simulation, step: string, path: string): Promise<void> {
  const response = await simulation.get(step, path);
  if (simulation.hasStatus(response, [200], 'match-refused')) isList(simulation, response);
}

/** A query for a name that nobody has. */
export async function probeNobody(simulation: Simulation, path: string): Promise<void> {
  await findNobody(simulation, 'test the connection', path);
}

/** An unknown key must return 401. */
export async function probeWrongKey(simulation: Simulation, path: string): Promise<void> {
  const response = await simulation.send('test a wrong key', { method: 'GET', path, key: 'a-key-that-nobody-has' });
  simulation.hasStatus(response, [401], 'wrong-key-accepted');
}

/** Reads a discovery endpoint. `needed` are paths of values that the client reads, with what they must be. */
export async function probeDiscovery(
  simulation: Simulation,
  path: string,
  needed: Readonly<Record<string, 'boolean' | 'number' | 'string' | 'array'>> = {},
): Promise<Readonly<Record<string, unknown>>> {
  const response = await simulation.get('read discovery', path);
  if (!simulation.hasStatus(response, [200], 'discovery-incomplete')) return {};
  for (const [name, type] of Object.entries(needed)) {
    const value = response.get(...name.split('.'));
    const actual = Array.isArray(value) ? 'array' : typeof value;
    if (actual !== type) {
      simulation.found('discovery-incomplete', response, `${name} as ${type}`, { received: actual, about: name });
    }
  }
  return response.body;
}

/** What ServiceProviderConfig must contain, supported or not (RFC 7643 5). */
export const providerConfig = {
  'patch.supported': 'boolean',
  'bulk.supported': 'boolean',
  'bulk.maxOperations': 'number',
  'bulk.maxPayloadSize': 'number',
  'filter.supported': 'boolean',
  'filter.maxResults': 'number',
  'changePassword.supported': 'boolean',
  'sort.supported': 'boolean',
  'etag.supported': 'boolean',
  authenticationSchemes: 'array',
} as const;

/** The stage before everything else. */
export function connectionTest(play: (simulation: Simulation) => Promise<void>): Stage {
  return { name: 'connection test', first: true, play };
}
