const longest = 300;

/** A name that somebody else chose, cut where nobody reads on. */
export function shortened(text: string): string {
  return text.length <= longest ? text : `${[...text.slice(0, 2 * longest)].slice(0, longest - 1).join('')}…`;
}

/**
 * Text that somebody else chose, with everything that is not seen, or turns the direction of what is, as an escape.
 *
 * Joiners stay: Persian, Hindi and many emoji are written with them.
 */
export function visible(text: string): string {
  return text.replace(/[^\P{C}\n\u200c\u200d]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}
