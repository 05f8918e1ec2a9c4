import { BoundedMap } from '../contract/bounded-map.js';
import type { ChangeEvent } from '../contract/event.js';
import type { LogChange, LogEntry } from './contract.js';
import type { AddedChanges } from './log-writer.js';
import { jsonBytes, loggableText } from './loggable.js';

/** How many changes a log store lists for one entry. */
export const maxListedChanges = 200;

const maxRequests = 1_000;
/** How long changes wait for the response of their request. An outbox may deliver them in another process. */
const maxWaitMilliseconds = 10_000;
/** How long changes that arrive after the response wait for further ones. */
const batchMilliseconds = 250;

/** Bytes of JSON of the listed changes of one request. */
const maxChangesBytes = 14_000;
const maxAttributes = 20;

/** Collects the changes of each request, so that those of a request are written together. */
export interface LogChanges {
  add(event: ChangeEvent): void;
  /** Returns the changes so far. Those that arrive later are given to `save` in batches. */
  responded(tenant: string, requestId: string): Pick<LogEntry, 'changes' | 'omittedChanges'>;
}

interface Waiting {
  readonly tenant: string;
  readonly requestId: string;
  readonly changes: LogChange[];
  omitted: number;
  /** On the clock of `performance.now()`. */
  readonly due: number;
}

export function createLogChanges(save: (added: AddedChanges) => void): LogChanges {
  const waiting = new Map<string, Waiting>();
  /** Requests whose entry is written. */
  const responded = new BoundedMap<true>(maxRequests);
  /** Bytes that the listed changes of a request have taken. */
  const taken = new BoundedMap<number>(2 * maxRequests);
  let timer: NodeJS.Timeout | undefined;

  const saveDue = (): void => {
    const now = performance.now();
    for (const [key, each] of waiting) {
      // A Map is in the order of insertion, so the oldest go first where there are too many.
      if (now < each.due && waiting.size <= maxRequests) continue;
      waiting.delete(key);
      save(each);
    }
    if (waiting.size === 0 || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      saveDue();
    }, batchMilliseconds);
    timer.unref();
  };

  return {
    add(event) {
      const { tenant, requestId } = event;
      const key = keyOf(tenant, requestId);
      let mine = waiting.get(key);
      if (mine === undefined) {
        const wait = responded.get(key) === true ? batchMilliseconds : maxWaitMilliseconds;
        mine = { tenant, requestId, changes: [], omitted: 0, due: performance.now() + wait };
        waiting.set(key, mine);
      }
      const change = toChange(event);
      const bytes = (taken.get(key) ?? 0) + jsonBytes(change);
      // Once one is left out, the shorter ones after it are as well.
      taken.set(key, bytes);
      if (bytes > maxChangesBytes) mine.omitted++;
      else mine.changes.push(change);
      saveDue();
    },
    responded(tenant, requestId) {
      const key = keyOf(tenant, requestId);
      const mine = waiting.get(key);
      waiting.delete(key);
      responded.set(key, true);
      const { changes = [], omitted = 0 } = mine ?? {};
      return omitted === 0 ? { changes } : { changes, omittedChanges: omitted };
    },
  };
}

function keyOf(tenant: string, requestId: string): string {
  return JSON.stringify([tenant, requestId]);
}

function toChange({ type, resourceType, resourceId, changed }: ChangeEvent): LogChange {
  const attributes = changed.slice(0, maxAttributes).map((name) => loggableText(100, name));
  const more = changed.length - attributes.length;
  return {
    type: loggableText(100, type),
    resourceType: loggableText(100, resourceType),
    resourceId: loggableText(250, resourceId),
    attributes: more > 0 ? [...attributes, `… and ${String(more)} more`] : attributes,
  };
}
