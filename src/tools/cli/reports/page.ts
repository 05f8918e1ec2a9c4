import { escapeMarkup } from './escape.js';

/** The parts of a page that differ. */
export interface PageParts {
  readonly title: string;
  /** Rules after those that all pages share. */
  readonly style?: string;
  /** Markup: every value in it is escaped already. */
  readonly body: string;
}

/** A self-contained page: no script, no font, no request. */
export function htmlPage({ title, style = '', body }: PageParts): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeMarkup(title)}</title>
<style>${pageStyle}${style}</style>
</head>
<body>
${body}
</body>
</html>
`;
}

/** Style of the HTML report. Radio buttons filter the tests, so that the page needs no script. */
const pageStyle = `
:root{--ground:#fbfaf7;--surface:#fff;--ink:#22252b;--soft:#686d76;--line:#e4e1da;--good:#1f7a4d;--bad:#c2362b;--none:#9aa0a8}
@media (prefers-color-scheme:dark){:root{--ground:#15171b;--surface:#1d2026;--ink:#e8e8e4;--soft:#9aa0aa;--line:#2d3139;--good:#5fc391;--bad:#ff8274;--none:#6d747e}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:60rem;padding:2.5rem 1.25rem 4rem;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
h1,h2,p,ul{margin:0;padding:0}ul{list-style:none}
code{font:.875em ui-monospace,monospace;overflow-wrap:anywhere}
.kind{color:var(--soft);letter-spacing:.08em;text-transform:uppercase;font-size:.75rem}
h1{font-size:clamp(1.75rem,5vw,2.75rem);line-height:1.15;letter-spacing:-.02em}
h1.passed{color:var(--good)}h1.failed{color:var(--bad)}
.about{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;color:var(--soft);margin:.75rem 0 1.25rem}
.bar{display:flex;gap:3px;height:.75rem}.bar span{border-radius:3px;min-width:4px}
.bar .passed{background:var(--good)}.bar .failed{background:var(--bad)}.bar .skipped{background:var(--line)}
.show{position:sticky;top:0;z-index:1;display:flex;flex-wrap:wrap;gap:.5rem;padding:1rem 0;background:var(--ground)}
.show label{border:1px solid var(--line);border-radius:2rem;padding:.25rem .9rem;background:var(--surface);cursor:pointer}
.show input{position:absolute;opacity:0}.show b{color:var(--soft);font-weight:500}
.show label:has(:checked){border-color:var(--ink);box-shadow:inset 0 0 0 1px var(--ink)}
.show label:has(:focus-visible){outline:3px solid var(--good);outline-offset:2px}
section{background:var(--surface);border:1px solid var(--line);border-radius:.75rem;margin:0 0 1rem;padding:1rem 1.25rem}
h2{font-size:1.0625rem;display:flex;justify-content:space-between;gap:1rem}h2 small{color:var(--soft);font-weight:400}
section>ul>li{display:flex;gap:.75rem;padding:.6rem 0;border-top:1px solid var(--line)}
section>ul{margin-top:.6rem}
.mark{flex:none;width:.65rem;height:.65rem;border-radius:50%;margin-top:.45rem;background:var(--none)}
.passed>.mark{background:var(--good)}.failed>.mark{background:var(--bad);border-radius:2px;transform:rotate(45deg)}
.skipped>.mark{background:none;border:2px solid var(--none)}
li>div{min-width:0;flex:1}.of{color:var(--soft);font-size:.875rem}.skipped>div>p:first-child{color:var(--soft)}
.level{margin-left:.4rem;font-size:.75rem;letter-spacing:.04em}
.why{margin-top:.35rem;font-size:.9rem;color:var(--soft);overflow-wrap:anywhere}
ul.why{border-left:3px solid var(--bad);padding-left:.75rem;color:var(--ink)}
footer{color:var(--soft);font-size:.875rem;margin-top:2rem}
body:has([value=failed]:checked) :is(section:not(.has-failed),section>ul>li:not(.failed)),
body:has([value=passed]:checked) :is(section:not(.has-passed),section>ul>li:not(.passed)),
body:has([value=skipped]:checked) :is(section:not(.has-skipped),section>ul>li:not(.skipped)){display:none}
@media print{.show{display:none}body{padding:0;max-width:none}section{break-inside:avoid-page}}
`;
