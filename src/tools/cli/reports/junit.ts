import type { TestResult } from '../../index.js';
import { escapeMarkup } from './escape.js';
import { type TestedRun, byFeature, countOf } from './tested-run.js';

/** JUnit XML, as build servers read it: a suite for each feature, a case for each test. */
export function junitReport({ url, report, started }: TestedRun): string {
  const suites = [...byFeature(report)].map(([feature, results]) => {
    const time = seconds(results.reduce((sum, { milliseconds }) => sum + milliseconds, 0));
    const counts = `tests="${String(results.length)}" failures="${String(countOf(results, 'failed'))}" skipped="${String(countOf(results, 'skipped'))}"`;
    return [
      `  <testsuite name="${escapeMarkup(feature)}" ${counts} errors="0" time="${time}" timestamp="${started.toISOString()}">`,
      ...results.map(testCase),
      '  </testsuite>',
    ].join('\n');
  });
  const counts = `tests="${String(report.results.length)}" failures="${String(report.failed)}" skipped="${String(report.skipped)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="SCIM conformance tests of ${escapeMarkup(url)}" ${counts} errors="0" time="${seconds(report.milliseconds)}">`,
    ...suites,
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(result: TestResult): string {
  const name = escapeMarkup(`${result.id} ${result.requirement}`);
  const open = `    <testcase classname="scim.${escapeMarkup(result.feature)}" name="${name}" time="${seconds(result.milliseconds)}"`;
  switch (result.status) {
    case 'passed':
      return `${open}/>`;
    case 'skipped':
      return `${open}><skipped message="${escapeMarkup(result.reason)}"/></testcase>`;
    case 'failed': {
      const first = escapeMarkup(result.messages[0] ?? '');
      return `${open}><failure message="${first}" type="${result.level}">${escapeMarkup(result.messages.join('\n'))}</failure></testcase>`;
    }
  }
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}
