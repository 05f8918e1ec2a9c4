// Reads the code blocks of documentation pages, so that exactly what a reader copies is run.
import { readFileSync } from 'node:fs';

const root = new URL('../../', import.meta.url);

/** The code blocks of a page. */
function blocksOf(page) {
  const text = readFileSync(new URL(`docs/${page}`, root), 'utf8');
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language, code]) => ({ language, code }));
}

/** The block whose first line is a comment with the name of the file. */
export function fileOf(page, name) {
  const found = blocksOf(page).filter(({ code }) => /^(?:\/\/|#) (\S+)\n/.exec(code)?.[1] === name);
  if (found.length !== 1) throw new Error(`docs/${page} has ${found.length} blocks that begin with the name ${name}`);
  return found[0].code;
}

/** The block that contains a text. */
export function blockWith(page, text) {
  const found = blocksOf(page).filter(({ code }) => code.includes(text));
  if (found.length !== 1) throw new Error(`docs/${page} has ${found.length} blocks with ${text}`);
  return found[0].code;
}

/** Replaces what differs between the example and this machine. Throws when the page does not contain it. */
export function adapt(code, ...replacements) {
  return replacements.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`the block does not contain: ${from}`);
    return text.replaceAll(from, to);
  }, code);
}
