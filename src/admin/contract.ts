import type { Awaitable } from '../contract/awaitable.js';
import type { Scope } from '../contract/context.js';
import type { ProviderId } from './providers.js';

/** One identity provider that provisions users into one tenant. */
export interface Connection {
  /** Unique within the tenant. */
  readonly id: string;
  readonly tenant: string;
  /** Shown in the panel; may be empty. */
  readonly name: string;
  /** Selects the setup guide, and the quirks that the panel expects in the log. */
  readonly provider: ProviderId;
  /** False: every SCIM request returns 403 and changes nothing. */
  readonly enabled: boolean;
  /**
   * The networks that requests with any key of the connection may come from, in CIDR notation. A key that has a list of
   * its own is accepted only from networks that are in both. Default: every address.
   */
  readonly networks?: readonly string[] | undefined;
  /** Oldest first. Revoked keys stay in the list, so that the log can name them. */
  readonly keys: readonly ConnectionKey[];
}

/** What is stored of a connector key. The key itself is never stored. */
export interface ConnectionKey {
  /** Unique over all tenants. */
  readonly id: string;
  readonly name: string;
  /** SHA-256 of the whole key, as 64 hex digits. */
  readonly digest: string;
  /** What the key may do. Default: everything. */
  readonly scopes?: readonly Scope[] | undefined;
  /** The networks that requests may come from, in CIDR notation. Default: those of the connection. */
  readonly networks?: readonly string[] | undefined;
  readonly createdAt: Date;
  /** From this time on the key is refused. Default: it never expires. */
  readonly expiresAt?: Date | undefined;
  /** Saved at most once a minute. */
  readonly lastUsedAt?: Date | undefined;
  readonly revokedAt?: Date | undefined;
  /** True for a key that was created for one connection test. Default false. */
  readonly temporary?: boolean | undefined;
}

/** A change to a connection. Properties that are left out keep their value. */
export interface ConnectionChange {
  readonly name?: string | undefined;
  readonly provider?: ProviderId | undefined;
  readonly enabled?: boolean | undefined;
  /** `null` permits every address. */
  readonly networks?: readonly string[] | null | undefined;
}

/** A key together with its connection, without the other keys of that connection. */
export interface FoundKey {
  readonly connection: Omit<Connection, 'keys'>;
  readonly key: ConnectionKey;
}

/** How many keys of a connection may be usable at a time. */
export interface KeyBound {
  readonly max: number;
  readonly now: Date;
}

/** Called with the IDs of all keys of a connection that was changed through the same store instance. */
export type ConnectionListener = (tenant: string, connectionId: string, keyIds: readonly string[]) => void;

/**
 * Stores connections and their keys: `memoryConnectionStore()`, `sqlConnectionStore(db)`, or your own implementation.
 *
 * Every method except `findKey` and `touchKey` is bound to a tenant: the connection of another tenant is treated like
 * one that does not exist. Each change is a single write, so that two administrators never overwrite each other's
 * changes.
 */
export interface ConnectionStore {
  /** All connections of the tenant. */
  list(tenant: string): Awaitable<readonly Connection[]>;
  get(tenant: string, id: string): Awaitable<Connection | undefined>;
  /** Adds a connection without keys. Does nothing when the connection exists. */
  create(connection: Omit<Connection, 'keys'>): Awaitable<void>;
  /** @returns false if there is no such connection */
  update(tenant: string, id: string, change: ConnectionChange): Awaitable<boolean>;
  /**
   * Adds a key, unless the connection has `bound.max` keys already that can be used and are not temporary. Keys that are
   * added at the same time cannot exceed the limit.
   *
   * @returns false if there is no such connection, `'full'` if the bound is reached
   */
  addKey(tenant: string, id: string, key: ConnectionKey, bound?: KeyBound): Awaitable<boolean | 'full'>;
  /**
   * Revokes a key, or makes it expire earlier. An end is never moved to a later time, and a revoked key stays revoked.
   *
   * @returns false if there is no such key, or if nothing changed
   */
  endKey(
    tenant: string,
    id: string,
    keyId: string,
    end: { readonly expiresAt: Date } | { readonly revokedAt: Date },
  ): Awaitable<boolean>;
  /** Removes a temporary key. Does nothing for any other key. */
  removeKey(tenant: string, id: string, keyId: string): Awaitable<void>;
  /** Finds a key by its ID, in all tenants; expired and revoked keys too. */
  findKey(keyId: string): Awaitable<FoundKey | undefined>;
  /** Saves when a key was last used. Does nothing for an unknown key. */
  touchKey(keyId: string, lastUsedAt: Date): Awaitable<void>;
  /**
   * Calls the listener after each change made through this instance. Without this method, a changed key is noticed when
   * its cached lookup expires (`maxAgeMilliseconds` of `connectionAuthenticator`).
   *
   * @returns a function that removes the listener
   */
  watch?(listener: ConnectionListener): () => void;
}

/** Result of a request: `succeeded` for status 2xx and 3xx, `refused` for 4xx, `failed` for 5xx. */
export type LogOutcome = 'succeeded' | 'refused' | 'failed';

/**
 * Why a request was refused with 401. The response does not say: it is the same for all of them.
 *
 * - `missing`: no bearer token was sent
 * - `unknown`: there is no such key
 * - `altered`: the text begins with the ID of a key, but the rest is wrong: a part is missing, or was changed
 * - `revoked`, `expired`: the key has ended
 * - `network`: the key is valid, but the request came from an address that its networks do not include
 */
export type KeyRefusal = 'missing' | 'unknown' | 'altered' | 'revoked' | 'expired' | 'network';

/**
 * One request of an identity provider, with its response. At most 32 kB as JSON.
 *
 * Bodies contain personal data. Passwords and other secrets are replaced before an entry is created.
 */
export interface LogEntry {
  /** Sorts by time. */
  readonly id: string;
  /** When the response was sent. */
  readonly time: Date;
  readonly tenant: string;
  /** ID of the connection. */
  readonly connection?: string | undefined;
  /** ID of the key. */
  readonly actor?: string | undefined;
  /** Name of the key at that time. */
  readonly actorName?: string | undefined;
  /** The client that probably sent the request, recognized by its User-Agent. */
  readonly client?: string | undefined;
  readonly requestId: string;
  /** `create`, `read`, `query`, `replace`, `patch` or `delete`; undefined for discovery, bulk and unknown endpoints. */
  readonly operation?: string | undefined;
  /** Name of the resource type, such as `User`. */
  readonly resourceType?: string | undefined;
  readonly resourceId?: string | undefined;
  /**
   * `displayName` or `userName` of the resource, as the same process last saw it in a body. Undefined unless bodies are
   * logged.
   */
  readonly resourceName?: string | undefined;
  /** True for a request of the connection test in the panel. */
  readonly connectionTest?: boolean | undefined;
  /** Of a 401 that `connectionAuthenticator` has caused: why. */
  readonly keyRefusal?: KeyRefusal | undefined;
  readonly outcome: LogOutcome;
  /** HTTP status. */
  readonly status: number;
  /** Of an error: `scimType` (RFC 7644 3.12, Table 9). */
  readonly scimType?: string | undefined;
  /** Of an error: its `code`, such as `SCIM_HELD`. */
  readonly code?: string | undefined;
  /** Of a 400 invalidValue or invalidSyntax: the attributes that are wrong, the first 20 of them. */
  readonly errors?: readonly LogMistake[] | undefined;
  /** Of a bulk request: the first 20 operations that failed, with 20 wrong attributes in all. */
  readonly failures?: readonly LogFailure[] | undefined;
  /** Of an error: `detail` (RFC 7644 3.12). */
  readonly detail?: string | undefined;
  /** Duration of the request. */
  readonly milliseconds: number;
  /** IDs of the quirks that were applied. */
  readonly quirks: readonly string[];
  readonly changes: readonly LogChange[];
  /** Number of further changes, which are not listed because the size of an entry is limited. Default 0. */
  readonly omittedChanges?: number | undefined;
  readonly request?: LogRequest | undefined;
  /** The response body, shortened and without secrets. */
  readonly response?: unknown;
}

/** A wrong attribute, without its value. */
export interface LogMistake {
  /** As the schema spells it, such as `emails.value`. Of an unknown attribute: the path of what it is in. */
  readonly path: string;
  /** What is wrong, as in `ValueMistake`: `required`, `type`, `format` and so on. */
  readonly code: string;
  /** A sentence that says what would be right. */
  readonly message: string;
  /** The operation of a PATCH that has the value, by its index. */
  readonly operation?: number | undefined;
}

/** An operation of a bulk request that failed. */
export interface LogFailure {
  /** Index of the operation in the request. */
  readonly index: number;
  /** HTTP status of its result. */
  readonly status: number;
  /** As in `LogEntry`. */
  readonly scimType?: string | undefined;
  /** As in `LogEntry`. */
  readonly code?: string | undefined;
  /** As in `LogEntry`. */
  readonly errors?: readonly LogMistake[] | undefined;
}

/** A change that a request made: attribute names without values. */
export interface LogChange {
  /** Type of the change event, such as `user.deactivated`. */
  readonly type: string;
  readonly resourceType: string;
  readonly resourceId: string;
  /** Names of the changed attributes. */
  readonly attributes: readonly string[];
}

/** The request of a log entry. */
export interface LogRequest {
  readonly method: string;
  /** Relative to the base URL, with the query. */
  readonly url: string;
  /** The request body, shortened and without secrets. */
  readonly body?: unknown;
}

/** Selects log entries. The result is ordered newest first. */
export interface LogQuery {
  readonly connection?: string | undefined;
  readonly outcome?: LogOutcome | undefined;
  readonly operation?: string | undefined;
  /** The exact ID of a resource, a request or a key. */
  readonly about?: string | undefined;
  /** True: only entries with changes. Default: all entries. */
  readonly changed?: boolean | undefined;
  /** Only entries older than the entry with this ID. */
  readonly before?: string | undefined;
  /** Only entries newer than the entry with this ID; if there are more than `limit`, the oldest of them. */
  readonly after?: string | undefined;
  /** Maximum number of entries, 1 to 200. */
  readonly limit: number;
}

/** Number of requests in one hour. */
export interface HourCount {
  /** Start of the hour. */
  readonly hour: Date;
  readonly requests: number;
  /** How many of them were refused or failed. */
  readonly errors: number;
}

/** Stores the provisioning log: `memoryLogStore()`, `sqlLogStore(db)`, or your own implementation. */
export interface LogStore {
  /** Adds up to 50 entries, of any tenants: all of them, or none. */
  append(entries: readonly LogEntry[]): Awaitable<void>;
  /**
   * Adds changes to the newest entry of a request, without writing the rest of the entry again. Does nothing for an
   * unknown request. An entry lists up to 200 changes: further ones are counted in `omittedChanges`.
   *
   * @param omitted added to `omittedChanges`
   */
  addChanges(tenant: string, requestId: string, changes: readonly LogChange[], omitted: number): Awaitable<void>;
  list(tenant: string, query: LogQuery): Awaitable<readonly LogEntry[]>;
  get(tenant: string, id: string): Awaitable<LogEntry | undefined>;
  /** Counts requests by hour; hours without requests may be omitted. `connection` undefined: all connections. */
  hours(tenant: string, connection: string | undefined, since: Date): Awaitable<readonly HourCount[]>;
  /** Deletes the entries of all tenants that are older. */
  prune(before: Date): Awaitable<void>;
}
