const unusual = /[\u0000\ud800-\udfff]/;

/**
 * A text as every database column can hold it. PostgreSQL has no U+0000, and half a surrogate pair is not valid UTF-8:
 * both become U+FFFD.
 */
export function storable(text: string): string {
  // Nearly every text: this pattern looks at each unit once, and around none.
  if (!unusual.test(text)) return text;
  return text.replace(/\u0000|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
}
