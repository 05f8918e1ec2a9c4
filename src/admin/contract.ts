import type { Awaitable } from '../contract/awaitable.js';
import type { Scope } from '../contract/context.js';
import type { ProviderId } from './providers.js';

/** One identity provider that provisions one tenant. */
export interface Connection {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  /** Which guide is shown, and which deviations are expected. */
  readonly provider: ProviderId;
  /** False: every SCIM request is answered 403 and changes nothing. */
  readonly enabled: boolean;
  /** Oldest first; revoked ones stay, so that the log can name them. */
  readonly keys: readonly ConnectionKey[];
}

/** What is kept of a connector key: never the key. */
export interface ConnectionKey {
  /** Unique over all tenants. */
  readonly id: string;
  readonly name: string;
  /** SHA-256 of the whole key, hex. */
  readonly digest: string;
  /** Left out: everything. */
  readonly scopes?: readonly Scope[] | undefined;
  readonly createdAt: Date;
  readonly expiresAt?: Date | undefined;
  readonly lastUsedAt?: Date | undefined;
  readonly revokedAt?: Date | undefined;
  /** True: made for one connection test. */
  readonly temporary?: boolean | undefined;
}

/** What an administrator can change of a connection. Left out: stays. */
export interface ConnectionChange {
  readonly name?: string | undefined;
  readonly provider?: ProviderId | undefined;
  readonly enabled?: boolean | undefined;
}

/** A key with the connection that it opens, without that connection's other keys. */
export interface FoundKey {
  readonly connection: Omit<Connection, 'keys'>;
  readonly key: ConnectionKey;
}

/** Told of every change that was made through this instance of a store. */
export type ConnectionListener = (tenant: string, connectionId: string, keyIds: readonly string[]) => void;

/**
 * Where connections and their keys are kept. `memoryConnectionStore()`, `sqlConnectionStore(db)`, or your own.
 *
 * Every call but `findKey` and `touchKey` is bound to a tenant: what is another's is answered as what is not there. Each
 * change is one write, so that two administrators never undo each other's.
 */
export interface ConnectionStore {
  list(tenant: string): Awaitable<readonly Connection[]>;
  get(tenant: string, id: string): Awaitable<Connection | undefined>;
  /** Adds one without keys; one that is there stays as it is. */
  create(connection: Omit<Connection, 'keys'>): Awaitable<void>;
  /** False: there is no such connection. */
  update(tenant: string, id: string, change: ConnectionChange): Awaitable<boolean>;
  /** False: there is no such connection. */
  addKey(tenant: string, id: string, key: ConnectionKey): Awaitable<boolean>;
  /**
   * Brings the end of a key forward, never back; a key that is revoked stays so.
   *
   * @returns false where there is no such key, or nothing changed
   */
  endKey(
    tenant: string,
    id: string,
    keyId: string,
    end: { readonly expiresAt: Date } | { readonly revokedAt: Date },
  ): Awaitable<boolean>;
  /** Removes a temporary key; others stay. */
  removeKey(tenant: string, id: string, keyId: string): Awaitable<void>;
  /** Any key, expired and revoked ones too. */
  findKey(keyId: string): Awaitable<FoundKey | undefined>;
  touchKey(keyId: string, lastUsedAt: Date): Awaitable<void>;
  /** @returns a function that ends it */
  watch?(listener: ConnectionListener): () => void;
}

/** What became of a request: 2xx and 3xx, 4xx, 5xx. */
export type LogOutcome = 'succeeded' | 'refused' | 'failed';

/** One request of an identity provider. Bodies hold personal data; passwords are taken out before an entry is made. */
export interface LogEntry {
  /** Sorts by time. */
  readonly id: string;
  /** When it was answered. */
  readonly time: Date;
  readonly tenant: string;
  readonly connection?: string | undefined;
  /** Id of the key. */
  readonly actor?: string | undefined;
  /** Name of the key at that time. */
  readonly actorName?: string | undefined;
  /** The client that seems to have sent it, by its User-Agent. */
  readonly client?: string | undefined;
  readonly requestId: string;
  /** `create`, `query`, ...; left out where no endpoint was found, and for discovery and bulk. */
  readonly operation?: string | undefined;
  readonly resourceType?: string | undefined;
  readonly resourceId?: string | undefined;
  readonly outcome: LogOutcome;
  readonly status: number;
  readonly scimType?: string | undefined;
  /** What the error said. */
  readonly detail?: string | undefined;
  readonly milliseconds: number;
  /** Ids of ledger entries that were applied. */
  readonly quirks: readonly string[];
  readonly changes: readonly LogChange[];
  readonly request?: LogRequest | undefined;
  /** The body of the answer, shortened. */
  readonly response?: unknown;
}

/** What a request changed: names, no values. */
export interface LogChange {
  /** Such as `user.deactivated`. */
  readonly type: string;
  readonly resourceType: string;
  readonly resourceId: string;
  readonly attributes: readonly string[];
}

/** What came in. */
export interface LogRequest {
  readonly method: string;
  /** Below the base URL, with the query. */
  readonly url: string;
  /** Shortened; without passwords. */
  readonly body?: unknown;
}

/** Which entries are asked for; newest first. */
export interface LogQuery {
  readonly connection?: string | undefined;
  readonly outcome?: LogOutcome | undefined;
  readonly operation?: string | undefined;
  /** Exactly this id of a resource, a request or a key. */
  readonly about?: string | undefined;
  /** True: only entries that changed something. */
  readonly changed?: boolean | undefined;
  /** Only entries older than the one with this id. */
  readonly before?: string | undefined;
  /** Only entries newer than the one with this id; the oldest of them are given, newest first. */
  readonly after?: string | undefined;
  /** 1 to 200. */
  readonly limit: number;
}

/** Requests of one hour. */
export interface HourCount {
  /** When the hour began. */
  readonly hour: Date;
  readonly requests: number;
  /** Those that were refused or failed. */
  readonly errors: number;
}

/** Where the provisioning log is kept. `memoryLogStore()`, `sqlLogStore(db)`, or your own. */
export interface LogStore {
  append(entry: LogEntry): Awaitable<void>;
  /** Adds changes to the entry of a request that was logged before. Unknown: nothing happens. */
  addChanges(tenant: string, requestId: string, changes: readonly LogChange[]): Awaitable<void>;
  list(tenant: string, query: LogQuery): Awaitable<readonly LogEntry[]>;
  get(tenant: string, id: string): Awaitable<LogEntry | undefined>;
  /** Hours without a request may be left out. */
  hours(tenant: string, connection: string | undefined, since: Date): Awaitable<readonly HourCount[]>;
  /** Forgets entries of all tenants that are older. */
  prune(before: Date): Awaitable<void>;
}
