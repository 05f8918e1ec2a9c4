// Tables and verdicts of the performance page.

const right = '---:';
const left = '---';

/** A Markdown table; a heading that starts with `>` is right-aligned, for figures. */
export function table(headings, rows) {
  const cells = (values) => `| ${values.join(' | ')} |`;
  return [
    cells(headings.map((heading) => heading.replace('>', ''))),
    cells(headings.map((heading) => (heading.startsWith('>') ? right : left))),
    ...rows.map(cells),
  ].join('\n');
}

export const ratio = (value) => (value === undefined ? '-' : value.toFixed(2));
export const verdict = (target, met) => (target === undefined ? '' : `${target} ${met ? 'met' : 'not met'}`);

export function measured({ at }, how) {
  return `Measured at ${at.commit} on ${at.date} (${at.processor}, ${at.cores} cores, Node ${at.node}): ${how}`;
}
