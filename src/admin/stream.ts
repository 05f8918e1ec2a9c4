import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LogEntry, LogStore } from './contract.js';
import { firstIdAt } from './entry-id.js';
import { type LogPageRequest, toLogQuery } from './log-filter.js';

/** Arguments of `streamLog`. */
export interface LiveLog {
  readonly log: LogStore;
  readonly tenant: string;
  readonly connection: string;
  readonly request: LogPageRequest;
  /** Asks whether the administrator may still see the log. A rejection means no. */
  isAllowed(): Promise<boolean>;
  /** Renders an entry as HTML. */
  render(entry: LogEntry): string;
  /** How often the log is read. */
  readonly intervalMilliseconds: number;
}

const heartbeatMilliseconds = 20_000;
/** How often the rights of the administrator are checked. */
const checkMilliseconds = 3_000;
/** Then the browser reconnects, and the request passes the middleware of the app again. */
const maxDurationMilliseconds = 60_000;
/** Then the connection of a reader that takes nothing more is closed. */
const maxEndMilliseconds = 5_000;
/** Processes commit in no fixed order: an entry may become visible this long after a newer one. */
const overlapMilliseconds = 5_000;
const batchSize = 25;

/**
 * Streams new log entries as server-sent events until the browser disconnects, or the administrator signs out or loses
 * the right to see them.
 *
 * It polls the log, so that the entries of all processes appear.
 */
export function streamLog(req: IncomingMessage, res: ServerResponse, live: LiveLog): void {
  const { after: first = firstIdAt(new Date()), ...filter } = live.request;
  const resumed = req.headers['last-event-id'];
  const from = typeof resumed === 'string' && /^[0-9a-z]{1,64}$/i.test(resumed) ? resumed : first;
  const sent = new Map<string, number>();
  let newest = from;
  let isPolling = false;
  let lastWriteAt = performance.now();
  let checkedAt = lastWriteAt;

  res.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'x-content-type-options': 'nosniff',
    // Tells nginx not to buffer the events.
    'x-accel-buffering': 'no',
  });
  if (req.method === 'HEAD') {
    res.end();
    return;
  }
  res.write('retry: 3000\n\n');

  const poll = async (): Promise<void> => {
    const now = performance.now();
    if (now - checkedAt >= checkMilliseconds) {
      checkedAt = now;
      if (!(await live.isAllowed())) return end();
    }
    const overlap = firstIdAt(new Date(Date.now() - overlapMilliseconds));
    const after = overlap < newest ? (overlap > from ? overlap : from) : newest;
    const query = toLogQuery({ ...filter, before: undefined, after }, live.connection, batchSize);
    const entries = await live.log.list(live.tenant, query);
    for (const entry of [...entries].reverse()) {
      if (sent.has(entry.id)) continue;
      sent.set(entry.id, now);
      if (entry.id > newest) newest = entry.id;
      const lines = live.render(entry).split('\n');
      res.write(`event: entry\nid: ${newest}\n${lines.map((line) => `data: ${line}`).join('\n')}\n\n`);
      lastWriteAt = now;
    }
    for (const [id, time] of sent) if (now - time > 10 * overlapMilliseconds) sent.delete(id);
    if (now - lastWriteAt > heartbeatMilliseconds) {
      res.write(': heartbeat\n\n');
      lastWriteAt = now;
    }
  };
  const timer = setInterval(() => {
    // A slow reader gets the entries once it has read the earlier ones.
    if (isPolling || res.writableNeedDrain) return;
    isPolling = true;
    poll()
      .catch(end)
      .finally(() => {
        isPolling = false;
      });
  }, live.intervalMilliseconds);
  const lifetime = setTimeout(end, maxDurationMilliseconds);
  timer.unref();
  lifetime.unref();
  function stop(): void {
    clearInterval(timer);
    clearTimeout(lifetime);
  }
  function end(): void {
    stop();
    res.end();
    setTimeout(() => res.destroy(), maxEndMilliseconds).unref();
  }
  res.once('close', stop);
}
