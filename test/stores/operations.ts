/** How many steps of Maps, Sets and their iterators a piece of work takes: work that time would only hint at. */
export function operations(work: () => unknown): number {
  let count = 0;
  const undo: (() => void)[] = [];
  const watch = (holder: object, names: readonly string[]): void => {
    for (const name of names) {
      const original: unknown = Reflect.get(holder, name);
      if (typeof original !== 'function') throw new Error(`There is no ${name} to watch.`);
      Reflect.set(holder, name, function (this: unknown, ...values: unknown[]): unknown {
        count++;
        return Reflect.apply(original, this, values);
      });
      undo.push(() => Reflect.set(holder, name, original));
    }
  };
  watch(Map.prototype, ['get', 'set', 'has', 'delete']);
  watch(Set.prototype, ['add', 'has', 'delete']);
  watch(Array.prototype, ['push', 'splice', 'sort', 'at']);
  watch(Object.getPrototypeOf(new Map().values()) as object, ['next']);
  watch(Object.getPrototypeOf(new Set().values()) as object, ['next']);
  try {
    work();
  } finally {
    for (const each of undo) each();
  }
  return count;
}
