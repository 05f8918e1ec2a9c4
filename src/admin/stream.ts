import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LogEntry, LogStore } from './contract.js';
import { type LogPageRequest, toLogQuery } from './log-filter.js';
import { firstIdAt } from './provisioning-log.js';

/** What a stream of log entries needs. */
export interface LiveLog {
  readonly log: LogStore;
  readonly tenant: string;
  readonly connection: string;
  readonly request: LogPageRequest;
  /** An entry as markup. */
  render(entry: LogEntry): string;
  /** How often the log is looked at, milliseconds. */
  readonly intervalMilliseconds: number;
}

const heartbeat = 20_000;
/** After this the browser comes again, so that its rights are looked at anew, milliseconds. */
const longest = 300_000;
/** Processes commit in no fixed order: entries this much older than the newest may still appear, milliseconds. */
const late = 5_000;
const batch = 50;

/**
 * Streams new log entries as server-sent events until the browser goes.
 *
 * The log is asked again and again, not listened to, so that entries of every process are seen.
 */
export function streamLog(req: IncomingMessage, res: ServerResponse, live: LiveLog): void {
  const { after: first = firstIdAt(new Date()), ...filter } = live.request;
  const resumed = req.headers['last-event-id'];
  const from = typeof resumed === 'string' && /^[0-9a-z]{1,64}$/i.test(resumed) ? resumed : first;
  const sent = new Map<string, number>();
  let newest = from;
  let asking = false;
  let spoken = performance.now();
  const began = spoken;

  res.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    // nginx would hold the events back.
    'x-accel-buffering': 'no',
  });
  res.write('retry: 3000\n\n');

  const look = async (): Promise<void> => {
    const now = performance.now();
    if (now - began > longest) return end();
    const overlap = firstIdAt(new Date(Date.now() - late));
    const after = overlap < newest ? (overlap > from ? overlap : from) : newest;
    const query = toLogQuery({ ...filter, before: undefined, after }, live.connection, batch);
    const entries = await live.log.list(live.tenant, query);
    for (const entry of [...entries].reverse()) {
      if (sent.has(entry.id)) continue;
      sent.set(entry.id, now);
      if (entry.id > newest) newest = entry.id;
      const lines = live.render(entry).split('\n');
      res.write(`event: entry\nid: ${newest}\n${lines.map((line) => `data: ${line}`).join('\n')}\n\n`);
      spoken = now;
    }
    for (const [id, time] of sent) if (now - time > 10 * late) sent.delete(id);
    if (now - spoken > heartbeat) {
      res.write(': still here\n\n');
      spoken = now;
    }
  };
  const timer = setInterval(() => {
    // Who reads slower than entries come gets them later.
    if (asking || res.writableNeedDrain) return;
    asking = true;
    look()
      .catch(end)
      .finally(() => {
        asking = false;
      });
  }, live.intervalMilliseconds);
  timer.unref();
  function end(): void {
    clearInterval(timer);
    res.end();
  }
  res.once('close', () => clearInterval(timer));
}
