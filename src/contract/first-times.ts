/** How many kinds of one problem are distinguished; beyond it nothing more is reported. */
const maxKinds = 1_000;

/** Whether this is the first time that a kind of problem occurs: creates a function that returns it once for each. */
export function firstTimes(): (kind: string) => boolean {
  const seen = new Set<string>();
  return (kind) => {
    if (seen.has(kind) || seen.size >= maxKinds) return false;
    seen.add(kind);
    return true;
  };
}
