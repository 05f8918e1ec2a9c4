const mark = /\p{M}/u;

/**
 * Whether a text has more combining marks in a row than a limit allows.
 *
 * Unicode normalization sorts each run of marks, which takes quadratic time: UAX 15 calls text Stream-Safe when no run
 * is longer than 30. Real text has three or four marks on one letter at most.
 */
export function hasLongMarkRun(text: string, limit: number): boolean {
  let run = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    // No mark is below U+0300, and a text of letters and digits is nearly every text.
    if (code < 0x300) {
      run = 0;
      continue;
    }
    const character = code >= 0xd800 && code <= 0xdbff ? text.slice(i, i + 2) : (text[i] ?? '');
    if (character.length === 2) i++;
    run = mark.test(character) ? run + 1 : 0;
    if (run > limit) return true;
  }
  return false;
}
