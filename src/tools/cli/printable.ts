import { withoutKeys } from '../wire/without-keys.js';

/**
 * Text of a server in one line, without anything that controls a terminal: controls, bidirectional and other invisible
 * characters become escapes.
 */
export function printable(text: string): string {
  return text.replace(/[\r\n\t]+/g, ' ').replace(invisible, escaped);
}

/**
 * What the command line prints or writes into a file: without keys, and without characters that control a terminal,
 * except line ends and the few sequences that this program uses itself (`paint`, progress lines).
 *
 * The escapes are those of JSON, so that a JSON report stays one.
 */
export function cleanOutput(text: string, keys: readonly string[]): string {
  return withoutKeys(text, keys).replace(ownOrInvisible, (match: string) => (own.test(match) ? match : escaped(match)));
}

const invisible = /[\p{C}\p{Zl}\p{Zp}]/gu;
const own = /^(?:\n|\u001b\[(?:0|2|31|32|33)m|\r\u001b\[K)$/;
const ownOrInvisible = /\u001b\[(?:0|2|31|32|33)m|\r\u001b\[K|[\p{C}\p{Zl}\p{Zp}]/gu;

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, place) => {
    return `\\u${character.charCodeAt(place).toString(16).padStart(4, '0')}`;
  }).join('');
}
