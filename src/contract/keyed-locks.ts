/** Runs work one at a time for each key, in the order of the calls. Work for different keys does not wait. */
export class KeyedLocks {
  /** The end of the last work of each key that has any. */
  readonly #last = new Map<string, Promise<void>>();

  /** Runs `work` once all earlier work of the key has ended, however it ended. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const earlier = this.#last.get(key);
    let release: () => void = () => undefined;
    const mine = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.#last.set(key, mine);
    if (earlier !== undefined) await earlier;
    try {
      return await work();
    } finally {
      // The last one leaves nothing behind, so that tenants of the past take no memory.
      if (this.#last.get(key) === mine) this.#last.delete(key);
      release();
    }
  }
}
