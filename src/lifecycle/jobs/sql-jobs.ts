import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Dialect } from '../../database/dialect.js';
import { dateOf, type Row, textOf } from '../../database/row.js';
import { inTransaction } from '../../database/transaction.js';

/** The columns of a job: its JSON as it was saved, and what a claim changes. */
export type JobRow = Row<'attempts' | 'due' | 'job'>;

/** What the jobs that are stored this way have in common. */
interface StoredJob {
  readonly tenant: string;
  readonly id: string;
  readonly requestedAt: Date;
  readonly finishedAt?: Date | undefined;
  readonly attempts: number;
  readonly nextAttemptAt?: number | undefined;
}

/** The job of a row. */
export function jobOf<J extends StoredJob>({ attempts, due, job }: JobRow): J {
  const stored = JSON.parse(textOf(job)) as Record<keyof StoredJob, unknown>;
  return {
    ...stored,
    requestedAt: new Date(String(stored.requestedAt)),
    ...(stored.finishedAt === undefined ? {} : { finishedAt: new Date(String(stored.finishedAt)) }),
    attempts: Number(attempts),
    nextAttemptAt: due === null ? undefined : dateOf(due).getTime(),
  } as unknown as J;
}

/**
 * Claims jobs that were read as due: counts an attempt, and sets when another process may claim them.
 *
 * Compare-and-swap instead of a lock: the process that still finds the row as it was read gets the job.
 */
export async function claimJobs<J extends StoredJob>(
  {
    db,
    dialect,
    table,
  }: { readonly db: Kysely<unknown>; readonly dialect: Dialect; readonly table: RawBuilder<unknown> },
  due: readonly J[],
  nextAttemptAt: number,
): Promise<readonly J[]> {
  const claimed: J[] = [];
  for (const job of due) {
    const { tenant, id, attempts } = job;
    const { numAffectedRows } = await inTransaction(db, dialect, (transaction) =>
      sql`update ${table} set due = ${nextAttemptAt}, attempts = attempts + 1 where tenant = ${tenant} and id = ${id}
        and attempts = ${attempts} and due = ${job.nextAttemptAt ?? null}`.execute(transaction),
    );
    if (numAffectedRows === 1n) claimed.push({ ...job, attempts: attempts + 1, nextAttemptAt });
  }
  return claimed;
}
