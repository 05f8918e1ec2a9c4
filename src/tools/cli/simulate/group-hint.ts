import type { SimulationReport } from '../../index.js';
import { type Endpoint, wireClient } from '../../wire/client.js';

/**
 * What to do where a client failed because the server serves no groups, which its findings alone do not say.
 *
 * @returns undefined where that is not the reason
 */
export async function groupHint(
  { findings, groups, name }: SimulationReport,
  endpoint: Endpoint,
): Promise<string | undefined> {
  const aboutGroups = findings.some(({ sent }) => /^\/(?:Groups|ResourceTypes\/Group)(?:[/?]|$)/.test(sent.path));
  if (!aboutGroups || !(await announcesNoGroups(endpoint))) return undefined;
  const reason = 'The server announces no Group resource type in /ResourceTypes.';
  return groups > 0
    ? `${reason} To simulate users only, pass --groups 0.`
    : `${reason} ${name} asks for groups when it connects, also where it provisions users only: serve groups too.`;
}

/** False also where the server does not say which resource types it has. */
async function announcesNoGroups(endpoint: Endpoint): Promise<boolean> {
  const client = wireClient({ endpoint, signal: () => AbortSignal.timeout(15_000) });
  const response = await client.send('GET', '/ResourceTypes').catch(() => undefined);
  if (response?.status !== 200 || response.resources.length === 0) return false;
  return !response.resources.some((type) => type['name'] === 'Group' || /\/Groups\/?$/.test(String(type['endpoint'])));
}
