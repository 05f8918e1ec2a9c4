import { exceptions, skippedChecks } from './exceptions.mjs';

/**
 * One check of a tester.
 *
 * @typedef {{ tester: string, check: string, outcome: 'passed' | 'failed' | 'skipped', reason: string }} Check
 */

/**
 * Parses the output of `scim2 test`: a line `STATUS check` for each check, followed by its reason, indented or not.
 *
 * @param {string} text
 * @returns {Check[]}
 */
export function readScim2(text) {
  const checks = [];
  for (const line of text.replaceAll(/\u001b\[\d*m/g, '').split('\n')) {
    const [, status, check] = /^([A-Z]+) ([a-z][a-z0-9_]*)$/.exec(line) ?? [];
    if (status !== undefined)
      checks.push({ tester: 'scim2-tester', check, outcome: outcomes[status] ?? 'failed', reason: '' });
    else if (checks.length > 0) checks.at(-1).reason += `${checks.at(-1).reason === '' ? '' : '\n'}${line.trim()}`;
  }
  return checks;
}

const outcomes = { SUCCESS: 'passed', COMPLIANT: 'passed', ACCEPTABLE: 'passed', SKIPPED: 'skipped' };

/**
 * Parses the output of `scim-sanity probe --json-output`.
 *
 * @param {string} text
 * @returns {Check[]}
 */
export function readSanity(text) {
  return JSON.parse(text).results.map(({ name, status, message = '' }) => ({
    tester: 'scim-sanity',
    check: name,
    outcome: { pass: 'passed', skip: 'skipped' }[status] ?? 'failed',
    reason: message,
  }));
}

/**
 * Returns the checks that failed without an exception, the used exceptions, and the unused ones.
 *
 * @param {Check[]} checks
 */
export function judge(checks) {
  const used = new Map();
  const failed = checks.filter((check) => {
    if (check.outcome === 'passed') return false;
    const rows = check.outcome === 'skipped' ? skippedChecks : exceptions;
    const row = rows.find((each) => applies(each, check));
    if (row === undefined) return true;
    used.set(row, (used.get(row) ?? 0) + 1);
    return false;
  });
  const testers = new Set(checks.map(({ tester }) => tester));
  const unused = [...exceptions, ...skippedChecks].filter((row) => testers.has(row.tester) && !used.has(row));
  return { failed, used, unused };
}

function applies(row, { tester, check, reason }) {
  if (row.tester !== tester || !row.check.test(check)) return false;
  if (row.reason !== undefined && !row.reason.test(reason)) return false;
  if (row.ignoring === undefined) return true;
  const [sent, returned] = ['Patched', 'Returned'].map((which) =>
    row.ignoring.reduce(
      (value, pattern) => value?.replace(pattern, ''),
      new RegExp(`^${which} value: (.*)$`, 'm').exec(reason)?.[1],
    ),
  );
  return sent !== undefined && sent === returned;
}
