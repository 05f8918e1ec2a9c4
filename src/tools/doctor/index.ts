import type { WireClient } from '../wire/client.js';
import type { Check, DoctorFinding } from './check.js';
import { doctorClient, type DoctorTarget, Unreachable } from './client.js';
import { connectionChecks } from './connection-checks.js';
import { protocolChecks } from './protocol-checks.js';

export type { DoctorFinding, FindingLevel } from './check.js';
export type { DoctorTarget } from './client.js';

const [reachable, ...others] = [...connectionChecks, ...protocolChecks];

/**
 * Checks over HTTP what would stop an identity provider from provisioning to a SCIM service: address, certificate,
 * proxies, keys, media types, discovery, pagination and latency.
 *
 * It sends about 30 requests, one after another; each may take 15 seconds. It creates one user and deletes it again,
 * unless `readOnly` is set. Where the service cannot be reached, the only finding says so.
 *
 * @returns one finding or more for each check, in the order of the checks, each problem with its remedy; it does not
 * throw because of the service
 * @example
 * import { runDoctor } from 'express-scim/conformance';
 *
 * const key = process.env['SCIM_KEY'] ?? '';
 * const findings = await runDoctor({ baseUrl: 'https://app.example.com/scim/v2', key });
 * for (const { level, title, remedy } of findings) {
 *   if (level !== 'ok') console.log(`${level}: ${title}. ${remedy}`);
 * }
 */
export async function runDoctor(target: DoctorTarget): Promise<readonly DoctorFinding[]> {
  const client = doctorClient(target);
  if (reachable === undefined) return [];
  const first = await findingsOf(reachable, client);
  // Where nothing responds, all other checks would say the same.
  if (first.some(({ level }) => level === 'problem')) return first;
  const findings = [...first];
  for (const check of others) {
    if (target.readOnly === true && check.writes === true) continue;
    findings.push(...(await findingsOf(check, client)));
  }
  return findings;
}

async function findingsOf(check: Check, client: WireClient): Promise<readonly DoctorFinding[]> {
  const { id, title } = check;
  try {
    const verdicts = await check.run(client);
    const all = 'level' in verdicts ? [verdicts] : verdicts;
    return all.map((verdict) => ({ check: id, title, remedy: '', ...verdict }));
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    const remedy = 'The service responds only sometimes: check its log, and the timeouts of the proxy.';
    return [{ check: id, title, level: 'problem', observed: `no response: ${error.message}`, remedy }];
  }
}
