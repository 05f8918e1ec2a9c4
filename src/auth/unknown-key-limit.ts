import { BoundedMap } from '../contract/bounded-map.js';

/** IDs of keys that were found before: their lookups are never refused. */
const rememberedKeys = 10_000;
/** How many seconds' worth of lookups may come at once. */
const reserveSeconds = 10;

/**
 * Bounds how often keys are looked up that do not exist: the checksum of a key is no secret, so a stranger can invent
 * keys that look right.
 *
 * A lookup takes a token, and gets it back where it finds a key. So the first requests of many tenants after a start
 * pass, while a stranger uses the tokens up.
 */
export class UnknownKeyLimit {
  readonly #perSecond: number;
  readonly #clock: () => number;
  readonly #seen = new BoundedMap<true>(rememberedKeys);
  #tokens: number;
  #refilledAt: number;

  /** @param clock milliseconds that never go back */
  constructor(perSecond: number, clock: () => number = () => performance.now()) {
    this.#perSecond = perSecond;
    this.#clock = clock;
    this.#tokens = this.#capacity;
    this.#refilledAt = clock();
  }

  get #capacity(): number {
    return Math.max(1, this.#perSecond * reserveSeconds);
  }

  /** Whether a key may be looked up now. */
  admit(id: string): boolean {
    if (this.#seen.get(id) === true) return true;
    const now = this.#clock();
    this.#tokens = Math.min(this.#capacity, this.#tokens + ((now - this.#refilledAt) / 1_000) * this.#perSecond);
    this.#refilledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  /** Notes that a key exists. */
  found(id: string): void {
    if (this.#seen.get(id) === true) return;
    this.#seen.set(id, true);
    this.release();
  }

  /** Gives back the token of a lookup that failed: whether the key exists is not known. */
  release(): void {
    this.#tokens = Math.min(this.#capacity, this.#tokens + 1);
  }
}
