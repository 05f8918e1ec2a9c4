/** The name that somebody probably meant: the nearest one that differs by case or few letters; undefined if there is none. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  // One typing mistake for three letters: more would suggest names that have nothing to do with each other.
  let limit = Math.max(1, Math.floor(name.length / 3));
  for (const each of known) {
    const distance = editDistance(name.toLowerCase(), each.toLowerCase());
    if (distance > limit || (distance === limit && best !== undefined)) continue;
    best = each;
    limit = distance;
  }
  return best;
}

/** Letters to insert, remove, replace or swap with their neighbor (optimal string alignment distance). */
function editDistance(a: string, b: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (before[j - 2] ?? Infinity) + 1 : Infinity;
      next.push(Math.min(replaced, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
