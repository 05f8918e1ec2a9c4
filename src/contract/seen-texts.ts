/** Places for hash codes. A cache of up to half as many entries finds nearly all texts again. */
const places = 4_096;

/**
 * Tells which texts were seen before, by their hash codes: a cache that keeps a value at the second use does not fill with those
 * that are used once. The garbage collector copies each of them twice before it is evicted, which takes longer than to make it.
 */
export class SeenTexts {
  readonly #hashes = new Uint32Array(places);

  /** @returns whether the text was seen before; false also where a text with the same place was seen since */
  see(text: string): boolean {
    const hash = hashOf(text);
    const place = hash % places;
    if (this.#hashes[place] === hash) return true;
    this.#hashes[place] = hash;
    return false;
  }
}

/** FNV-1a, of UTF-16 units. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
