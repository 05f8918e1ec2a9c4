import type { LogChange, LogEntry, LogStore } from './contract.js';

/** Changes to add to the entry of a request. */
export interface AddedChanges {
  readonly tenant: string;
  readonly requestId: string;
  readonly changes: readonly LogChange[];
  /** How many more changes were made, which are not listed. */
  readonly omitted: number;
}

/**
 * Writes to a LogStore in the background, in order and one write at a time, so that the log takes one connection of the
 * database at most. What waits is bounded: when the store is slower than the requests, new entries are lost, and
 * `onError` is told how many.
 */
export interface LogWriter {
  append(entry: LogEntry): void;
  addChanges(added: AddedChanges): void;
  /** Deletes older entries. */
  prune(before: Date): void;
}

type Write =
  | { readonly kind: 'entry'; readonly entry: LogEntry }
  | { readonly kind: 'changes'; readonly added: AddedChanges }
  | { readonly kind: 'prune'; readonly before: Date };

const maxWaiting = 1_000;
const maxBatch = 50;

export function createLogWriter(log: LogStore, onError: (error: unknown) => void): LogWriter {
  const waiting: Write[] = [];
  let isRunning = false;
  let lost = 0;

  const report = (error: unknown): void => {
    try {
      onError(error);
    } catch {
      // Nobody is left who could be told.
    }
  };
  const attempt = async (write: () => unknown): Promise<boolean> => {
    try {
      await write();
      return true;
    } catch (error) {
      report(error);
      return false;
    }
  };

  /** Writes the first of the waiting writes; entries that follow each other in one batch. */
  const writeNext = async (): Promise<void> => {
    const [first] = waiting;
    if (first?.kind === 'entry') {
      const end = waiting.findIndex(({ kind }, index) => kind !== 'entry' || index === maxBatch);
      const batch = waiting.splice(0, end < 0 ? waiting.length : end);
      const entries = batch.flatMap((write) => (write.kind === 'entry' ? [write.entry] : []));
      const isSaved = await attempt(() => log.append(entries));
      // One entry that the store refuses must not take the others with it.
      if (!isSaved && entries.length > 1) for (const entry of entries) await attempt(() => log.append([entry]));
      return;
    }
    waiting.shift();
    if (first?.kind === 'prune') await attempt(() => log.prune(first.before));
    if (first?.kind === 'changes') {
      const { tenant, requestId, changes, omitted } = first.added;
      await attempt(() => log.addChanges(tenant, requestId, changes, omitted));
    }
  };

  const run = async (): Promise<void> => {
    isRunning = true;
    while (waiting.length > 0) await writeNext();
    isRunning = false;
    if (lost === 0) return;
    const error = new Error(
      `The provisioning log lost ${String(lost)} entries: its store is slower than the requests.`,
    );
    lost = 0;
    report(error);
  };

  const add = (write: Write): void => {
    if (waiting.length >= maxWaiting) {
      lost++;
      return;
    }
    waiting.push(write);
    // Entries of the same tick go in one batch.
    if (!isRunning) {
      isRunning = true;
      queueMicrotask(() => void run());
    }
  };

  return {
    append: (entry) => add({ kind: 'entry', entry }),
    addChanges: (added) => add({ kind: 'changes', added }),
    prune: (before) => add({ kind: 'prune', before }),
  };
}
