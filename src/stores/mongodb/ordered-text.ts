/** First of the 80 characters that begin a pair, and of the 128 that end one. All are private-use characters. */
const firstOfPair = 0xe000;
const lastOfPair = 0xe100;

const special = /[\0\ud800-\uffff]/;

/**
 * A text whose order as UTF-8 is the order of the original as UTF-16, which is the order of the library. MongoDB compares
 * bytes of UTF-8, where U+FF5E comes before an emoji; in UTF-16 it comes after it.
 *
 * A code unit from U+D800 on becomes a pair of characters that occur nowhere else in the result. So equal texts, the
 * beginnings, ends and parts of texts stay what they were. U+0000, which no regular expression of MongoDB can hold, becomes
 * U+FFFD; no request contains it.
 */
export function orderedText(text: string): string {
  if (!special.test(text)) return text;
  let written = '';
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i) === 0 ? 0xfffd : text.charCodeAt(i);
    if (unit < 0xd800) {
      written += text[i] ?? '';
    } else {
      const above = unit - 0xd800;
      written += String.fromCharCode(firstOfPair + (above >> 7), lastOfPair + (above & 127));
    }
  }
  return written;
}
