import type { Finding, SimulationReport, StageOutcome } from '../../index.js';
import { escapeMarkup as text } from '../reports/escape.js';
import { htmlPage } from '../reports/page.js';
import { counted, notes, sums } from './text.js';

/** The report as a page. Every value is escaped. */
export function simulationPage(reports: readonly SimulationReport[], started: Date): string {
  const failed = reports.filter(({ passed }) => !passed).length;
  const verdict =
    failed === 0
      ? reports.length === 1
        ? `No problems found with ${reports[0]?.name ?? ''}`
        : `No problems found with ${String(reports.length)} clients`
      : `Problems found with ${reports.length === 1 ? (reports[0]?.name ?? '') : `${String(failed)} of ${String(reports.length)} clients`}`;
  const body = `<header>
<p class="kind">Identity provider simulation</p>
<h1 class="${failed > 0 ? 'failed' : 'passed'}">${text(verdict)}</h1>
<p class="about"><code>${text(reports[0]?.baseUrl ?? '')}</code>
<time datetime="${started.toISOString()}">${started.toISOString().slice(0, 16).replace('T', ' ')} UTC</time></p>
<p class="caution">${text(reports[0]?.disclaimer ?? '')}</p>
</header>
<main>
${reports.map(section).join('\n')}
</main>`;
  return htmlPage({ title: `${verdict} · identity provider simulation`, style, body });
}

const style = `
.caution{border-left:3px solid var(--none);padding-left:.75rem;margin-bottom:1.25rem}
dl{display:grid;grid-template-columns:5.5rem 1fr;gap:.15rem .75rem;margin:.4rem 0 0;font-size:.9rem}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere;min-width:0}
.stages{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.3rem;margin:.6rem 0}.stages li{border:1px solid var(--line);border-radius:2rem;padding:.1rem .7rem;font-size:.8rem;color:var(--soft)}
.stages .failed{border-color:var(--bad);color:var(--bad)}.stages .passed{border-color:var(--good)}
.warning>.mark{background:var(--none);border-radius:2px}
details{margin-top:.6rem;color:var(--soft);font-size:.875rem}`;

function section(report: SimulationReport): string {
  const { name, findings, stages, sources, passed, leftBehind, run } = report;
  const [, confidenceNote] = notes(report);
  const remaining =
    leftBehind.length === 0
      ? ''
      : `<p class="of">${counted(leftBehind.length, 'resource')} of the run ${text(run)} remain on the server.</p>`;
  return `<section>
<h2>${text(name)} <small>${passed ? 'passed' : counted(findings.filter(({ severity }) => severity === 'error').length, 'error')}</small></h2>
<p class="of">${text(sums(report))} ${text(confidenceNote ?? '')}</p>${remaining}
<ol class="stages" aria-label="Stages">${stages.map(stage).join('')}</ol>
<ul class="findings">
${findings.map(item).join('\n')}
</ul>
<details><summary>Modeled on</summary><ul>${sources.map((source) => `<li>${text(source)}</li>`).join('')}</ul></details>
</section>`;
}

function stage({ name, outcome, requests, errors, warnings }: StageOutcome): string {
  const state = outcome !== 'played' ? 'skipped' : errors > 0 ? 'failed' : 'passed';
  const result = [outcome === 'played' ? counted(requests, 'request') : outcome];
  if (errors > 0) result.push(counted(errors, 'error'));
  if (warnings > 0) result.push(counted(warnings, 'warning'));
  return `<li class="${state}">${text(name)}: ${result.join(', ')}</li>`;
}

function item(finding: Finding): string {
  const { severity, rule, stage: where, step, sent, expected, received, consequence, next, reference, times } = finding;
  const rows: readonly (readonly [string, string])[] = [
    [
      'sent',
      `<code>${text(`${sent.method} ${sent.path}`)}</code>${sent.body === undefined ? '' : `<br><code>${text(sent.body)}</code>`}`,
    ],
    ['expected', text(expected)],
    ['received', text(received)],
    ['see', text(reference)],
  ];
  return `<li class="${severity === 'error' ? 'failed' : 'warning'}"><span class="mark" role="img" aria-label="${severity}"></span><div>
<p><b>${text(consequence)}.</b> ${text(next)}</p>
<p class="of"><code>${text(rule)}</code> ${text(where)}, ${text(step)}${times === 1 ? '' : `, ${String(times)} times`}</p>
<dl>${rows.map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join('')}</dl></div></li>`;
}
