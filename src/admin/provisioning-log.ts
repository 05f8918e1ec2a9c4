import type { Actor } from '../contract/context.js';
import { BoundedMap } from '../contract/bounded-map.js';
import type { ChangeEvent } from '../contract/event.js';
import type { Exchange, ResponseRecord } from '../hooks.js';
import type { ConnectionActorData, EndedKey } from './authenticator.js';
import type { LogChange, LogEntry, LogOutcome, LogStore } from './contract.js';
import { entryIds } from './entry-id.js';
import { loggableBody } from './redact.js';

/** Options of `provisioningLog`: what is logged, and for how long. */
export interface ProvisioningLogOptions {
  /** Which requests are logged with the bodies of request and response. Default `'all'`. */
  readonly bodies?: 'all' | 'errors' | 'none' | undefined;
  /**
   * Attributes whose values are never logged, in addition to `password`: names or paths, compared case-insensitively.
   * Default: none.
   */
  readonly secrets?: readonly string[] | undefined;
  /** Older entries are deleted, of all tenants; checked once an hour. Default 30. */
  readonly days?: number | undefined;
  /**
   * For apps with one tenant: the log that shows requests without a valid key, at most six a minute. Default: such
   * requests are not logged, because nobody knows which tenant they are meant for.
   */
  readonly unknownKeys?: { readonly tenant: string; readonly connection?: string | undefined } | undefined;
  /** Called when an entry cannot be saved. Default: the error is ignored and the entry is lost. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** Hooks to spread into the options of `createScimRouter`. */
export interface ProvisioningLogHooks {
  onResponse(record: ResponseRecord): void;
  onExchange(exchange: Exchange): void;
  onChange(event: ChangeEvent): void;
}

/** The result of `provisioningLog`: the router hooks, and a hook for `connectionAuthenticator`. */
export interface ProvisioningLog extends ProvisioningLogHooks {
  /** Logs the use of an expired or revoked key: the `onEndedKey` option of `connectionAuthenticator`. */
  readonly onEndedKey: (endedKey: EndedKey) => void;
}

const maxPending = 1_000;
/** How long changes wait for the response of their request. An outbox may deliver them in another process. */
const maxWaitMilliseconds = 10_000;
const pruneIntervalMilliseconds = 3_600_000;
const dayMilliseconds = 86_400_000;
const unknownKeysPerMinute = 6;

/**
 * Creates the hooks that write the provisioning log: one entry for each request, with its response and its changes.
 *
 * Secrets are replaced and long bodies are shortened before an entry is created. Saving never delays a response.
 *
 * @throws TypeError if `days` is not a number above 0
 * @example
 * import { createScimRouter, MemoryStore } from 'express-scim';
 * import { connectionAuthenticator, memoryConnectionStore, memoryLogStore, provisioningLog } from 'express-scim/admin';
 *
 * const { onEndedKey, ...hooks } = provisioningLog(memoryLogStore(), { bodies: 'errors', days: 90 });
 * export const router = createScimRouter(new MemoryStore(), {
 *   authenticate: connectionAuthenticator(memoryConnectionStore(), { onEndedKey }),
 *   ...hooks,
 * });
 */
export function provisioningLog(log: LogStore, options: ProvisioningLogOptions = {}): ProvisioningLog {
  const { bodies = 'all', days = 30, unknownKeys } = options;
  if (!(days > 0)) throw new TypeError('provisioningLog: days must be a number above 0.');
  const secrets = new Set(['password', ...(options.secrets ?? [])].map((name) => name.toLowerCase()));
  const entryId = entryIds();
  const save = (work: () => unknown): void => {
    Promise.resolve()
      .then(work)
      .catch((error: unknown) => options.onError?.(error));
  };
  const exchanges = new BoundedMap<Exchange>(maxPending);
  const waiting = new Map<string, WaitingChanges>();
  const responded = new BoundedMap<true>(maxPending);
  const admitUnknownKey = limiter(unknownKeysPerMinute, 60_000);
  let flushTimer: NodeJS.Timeout | undefined;
  let prunedAt = -Infinity;

  const append = (entry: LogEntry): void => {
    save(() => log.append(entry));
    if (performance.now() - prunedAt < pruneIntervalMilliseconds) return;
    prunedAt = performance.now();
    save(() => log.prune(new Date(Date.now() - days * dayMilliseconds)));
  };

  const flush = (now: number): void => {
    for (const [requestId, { tenant, changes, since }] of waiting) {
      if (now - since < maxWaitMilliseconds && waiting.size <= maxPending) continue;
      waiting.delete(requestId);
      save(() => log.addChanges(tenant, requestId, changes));
    }
    if (waiting.size === 0 || flushTimer !== undefined) return;
    flushTimer = setTimeout(() => {
      flushTimer = undefined;
      flush(performance.now());
    }, maxWaitMilliseconds);
    flushTimer.unref();
  };

  return {
    onExchange(exchange) {
      exchanges.set(exchange.requestId, exchange);
    },
    onResponse(record) {
      const { requestId } = record;
      const exchange = exchanges.get(requestId);
      exchanges.delete(requestId);
      const isUnknownKey = record.tenant === undefined;
      const tenant = record.tenant ?? unknownKeys?.tenant;
      if (tenant === undefined || (isUnknownKey && !admitUnknownKey())) return;
      const changes = waiting.get(requestId)?.changes ?? [];
      waiting.delete(requestId);
      responded.set(requestId, true);
      const time = new Date();
      const isError = record.status >= 400;
      const keepBodies = bodies === 'all' || (bodies === 'errors' && isError);
      append({
        id: entryId(time),
        time,
        tenant,
        ...(isUnknownKey ? { connection: unknownKeys?.connection } : connectionOf(exchange?.actor)),
        actor: record.actor,
        client: record.client,
        requestId,
        operation: record.operation,
        resourceType: record.resourceType,
        resourceId: record.id ?? textOf(exchange?.response, 'id'),
        outcome: outcomeOf(record.status),
        status: record.status,
        scimType: record.scimType,
        detail: isError ? textOf(exchange?.response, 'detail') : undefined,
        milliseconds: Math.round(record.milliseconds * 10) / 10,
        quirks: record.quirks,
        changes,
        ...(exchange === undefined ? {} : logged(exchange, keepBodies)),
      });
    },
    onChange(event) {
      const { tenant, requestId } = event;
      const change: LogChange = {
        type: event.type,
        resourceType: event.resourceType,
        resourceId: event.resourceId,
        attributes: event.changed,
      };
      if (responded.get(requestId) === true) {
        save(() => log.addChanges(tenant, requestId, [change]));
        return;
      }
      const earlier = waiting.get(requestId);
      if (earlier === undefined) waiting.set(requestId, { tenant, changes: [change], since: performance.now() });
      else earlier.changes.push(change);
      flush(performance.now());
    },
    onEndedKey({ connection, key, ended }) {
      const time = new Date();
      const day = (ended === 'expired' ? key.expiresAt : key.revokedAt)?.toISOString().slice(0, 10) ?? '';
      append({
        id: entryId(time),
        time,
        tenant: connection.tenant,
        connection: connection.id,
        actor: key.id,
        actorName: key.name,
        requestId: `key-${key.id}-${String(time.getTime())}`,
        outcome: 'refused',
        status: 401,
        detail: ended === 'expired' ? `The key expired on ${day}.` : `The key was revoked on ${day}.`,
        milliseconds: 0,
        quirks: [],
        changes: [],
      });
    },
  };

  function logged(exchange: Exchange, keepBodies: boolean): Pick<LogEntry, 'request' | 'response'> {
    const { method, url } = exchange;
    if (!keepBodies) return { request: { method, url } };
    return {
      request: { method, url, body: loggableBody(exchange.request, secrets) },
      response: loggableBody(exchange.response, secrets),
    };
  }
}

interface WaitingChanges {
  readonly tenant: string;
  readonly changes: LogChange[];
  readonly since: number;
}

function connectionOf(actor: Actor | undefined): Pick<LogEntry, 'connection' | 'actorName'> {
  const { connection, keyName } = (actor?.data ?? {}) as Partial<ConnectionActorData>;
  return {
    connection: typeof connection === 'string' ? connection : undefined,
    actorName: typeof keyName === 'string' ? keyName : undefined,
  };
}

function outcomeOf(status: number): LogOutcome {
  if (status < 400) return 'succeeded';
  return status < 500 ? 'refused' : 'failed';
}

function textOf(body: unknown, name: string): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const value = (body as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'string' ? value : undefined;
}

/** A sliding window that admits at most `limit` calls. */
function limiter(limit: number, windowMilliseconds: number): () => boolean {
  const times: number[] = [];
  return () => {
    const now = performance.now();
    while (times.length > 0 && now - (times[0] ?? now) >= windowMilliseconds) times.shift();
    if (times.length >= limit) return false;
    times.push(now);
    return true;
  };
}
