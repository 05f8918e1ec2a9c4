import { BoundedMap } from '../contract/bounded-map.js';
import type { Actor } from '../contract/context.js';
import type { ChangeEvent } from '../contract/event.js';
import { isObject } from '../contract/is-object.js';
import type { ValueMistake } from '../errors.js';
import type { BulkFailure, Exchange, ResponseRecord } from '../hooks.js';
import type { ConnectionActorData } from './authenticator.js';
import type { LogEntry, LogFailure, LogMistake, LogOutcome, LogStore } from './contract.js';
import { entryIds } from './entry-id.js';
import { createLogChanges } from './log-changes.js';
import { createLogWriter } from './log-writer.js';
import { loggableBody, loggableText, loggableUrl } from './loggable.js';
import { allowance, limiter } from './rate.js';
import { isProven, refusalEntries, type RefusalPart, refusalPart } from './refusal-entries.js';
import type { RefusedKey } from './refused-key.js';
import { namesIn, type ResourceName, resourceNames } from './resource-names.js';
import { checkOptions, mistakeInArgument } from '../contract/option-mistakes.js';

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
  /**
   * Says in the log why a key was refused: the `onRefusedKey` option of `connectionAuthenticator`. A key of a connection
   * is logged at most once a minute for each reason.
   */
  readonly onRefusedKey: (refused: RefusedKey) => void;
}

const maxPending = 1_000;
const pruneIntervalMilliseconds = 3_600_000;
const dayMilliseconds = 86_400_000;
const unknownKeysPerMinute = 6;

// Together with what else an entry holds, these stay below 32 kB of JSON.
const maxBodyBytes = 6_000;
const maxUrlLength = 1_000;
const maxDetailLength = 500;
const maxIdLength = 250;
const maxQuirks = 50;
const maxErrors = 20;
const maxFailures = 20;
const maxMistakeLength = 200;

/** Bytes of bodies that the log of a tenant takes at once, and then per second. */
const bodyBurstBytes = 8_000_000;
const bodyBytesPerSecond = 64_000;
const leftOut = '… not logged: too many requests';

/**
 * Creates the hooks that write the provisioning log: one entry for each request, with its response and its changes.
 *
 * Secrets are replaced and long bodies are shortened before an entry is created: it has at most 32 kB as JSON, and says
 * what is omitted. Saving never delays a response. When the store is slower than the requests, at most 1,000 writes
 * wait; the entries after them are lost, and `onError` is called.
 *
 * @throws TypeError if `days` is not a number above 0
 * @example
 * import { createScimRouter, MemoryStore } from 'express-scim';
 * import { connectionAuthenticator, memoryConnectionStore, memoryLogStore, provisioningLog } from 'express-scim/admin';
 *
 * const { onRefusedKey, ...hooks } = provisioningLog(memoryLogStore(), { bodies: 'errors', days: 90 });
 * export const router = createScimRouter(new MemoryStore(), {
 *   authenticate: connectionAuthenticator(memoryConnectionStore(), { onRefusedKey }),
 *   ...hooks,
 * });
 */
export function provisioningLog(log: LogStore, options: ProvisioningLogOptions = {}): ProvisioningLog {
  checkOptions(
    options,
    {
      of: 'provisioningLog',
      page: 'admin.md',
      kinds: {
        bodies: { oneOf: ['all', 'errors', 'none'] },
        secrets: 'list of strings',
        days: 'number',
        unknownKeys: 'object',
        onError: 'function',
      },
    },
    (given) => [
      mistakeInArgument(log, 'the first argument', { methods: ['append', 'addChanges', 'prune'] }),
      given.days === 0 ? 'days must be a number above 0' : undefined,
    ],
  );
  const { bodies = 'all', days = 30, unknownKeys } = options;
  const secrets = new Set(['password', ...(options.secrets ?? [])].map((name) => name.toLowerCase()));
  const entryId = entryIds();
  const writer = createLogWriter(log, (error) => options.onError?.(error));
  const changes = createLogChanges((added) => writer.addChanges(added));
  const exchanges = new BoundedMap<LoggedExchange>(maxPending);
  const admitUnknownKey = limiter(unknownKeysPerMinute, 60_000);
  const admitBodies = allowance(bodyBurstBytes, bodyBytesPerSecond);
  const refusals = refusalEntries();
  const names = resourceNames();
  let prunedAt = -Infinity;

  const append = (entry: LogEntry): void => {
    writer.append(entry);
    if (performance.now() - prunedAt < pruneIntervalMilliseconds) return;
    prunedAt = performance.now();
    writer.prune(new Date(Date.now() - days * dayMilliseconds));
  };

  return {
    onExchange(exchange) {
      exchanges.set(exchange.requestId, logged(exchange));
    },
    onResponse(record) {
      const { requestId } = record;
      const exchange = exchanges.get(requestId);
      exchanges.delete(requestId);
      const refused = refusals.take(requestId);
      if (record.tenant === undefined) return appendWithoutClient(record, exchange, refused);
      const { tenant } = record;
      const time = new Date();
      const resourceId = record.id ?? exchange?.resourceId;
      append({
        id: entryId(time),
        time,
        tenant,
        ...exchange?.connection,
        actor: cutId(record.actor),
        client: record.client,
        requestId: loggableText(maxRequestIdLength, requestId),
        operation: record.operation,
        resourceType: record.resourceType,
        resourceId: cutId(resourceId),
        resourceName: nameOf(record, resourceId, exchange),
        outcome: outcomeOf(record.status),
        status: record.status,
        scimType: record.scimType,
        code: record.code,
        errors: record.errors?.slice(0, maxErrors).map(mistakeOf),
        failures: record.failures && failuresOf(record.failures),
        detail: record.status >= 400 ? exchange?.detail : undefined,
        milliseconds: rounded(record.milliseconds),
        quirks: record.quirks.slice(0, maxQuirks),
        ...changes.responded(tenant, requestId),
        ...(exchange === undefined ? {} : withBodies(exchange, tenant)),
      });
    },
    onChange(event) {
      changes.add(event);
    },
    onRefusedKey(refused) {
      if (refusals.wait(refused)) return;
      const time = new Date();
      const part = refusalPart(refused, unknownKeys);
      if (part === undefined || !refusals.admit(refused)) return;
      append({
        ...{ id: entryId(time), time, ...part },
        requestId: `key-${refused.keyId ?? 'none'}-${String(time.getTime())}`,
        ...{ outcome: 'refused', status: 401, milliseconds: 0, quirks: [], changes: [] },
      });
    },
  };

  /**
   * A request of nobody knows whom: what it contains is logged only where the whole key was sent, or where there is one
   * tenant.
   */
  function appendWithoutClient(
    record: ResponseRecord,
    exchange: LoggedExchange | undefined,
    refused: RefusedKey | undefined,
  ): void {
    const part: RefusalPart | undefined = refused === undefined ? unknownKeys : refusalPart(refused, unknownKeys);
    if (part === undefined) return;
    const isOfKey = refused?.found !== undefined;
    if (isOfKey ? !refusals.admit(refused) : !admitUnknownKey()) return;
    const isShown = unknownKeys?.tenant === part.tenant || (isOfKey && isProven(refused.reason));
    const time = new Date();
    append({
      ...{ detail: exchange?.detail, ...part, id: entryId(time), time, client: record.client },
      requestId: loggableText(maxRequestIdLength, record.requestId),
      ...{ outcome: outcomeOf(record.status), status: record.status, code: record.code },
      ...{ milliseconds: rounded(record.milliseconds), quirks: [], changes: [] },
      ...(isShown && exchange !== undefined && withBodies(exchange, part.tenant)),
    });
  }

  function nameOf(
    { tenant = '', resourceType }: ResponseRecord,
    id: string | undefined,
    exchange: LoggedExchange | undefined,
  ): string | undefined {
    if (resourceType === undefined) return undefined;
    names.learn(tenant, resourceType, exchange?.names ?? []);
    return id === undefined ? undefined : names.of(tenant, resourceType, id);
  }

  /** What is kept of an exchange until its response is reported. It is small, however large the bodies are. */
  function logged({ actor, method, url, request, response }: Exchange): LoggedExchange {
    const detail = textOf(response, 'detail');
    const keepsBodies = bodies === 'all' || (bodies === 'errors' && isErrorBody(response));
    const forRequest = { bytes: maxBodyBytes };
    const forResponse = { bytes: maxBodyBytes };
    return {
      connection: connectionOf(actor),
      resourceId: textOf(response, 'id'),
      names: bodies === 'all' ? namesIn(response) : [],
      detail: detail === undefined ? undefined : loggableText(maxDetailLength, detail),
      method,
      url: loggableUrl(url, secrets, maxUrlLength),
      ...(keepsBodies && {
        bodies: {
          request: loggableBody(request, secrets, forRequest),
          response: loggableBody(response, secrets, forResponse),
          bytes: 2 * maxBodyBytes - forRequest.bytes - forResponse.bytes,
        },
      }),
    };
  }

  function withBodies({ method, url, bodies: kept }: LoggedExchange, tenant: string): LogPart {
    if (kept === undefined) return { request: { method, url } };
    if (!admitBodies(tenant, kept.bytes)) return { request: { method, url, body: leftOut }, response: leftOut };
    return { request: { method, url, body: kept.request }, response: kept.response };
  }
}

type LogPart = Pick<LogEntry, 'request' | 'response'>;

interface LoggedExchange {
  readonly connection: Pick<LogEntry, 'connection' | 'actorName' | 'connectionTest'>;
  readonly resourceId: string | undefined;
  readonly names: readonly ResourceName[];
  readonly detail: string | undefined;
  readonly method: string;
  readonly url: string;
  readonly bodies?: { readonly request: unknown; readonly response: unknown; readonly bytes: number };
}

const maxRequestIdLength = 100;

function cutId(id: string | undefined): string | undefined {
  return id === undefined ? undefined : loggableText(maxIdLength, id);
}

function failuresOf(failures: readonly BulkFailure[]): readonly LogFailure[] {
  let left = maxErrors;
  return failures.slice(0, maxFailures).map(({ index, status, scimType, code, errors = [] }) => {
    const kept = errors.slice(0, left).map(mistakeOf);
    left -= kept.length;
    const type = scimType === undefined ? undefined : loggableText(maxMistakeLength, scimType);
    return { index, status, scimType: type, code, ...(kept.length === 0 ? {} : { errors: kept }) };
  });
}

// A check of the app may say anything.
function mistakeOf({ path, code, message, operation }: ValueMistake): LogMistake {
  return {
    path: loggableText(maxMistakeLength, path),
    code,
    message: loggableText(maxMistakeLength, message),
    ...(operation === undefined ? {} : { operation }),
  };
}

function isErrorBody(body: unknown): boolean {
  const schemas = isObject(body) ? body['schemas'] : undefined;
  return Array.isArray(schemas) && schemas.includes('urn:ietf:params:scim:api:messages:2.0:Error');
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}

function connectionOf(actor: Actor | undefined): LoggedExchange['connection'] {
  const { connection, keyName, connectionTest } = (actor?.data ?? {}) as Partial<ConnectionActorData>;
  return {
    connection: typeof connection === 'string' ? connection : undefined,
    actorName: typeof keyName === 'string' ? keyName : undefined,
    ...(connectionTest === true && { connectionTest }),
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
