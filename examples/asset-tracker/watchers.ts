// Open pages that are notified of changes.

export interface Watchers {
  /**
   * @param notify called after each change
   * @param close called when the server shuts down
   * @returns a function that removes the watcher
   */
  watch(notify: () => void, close: () => void): () => void;
  notify(): void;
  close(): void;
  isWatched(): boolean;
}

export function createWatchers(): Watchers {
  const watching = new Set<{ readonly notify: () => void; readonly close: () => void }>();
  return {
    watch(notify, close) {
      const watcher = { notify, close };
      watching.add(watcher);
      return () => void watching.delete(watcher);
    },
    notify() {
      for (const watcher of watching) watcher.notify();
    },
    close() {
      for (const watcher of watching) watcher.close();
    },
    isWatched: () => watching.size > 0,
  };
}
