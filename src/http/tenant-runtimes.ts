import { callHook } from '../contract/hook-source.js';
import { isDeepStrictEqual } from 'node:util';
import { type Awaitable, isThenable } from '../contract/awaitable.js';
import { BoundedMap } from '../contract/bounded-map.js';
import { isScimError } from '../errors.js';
import type { Runtime } from './runtime.js';

/** How configurations are loaded, and for how long they are used. */
export interface TenantRuntimeOptions {
  /** The host's function: what it returns is not parsed yet. */
  readonly load: (tenant: string) => Awaitable<unknown>;
  /** @throws TypeError for a configuration with a mistake */
  readonly compile: (configuration: unknown) => Runtime;
  /** For tenants without a configuration of their own. */
  readonly base: Runtime;
  readonly size: number;
  readonly maxAgeMilliseconds: number;
}

interface Entry {
  /** When it has to be loaded again, on the clock of `performance.now()`. */
  readonly expiresAt: number;
  /** What the host returned last; only with `runtime`. */
  source?: unknown;
  /** Undefined while it is loaded for the first time. */
  runtime?: Runtime;
  /** Present while it is loaded. */
  loading?: Promise<Runtime>;
}

/** Discovery without credentials may name any tenant, so it has a small cache of its own that evicts nobody else. */
const anonymousSize = 32;

/**
 * The compiled configurations of tenants: loaded once at a time, cached in bounds.
 *
 * A tenant whose configuration cannot be loaded has none: neither that of the router, nor its last one.
 */
export class TenantRuntimes {
  readonly #options: TenantRuntimeOptions;
  readonly #entries: BoundedMap<Entry>;
  readonly #anonymous = new BoundedMap<Entry>(anonymousSize);
  /** What the same object was compiled to, as long as an entry holds it. */
  readonly #compiled = new WeakMap<object, WeakRef<Runtime>>();

  constructor(options: TenantRuntimeOptions) {
    this.#options = options;
    this.#entries = new BoundedMap(options.size);
  }

  /** The runtime of an authenticated tenant. */
  of(tenant: string): Awaitable<Runtime> {
    return this.#find(tenant, this.#entries);
  }

  /** The runtime of a tenant that only a URL names. */
  forAnonymous(tenant: string): Awaitable<Runtime> {
    return this.#find(tenant, this.#anonymous);
  }

  forget(tenant: string): void {
    for (const entries of [this.#entries, this.#anonymous]) {
      const source = entries.get(tenant)?.source;
      // A configuration that was changed in place is compiled again.
      if (typeof source === 'object' && source !== null) this.#compiled.delete(source);
      entries.delete(tenant);
    }
  }

  #find(tenant: string, entries: BoundedMap<Entry>): Awaitable<Runtime> {
    const known = entries.get(tenant);
    if (known !== undefined) {
      if (known.loading !== undefined) return known.loading;
      if (known.runtime !== undefined && performance.now() < known.expiresAt) return known.runtime;
    }
    const entry: Entry = { expiresAt: performance.now() + this.#options.maxAgeMilliseconds };
    const loading = this.#load(tenant);
    if (!isThenable(loading)) {
      this.#fill(entry, this.#toRuntime(loading, known), loading);
      entries.set(tenant, entry);
      return entry.runtime ?? this.#options.base;
    }
    entry.loading = Promise.resolve(loading)
      .then((source) => {
        this.#fill(entry, this.#toRuntime(source, known), source);
        return entry.runtime ?? this.#options.base;
      })
      .catch((error: unknown) => {
        // The next request tries again; one that `forget` has let begin meanwhile keeps its entry.
        if (entries.get(tenant) === entry) entries.delete(tenant);
        throw toFault(error);
      });
    entries.set(tenant, entry);
    return entry.loading;
  }

  #load(tenant: string): Awaitable<unknown> {
    try {
      return callHook('tenants.configurationOf', () => this.#options.load(tenant));
    } catch (error) {
      throw toFault(error);
    }
  }

  #fill(entry: Entry, runtime: Runtime, source: unknown): void {
    entry.runtime = runtime;
    entry.source = source;
    delete entry.loading;
  }

  #toRuntime(source: unknown, previous: Entry | undefined): Runtime {
    const { base, compile } = this.#options;
    if (source === undefined || source === null) return base;
    if (previous?.runtime !== undefined && source !== previous.source && isDeepStrictEqual(source, previous.source)) {
      return previous.runtime;
    }
    const isShareable = typeof source === 'object';
    const shared = isShareable ? this.#compiled.get(source)?.deref() : undefined;
    if (shared !== undefined) return shared;
    const runtime = compile(source);
    if (isShareable) this.#compiled.set(source, new WeakRef(runtime));
    return runtime;
  }
}

/** An error of the host's function must not look like one of the client. */
function toFault(error: unknown): unknown {
  if (isScimError(error) && error.status < 500) {
    return new Error('The configuration of the tenant could not be loaded.', { cause: error });
  }
  return error;
}
