import { checkTarget } from '../wire/check-target.js';
import type { WireClient } from '../wire/client.js';
import { type Check, type DoctorFinding, problem, type Verdict } from './check.js';
import { doctorClient, type DoctorTarget, Unreachable } from './client.js';
import { connectionChecks } from './connection-checks.js';
import { protocolChecks } from './protocol-checks.js';

export type { DoctorFinding, FindingLevel } from './check.js';
export type { DoctorTarget } from './client.js';

const checks = [...connectionChecks, ...protocolChecks];

/**
 * Checks over HTTP what would stop an identity provider from provisioning to a SCIM service: address, certificate,
 * proxies, keys, media types, discovery, pagination and latency.
 *
 * It sends about 30 requests, one after another; each may take 15 seconds. It creates one user and deletes it again,
 * unless `readOnly` is set. A problem that explains all others, such as a wrong path or a refused key, is the last finding.
 *
 * @returns one finding or more for each check, in the order of the checks, each problem with its remedy; it does not
 * throw because of the service
 * @throws TypeError that names every wrong option
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
  checkTarget('runDoctor', target, { readOnly: 'boolean', fetch: 'function' });
  const client = doctorClient(target);
  const findings: DoctorFinding[] = [];
  for (const check of checks) {
    if (target.readOnly === true && check.writes === true) continue;
    const verdicts = await verdictsOf(check, client);
    const { id, title } = check;
    for (const { level, observed, remedy = '' } of verdicts)
      findings.push({ check: id, title, level, observed, remedy });
    if (verdicts.some(({ explainsAll }) => explainsAll === true)) break;
  }
  return findings;
}

async function verdictsOf(check: Check, client: WireClient): Promise<readonly Verdict[]> {
  try {
    const verdicts = await check.run(client);
    return 'level' in verdicts ? [verdicts] : verdicts;
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    const remedy = 'The service responds only sometimes: check its log, and the timeouts of the proxy.';
    return [problem(`no response: ${error.message}`, remedy)];
  }
}
