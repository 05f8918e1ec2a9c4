import type { Kysely, KyselyPlugin, OperationNode, RawNode } from 'kysely';

/** The same database, whose nth write statement from now on can be made to fail, once or with all after it. */
export function breakable(db: Kysely<unknown>): {
  readonly db: Kysely<unknown>;
  breakAt(nth: number | undefined, permanently?: boolean): void;
} {
  let left: number | undefined;
  let lasts = false;
  const plugin: KyselyPlugin = {
    transformQuery({ node }) {
      if (left !== undefined && /^\s*(?:insert|update|delete|with|begin)/i.test(beginningOf(node)) && --left <= 0) {
        if (!lasts) left = undefined;
        throw new Error('This write was made to fail.');
      }
      return node;
    },
    transformResult: ({ result }) => Promise.resolve(result),
  };
  return {
    db: db.withPlugin(plugin),
    breakAt: (nth, permanently = false) => {
      left = nth;
      lasts = permanently;
    },
  };
}

function beginningOf(node: OperationNode): string {
  if (node.kind !== 'RawNode') return '';
  const { sqlFragments, parameters } = node as RawNode;
  const [first = ''] = sqlFragments;
  const [inner] = parameters;
  return first.trim() === '' && inner !== undefined ? beginningOf(inner) : first;
}
