import type { Supports } from './store.js';

/**
 * Whether a store keeps an attribute: `supports.attributes` has its path, the path of one inside it, or the path of one
 * that contains it, in any letter case.
 */
export function isKept(supports: Supports | undefined, path: string): boolean {
  const folded = path.toLowerCase();
  return (
    supports?.attributes?.some((attribute) => {
      const kept = attribute.toLowerCase();
      return kept === folded || isInside(folded, kept) || isInside(kept, folded);
    }) ?? true
  );
}

function isInside(path: string, container: string): boolean {
  return path.startsWith(container) && (path[container.length] === '.' || path[container.length] === ':');
}
