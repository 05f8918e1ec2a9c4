import { respondingChecks } from './answering.js';
import type { Check, DoctorFinding } from './check.js';
import { type ExaminationTarget, Prober, Unreachable } from './probe.js';
import { reachingChecks } from './reaching.js';

export type { DoctorFinding, FindingLevel } from './check.js';
export type { ExaminationTarget } from './probe.js';

const [reachable, ...others] = [...reachingChecks, ...respondingChecks];

/**
 * Finds out over HTTP what would stand between an identity provider and a SCIM service, with the remedy of each.
 *
 * It creates one user and deletes it again, unless `readOnly` is set.
 *
 * @example
 * const findings = await runDoctor({ baseUrl: 'https://app.example.com/scim/v2', key });
 * const problems = findings.filter(({ level }) => level === 'problem');
 */
export async function runDoctor(target: ExaminationTarget): Promise<readonly DoctorFinding[]> {
  const prober = new Prober({ ...target, baseUrl: target.baseUrl.replace(/\/+$/, '') });
  if (reachable === undefined) return [];
  const first = await findingsOf(reachable, prober);
  // Where nothing answers, all the rest would say the same.
  if (first.some(({ level }) => level === 'problem')) return first;
  const findings = [...first];
  for (const check of others) {
    if (target.readOnly === true && check.writes === true) continue;
    findings.push(...(await findingsOf(check, prober)));
  }
  return findings;
}

async function findingsOf(check: Check, prober: Prober): Promise<readonly DoctorFinding[]> {
  const { id, title } = check;
  try {
    const verdicts = await check.run(prober);
    const all = 'level' in verdicts ? [verdicts] : verdicts;
    return all.map((verdict) => ({ check: id, title, remedy: '', ...verdict }));
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    const remedy = 'The service answers at times only: look at its log, and at the timeouts of the proxy.';
    return [{ check: id, title, level: 'problem', seen: `no answer came: ${error.message}`, remedy }];
  }
}
