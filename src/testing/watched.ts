/**
 * A store whose every call first runs `beforeCall`, which ends a case by throwing.
 *
 * A timer alone cannot end a case of a store that never waits: its promises keep the event loop busy for ever.
 *
 * @param replaced properties that the result has instead of those of the store
 */
export function watched<S extends object>(store: S, beforeCall: () => void, replaced: Partial<S> = {}): S {
  // Not a proxy of the store itself, which would have to return the methods of a frozen store as they are.
  return new Proxy(Object.create(null) as S, {
    has: (_, name) => Reflect.has(store, name),
    get(_, name) {
      if (Object.hasOwn(replaced, name)) return Reflect.get(replaced, name) as unknown;
      // The store itself is `this`: it may have private fields.
      const value: unknown = Reflect.get(store, name, store);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        beforeCall();
        return Reflect.apply(value, store, args);
      };
    },
  });
}
