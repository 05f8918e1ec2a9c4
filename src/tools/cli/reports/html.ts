import type { TestResult } from '../../index.js';
import { escapeMarkup as text } from './escape.js';
import { htmlPage } from './page.js';
import { type TestedRun, byFeature, countOf } from './tested-run.js';

/** The report as a page. Every value is escaped. */
export function htmlReport(run: TestedRun): string {
  const { report, url, mode, started } = run;
  const { passed, failed, skipped } = report;
  const tried = passed + failed;
  const verdict =
    failed > 0
      ? `${String(failed)} of ${String(tried)} tests failed`
      : tried === 0
        ? 'All tests were skipped'
        : tried === 1
          ? 'The test passed'
          : `All ${String(tried)} tests passed`;
  const body = `<header>
<p class="kind">SCIM 2.0 conformance tests</p>
<h1 class="${failed > 0 ? 'failed' : 'passed'}">${text(verdict)}</h1>
<p class="about"><code>${text(url)}</code> <span>${mode} mode</span>
<time datetime="${started.toISOString()}">${started.toISOString().slice(0, 16).replace('T', ' ')} UTC</time>
<span>${(report.milliseconds / 1000).toFixed(1)} s</span></p>
${bar(passed, failed, skipped)}
</header>
<form class="show" aria-label="Which tests to show">
${choice('all', 'All', report.results.length, failed === 0)}
${choice('failed', 'Failed', failed, failed > 0)}
${choice('passed', 'Passed', passed, false)}
${choice('skipped', 'Skipped', skipped, false)}
</form>
<main>
${[...byFeature(report)].map(([feature, results]) => section(feature, results)).join('\n')}
</main>
<footer>Each test checks one requirement of RFC 7643, RFC 7644, RFC 9865 or of a large client. Tests of features that the server
does not announce are skipped.</footer>`;
  return htmlPage({ title: `${verdict} · SCIM conformance`, body });
}

function bar(passed: number, failed: number, skipped: number): string {
  const part = (status: string, number: number): string =>
    number === 0 ? '' : `<span class="${status}" style="flex-grow:${String(number)}"></span>`;
  const label = `${String(passed)} passed, ${String(failed)} failed, ${String(skipped)} skipped`;
  return `<div class="bar" role="img" aria-label="${label}">${part('passed', passed)}${part('failed', failed)}${part('skipped', skipped)}</div>`;
}

function choice(value: string, label: string, count: number, checked: boolean): string {
  return `<label><input type="radio" name="show" value="${value}"${checked ? ' checked' : ''}>${label} <b>${String(count)}</b></label>`;
}

function section(feature: string, results: readonly TestResult[]): string {
  const states = [...new Set(results.map(({ status }) => status))].map((status) => `has-${status}`).join(' ');
  const tried = results.length - countOf(results, 'skipped');
  return `<section class="${states}">
<h2>${text(feature)} <small>${tried === 0 ? 'skipped' : `${String(countOf(results, 'passed'))} of ${String(tried)}`}</small></h2>
<ul>
${results.map(item).join('\n')}
</ul>
</section>`;
}

function item(result: TestResult): string {
  const { id, level, requirement, status } = result;
  return `<li class="${status}"><span class="mark" role="img" aria-label="${status}"></span><div>
<p>${text(requirement)}</p><p class="of"><code>${text(id)}</code> <span class="level">${level}</span></p>${details(result)}</div></li>`;
}

function details(result: TestResult): string {
  switch (result.status) {
    case 'passed':
      return '';
    case 'skipped':
      return `<p class="why">${text(result.reason)}</p>`;
    case 'failed':
      return `<ul class="why">${result.messages.map((message) => `<li>${text(message)}</li>`).join('')}</ul>`;
  }
}
