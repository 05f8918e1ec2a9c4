import type { Supports } from './store.js';

/** Whether a store keeps an attribute: one that it names, one inside it, or one that holds it, in any letter case. */
export function isKept(supports: Supports | undefined, path: string): boolean {
  const folded = path.toLowerCase();
  return (
    supports?.attributes?.some((each) => {
      const named = each.toLowerCase();
      return named === folded || isInside(folded, named) || isInside(named, folded);
    }) ?? true
  );
}

function isInside(path: string, holder: string): boolean {
  return path.startsWith(holder) && (path[holder.length] === '.' || path[holder.length] === ':');
}
