/** A text of at most this many characters; a longer one ends with an ellipsis. */
export function shortenedTo(maxLength: number, text: string): string {
  if (text.length <= maxLength) return text;
  // By code points, so that no character is cut in two.
  return `${[...text.slice(0, 2 * maxLength)].slice(0, maxLength - 1).join('')}…`;
}

/**
 * Text from outside, with invisible characters and those that change the text direction as escapes.
 *
 * Zero-width joiners and non-joiners stay: Persian, Hindi and many emoji need them.
 */
export function visible(text: string): string {
  return text.replace(/[^\P{C}\n\u200c\u200d]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}
