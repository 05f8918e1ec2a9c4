const mark = /^\p{M}/u;

/** For each character below U+20000: 0 not looked at yet, 1 no mark, 2 a mark. */
const kinds = new Uint8Array(0x20000);

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
    const point = code >= 0xd800 && code <= 0xdbff ? (text.codePointAt(i) ?? code) : code;
    if (point > 0xffff) i++;
    run = isMark(point) ? run + 1 : 0;
    if (run > limit) return true;
  }
  return false;
}

// Asking the expression for each character would take 30 times as long as remembering its result.
function isMark(point: number): boolean {
  const known = kinds[point];
  if (known !== undefined && known > 0) return known === 2;
  // Some letters become marks when their width is ignored: U+FF9E, the halfwidth voiced sound mark.
  const found = mark.test(String.fromCodePoint(point).normalize('NFKD'));
  if (point < kinds.length) kinds[point] = found ? 2 : 1;
  return found;
}
