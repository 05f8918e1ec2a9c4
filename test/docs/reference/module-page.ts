import type { Exported, ExportedMember, Subpath } from './exports.js';

const notice = '<!-- Written by `npm run reference` from the doc comments in src. -->';

/** The file of a subpath below docs/reference. */
export function fileOf(subpath: string): string {
  return `${subpath.replace('/', '-')}.md`;
}

/** Cells may not end a row, and Markdown outside of code may not begin an element. */
export function cell(text: string): string {
  return escapeText(text.replace(/\s*\n\s*/g, ' ')).replaceAll('|', '\\|');
}

/** Text of a doc comment as Markdown: only in code is `<` a plain character. */
function escapeText(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : part.replaceAll('<', '&lt;').replace(/\{@link ([^}]+)\}/g, '`$1`')))
    .join('');
}

export function code(text: string): string {
  return `\`${text.replaceAll('`', "'").replaceAll('|', '\\|')}\``;
}

/** The page of one subpath: every export with its declaration, description, members and example. */
export function modulePage({ name, text, exports }: Subpath): string {
  const groups = [
    ['Functions', exports.filter(({ kind }) => kind === 'function')],
    ['Classes', exports.filter(({ kind }) => kind === 'class')],
    ['Values', exports.filter(({ kind }) => kind === 'value')],
    ['Types', exports.filter(({ kind }) => kind === 'interface' || kind === 'type')],
  ] as const;
  return [
    notice,
    `# ${name}`,
    escapeText(text),
    ...groups.flatMap(([title, list]) =>
      list.length === 0
        ? []
        : [`**${title}:** ${list.map((each) => `[${each.name}](#${anchorOf(each, exports)})`).join(', ')}`],
    ),
    ...groups.flatMap(([, list]) => list.flatMap(section)),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

const order: readonly Exported['kind'][] = ['function', 'class', 'value', 'interface', 'type'];

/** The exports in the order of the page: functions, classes, values, types. */
function inOrder(exports: readonly Exported[]): readonly Exported[] {
  const rank = ({ kind }: Exported): number => Math.min(order.indexOf(kind), order.indexOf('interface'));
  return exports.toSorted((left, right) => rank(left) - rank(right));
}

/** The anchor of an export on the page of its subpath: `offboarding` and `Offboarding` would have the same. */
export function anchorOf(exported: Exported, exports: readonly Exported[]): string {
  const anchor = exported.name.toLowerCase();
  const same = inOrder(exports).filter(({ name }) => name.toLowerCase() === anchor);
  const index = same.indexOf(exported);
  return index > 0 ? `${anchor}-${String(index)}` : anchor;
}

function section(exported: Exported): readonly string[] {
  const { name, text, signature, members, parameters, returns, throws, example } = exported;
  return [
    `## ${name}`,
    escapeText(text),
    `\`\`\`typescript\n${signature}\n\`\`\``,
    table('parameter', parameters),
    returns === undefined ? '' : `**Returns** ${escapeText(returns)}`,
    ...throws.map((each) => `**Throws** ${escapeText(each)}`),
    table('member', members),
    example === undefined ? '' : `**Example**\n\n\`\`\`typescript\n${example}\n\`\`\``,
  ];
}

function table(title: string, members: readonly ExportedMember[]): string {
  if (members.length === 0) return '';
  return [
    `| ${title} | type | description |`,
    '| --- | --- | --- |',
    ...members.map(
      ({ name, type, isOptional, text }) =>
        `| ${code(name)}${isOptional ? ' (optional)' : ''} | ${type === '' ? '' : code(type)} | ${cell(text)} |`,
    ),
  ].join('\n');
}
