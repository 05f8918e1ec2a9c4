import { randomBytes } from 'node:crypto';
import type { ResponseRecord, Exchange } from '../hooks.js';
import type { Actor } from '../contract/context.js';
import type { ChangeEvent } from '../contract/event.js';
import type { ConnectionActorData, EndedKey } from './authenticator.js';
import type { LogChange, LogEntry, LogOutcome, LogStore } from './contract.js';
import { keepable } from './redact.js';

/** What is logged, and for how long. */
export interface ProvisioningLogOptions {
  /** Of which requests the bodies are kept. Default `'all'`. */
  readonly bodies?: 'all' | 'errors' | 'none' | undefined;
  /** Attributes whose values are never kept, beside `password`: names in any letter case, or paths. */
  readonly secrets?: readonly string[] | undefined;
  /** Entries that are older are forgotten. Default 30. */
  readonly days?: number | undefined;
  /** In whose log requests without a valid key are shown, six a minute at most: for hosts with one tenant. Default: nowhere. */
  readonly unknownKeys?: { readonly tenant: string; readonly connection?: string | undefined } | undefined;
  /** Called when an entry cannot be saved. Default: it is lost. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** Hooks to spread into the options of `createScimRouter`, and `onEndedKey` for `connectionAuthenticator`. */
export interface ProvisioningLogHooks {
  onResponse(record: ResponseRecord): void;
  onExchange(exchange: Exchange): void;
  onChange(event: ChangeEvent): void;
}

/** `provisioningLog`'s hooks, and what else writes to the log. */
export interface ProvisioningLog extends ProvisioningLogHooks {
  /** For `connectionAuthenticator(connections, { onEndedKey: hooks.onEndedKey })`: tells of expired and revoked keys. */
  readonly onEndedKey: (found: EndedKey) => void;
}

const mostPending = 1_000;
/** How long the changes of a request wait for its answer, milliseconds: an outbox may deliver them in another process. */
const patience = 10_000;

/**
 * Writes the provisioning log: one entry for each answer, with what it changed.
 *
 * Passwords are taken out and long bodies shortened before an entry is made. Saving never delays an answer.
 *
 * @throws TypeError for `days` that is no number above 0
 * @example
 * const { onEndedKey, ...hooks } = provisioningLog(log);
 * createScimRouter(store, { authenticate: connectionAuthenticator(connections, { onEndedKey }), ...hooks });
 */
export function provisioningLog(log: LogStore, options: ProvisioningLogOptions = {}): ProvisioningLog {
  const { bodies = 'all', days = 30, unknownKeys } = options;
  if (!(days > 0)) throw new TypeError('provisioningLog: days must be a number above 0.');
  const secrets = new Set(['password', ...(options.secrets ?? [])].map((name) => name.toLowerCase()));
  const save = (work: () => unknown): void => {
    Promise.resolve()
      .then(work)
      .catch((error: unknown) => options.onError?.(error));
  };
  const exchanges = new Map<string, Exchange>();
  const waiting = new Map<string, WaitingChanges>();
  const responded = new Set<string>();
  const admit = limiter(6, 60_000);
  let flushing: NodeJS.Timeout | undefined;
  let prunedAt = -Infinity;

  const append = (entry: LogEntry): void => {
    save(() => log.append(entry));
    if (performance.now() - prunedAt < 3_600_000) return;
    prunedAt = performance.now();
    save(() => log.prune(new Date(Date.now() - days * 86_400_000)));
  };

  const flush = (now: number): void => {
    for (const [requestId, { tenant, changes, since }] of waiting) {
      if (now - since < patience && waiting.size <= mostPending) continue;
      waiting.delete(requestId);
      save(() => log.addChanges(tenant, requestId, changes));
    }
    if (waiting.size === 0 || flushing !== undefined) return;
    flushing = setTimeout(() => {
      flushing = undefined;
      flush(performance.now());
    }, patience);
    flushing.unref();
  };

  return {
    onExchange(exchange) {
      exchanges.set(exchange.requestId, exchange);
      bound(exchanges);
    },
    onResponse(record) {
      const { requestId } = record;
      const exchange = exchanges.get(requestId);
      exchanges.delete(requestId);
      const unknown = record.tenant === undefined;
      const tenant = record.tenant ?? unknownKeys?.tenant;
      if (tenant === undefined || (unknown && !admit())) return;
      const changes = waiting.get(requestId)?.changes ?? [];
      waiting.delete(requestId);
      responded.add(requestId);
      bound(responded);
      const time = new Date();
      const failed = record.status >= 400;
      const keepBodies = bodies === 'all' || (bodies === 'errors' && failed);
      append({
        id: entryId(time),
        time,
        tenant,
        ...(unknown ? { connection: unknownKeys?.connection } : whoOf(exchange?.actor)),
        actor: record.actor,
        client: record.client,
        requestId,
        operation: record.operation,
        resourceType: record.resourceType,
        resourceId: record.id ?? idOf(exchange?.response),
        outcome: outcomeOf(record.status),
        status: record.status,
        scimType: record.scimType,
        detail: failed ? textOf(exchange?.response, 'detail') : undefined,
        milliseconds: Math.round(record.milliseconds * 10) / 10,
        quirks: record.quirks,
        changes,
        ...(exchange === undefined ? {} : wire(exchange, keepBodies)),
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
      if (responded.has(requestId)) {
        save(() => log.addChanges(tenant, requestId, [change]));
        return;
      }
      const known = waiting.get(requestId);
      if (known === undefined) waiting.set(requestId, { tenant, changes: [change], since: performance.now() });
      else known.changes.push(change);
      flush(performance.now());
    },
    onEndedKey({ connection, key, ended }) {
      const time = new Date();
      const when = (ended === 'expired' ? key.expiresAt : key.revokedAt)?.toISOString().slice(0, 10) ?? '';
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
        detail: ended === 'expired' ? `The key expired on ${when}.` : `The key was revoked on ${when}.`,
        milliseconds: 0,
        quirks: [],
        changes: [],
      });
    },
  };

  function wire(exchange: Exchange, keepBodies: boolean): Pick<LogEntry, 'request' | 'response'> {
    const { method, url } = exchange;
    if (!keepBodies) return { request: { method, url } };
    return {
      request: { method, url, body: keepable(exchange.request, secrets) },
      response: keepable(exchange.response, secrets),
    };
  }
}

interface WaitingChanges {
  readonly tenant: string;
  readonly changes: LogChange[];
  readonly since: number;
}

function bound(collection: Map<string, unknown> | Set<string>): void {
  for (const oldest of collection.keys()) {
    if (collection.size <= mostPending) return;
    collection.delete(oldest);
  }
}

let lastId = 0;

/** Sorts by time, and within a millisecond by the order in which this process made them. */
function entryId(time: Date): string {
  lastId = Math.max(time.getTime() * 1_000, lastId + 1);
  return lastId.toString(36).padStart(11, '0') + randomBytes(4).toString('hex');
}

/** The oldest id that an entry of this time can have. */
export function firstIdAt(time: Date): string {
  return (time.getTime() * 1_000).toString(36).padStart(11, '0');
}

function whoOf(actor: Actor | undefined): Pick<LogEntry, 'connection' | 'actorName'> {
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

function idOf(response: unknown): string | undefined {
  return textOf(response, 'id');
}

function textOf(response: unknown, name: string): string | undefined {
  if (typeof response !== 'object' || response === null) return undefined;
  const value = (response as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'string' ? value : undefined;
}

function limiter(most: number, window: number): () => boolean {
  const times: number[] = [];
  return () => {
    const now = performance.now();
    while (times.length > 0 && now - (times[0] ?? now) >= window) times.shift();
    if (times.length >= most) return false;
    times.push(now);
    return true;
  };
}
