/** Longest needle for which the engine's own search, which may look at each character this often, is good enough. */
const short = 32;

/**
 * A predicate for texts that contain a needle, in time that is linear in the text whatever both of them are.
 *
 * The search of the JavaScript engine takes time in proportion to the product of both lengths in the worst case:
 * 7,000 characters in 2 million take seconds. A long needle is therefore searched for with the algorithm of Knuth,
 * Morris and Pratt, whose table is made once for all texts.
 */
export function containsText(needle: string): (text: string) => boolean {
  if (needle.length <= short) return (text) => text.includes(needle);
  const fallback = fallbacksOf(needle);
  return (text) => {
    let matched = 0;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      while (matched > 0 && needle.charCodeAt(matched) !== code) matched = fallback[matched - 1] ?? 0;
      if (needle.charCodeAt(matched) === code) matched++;
      if (matched === needle.length) return true;
    }
    return false;
  };
}

/** For each prefix of the needle, the length of its longest proper prefix that it also ends with. */
function fallbacksOf(needle: string): Uint32Array {
  const fallback = new Uint32Array(needle.length);
  let matched = 0;
  for (let i = 1; i < needle.length; i++) {
    const code = needle.charCodeAt(i);
    while (matched > 0 && needle.charCodeAt(matched) !== code) matched = fallback[matched - 1] ?? 0;
    if (needle.charCodeAt(matched) === code) matched++;
    fallback[i] = matched;
  }
  return fallback;
}
