// Who wants to hear that something has changed: open pages.

export interface Watchers {
  /** @returns how to end it */
  watch(tell: () => void, end: () => void): () => void;
  tell(): void;
  /** Sends all away. */
  end(): void;
  isAnybodyThere(): boolean;
}

export function createWatchers(): Watchers {
  const watching = new Set<{ readonly tell: () => void; readonly end: () => void }>();
  return {
    watch(tell, end) {
      const one = { tell, end };
      watching.add(one);
      return () => void watching.delete(one);
    },
    tell() {
      for (const one of watching) one.tell();
    },
    end() {
      for (const one of watching) one.end();
    },
    isAnybodyThere: () => watching.size > 0,
  };
}
