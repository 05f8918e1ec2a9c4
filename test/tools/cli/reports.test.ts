import { describe, expect, it } from '@jest/globals';
import type { ConformanceReport, TestResult } from '../../../src/tools/index.js';
import { writeReport } from '../../../src/tools/cli/reports/report.js';
import { testTable } from '../../../src/tools/cli/table.js';

const result = (id: string, outcome: object): TestResult =>
  ({ id, level: 'MUST', feature: 'filter', requirement: 'It is so', milliseconds: 1500, ...outcome }) as TestResult;
const odd = `a\u001b[31m\u0000 <b> & "it's" \ud83d\udd11 \ud83d`;
const report: ConformanceReport = {
  passed: 1,
  failed: 1,
  skipped: 1,
  milliseconds: 4500,
  results: [
    result('X-1', { status: 'passed' }),
    result('X-2', { status: 'failed', messages: [odd, 'a second one'] }),
    result('X-3', { status: 'skipped', reason: odd }),
  ],
};
const run = { url: 'https://x.example/scim', mode: 'strict', started: new Date(0), report } as const;

describe('reports of conformance tests', () => {
  it('are JUnit XML that every parser accepts', () => {
    const safe = `a\ufffd[31m\ufffd &#60;b&#62; &#38; &#34;it&#39;s&#34; \ud83d\udd11 \ufffd`;
    expect(writeReport('junit', run)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="SCIM conformance tests of https://x.example/scim" tests="3" failures="1" skipped="1" errors="0" time="4.500">
  <testsuite name="filter" tests="3" failures="1" skipped="1" errors="0" time="4.500" timestamp="1970-01-01T00:00:00.000Z">
    <testcase classname="scim.filter" name="X-1 It is so" time="1.500"/>
    <testcase classname="scim.filter" name="X-2 It is so" time="1.500"><failure message="${safe}" type="MUST">${safe}
a second one</failure></testcase>
    <testcase classname="scim.filter" name="X-3 It is so" time="1.500"><skipped message="${safe}"/></testcase>
  </testsuite>
</testsuites>
`);
  });

  it('are one HTML page with a verdict, that opens at the failures', () => {
    const page = writeReport('html', run);
    expect(page).toContain('<h1 class="failed">1 of 2 tests failed</h1>');
    expect(page).toContain('<input type="radio" name="show" value="failed" checked>');
    expect(page).toContain('prefers-color-scheme:dark');
    expect(page).not.toMatch(/<b> &|\u001b|\u0000/);
    const good = writeReport('html', { ...run, report: { ...report, failed: 0, results: report.results.slice(0, 1) } });
    expect(good).toContain('<h1 class="passed">The test passed</h1>');
  });

  it('are JSON with everything', () => {
    const { results, ...rest } = JSON.parse(writeReport('json', run)) as { results: unknown };
    expect(rest).toEqual({
      url: run.url,
      mode: 'strict',
      started: '1970-01-01T00:00:00.000Z',
      ...{ passed: 1, failed: 1, skipped: 1, milliseconds: 4500 },
    });
    expect(results).toEqual(report.results);
  });

  it('are a table that fits the terminal and contains no control characters', () => {
    const table = testTable(report, { color: false, width: 40 });
    expect(table).toContain('filter         1        1        1');
    expect(table).toMatch(/\n1 passed, 1 failed, 1 skipped, 4\.5 s\n$/);
    expect(table).not.toMatch(/\u001b|\u0000/);
    for (const line of table.split('\n')) expect(line.length).toBeLessThanOrEqual(40);
  });
});
