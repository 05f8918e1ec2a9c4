import { observeJob } from '../../contract/diagnostics.js';
import { failureText } from '../jobs/failure-text.js';
import { retryDelay } from '../jobs/retry-delay.js';
import { RunLoop } from '../jobs/run-loop.js';
import { within } from '../jobs/within.js';
import type { RightsJob } from './rights-jobs.js';
import { countUsers } from './read-resources.js';
import type { RoleMappingAdministrationOptions } from './role-mapping-options.js';
import { runContext } from './run-context.js';

const usersInPage = 100;
const maxRetryMilliseconds = 3_600_000;

/** Carries out the jobs that apply a mapping. Any number of processes may work on one store. */
export class RightsJobWorker {
  readonly loop: RunLoop;
  readonly #options: RoleMappingAdministrationOptions;
  readonly #clock: () => number;
  readonly #timeoutMilliseconds: number;

  constructor(options: RoleMappingAdministrationOptions) {
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
    this.#timeoutMilliseconds = options.timeoutMilliseconds ?? 60_000;
    this.loop = new RunLoop({
      intervalMilliseconds: options.intervalMilliseconds ?? 5_000,
      round: () => this.#round(),
      onError: (error) => options.onError?.(error, undefined),
    });
  }

  async #round(): Promise<number> {
    if (this.loop.isStopping) return 0;
    const [claimed] = await this.#options.jobs.claim(this.#clock(), this.#leaseMilliseconds, 1);
    if (claimed === undefined) return 0;
    await this.#attempt(claimed);
    return 1;
  }

  /** Longer than a page may take, so that no other process claims a job on which this one works. */
  get #leaseMilliseconds(): number {
    return 2 * this.#timeoutMilliseconds;
  }

  async #attempt(claimed: RightsJob): Promise<void> {
    // The newest progress, to which a failure is added.
    const progress = { job: claimed };
    try {
      const { tenant, attempts } = claimed;
      const message = { job: 'access-rights', subject: 'mapping', tenant, attempt: attempts };
      await observeJob(message, () => this.#carryOut(progress));
    } catch (error) {
      const { job } = progress;
      this.#options.onError?.(error, job);
      const failures = job.failures + 1;
      const wait = retryDelay(failures, this.#options.firstRetryMilliseconds ?? 1_000, maxRetryMilliseconds);
      const text = failureText(error, 'The attempt failed without an error message.');
      await this.#options.jobs.save({ ...job, failures, error: text, nextAttemptAt: this.#clock() + wait });
    }
  }

  async #carryOut(progress: { job: RightsJob }): Promise<void> {
    const { jobs, store } = this.#options;
    const { tenant, total = await countUsers(store, runContext(tenant)) } = progress.job;
    progress.job = { ...progress.job, total };
    for (;;) {
      progress.job = await this.#nextPage(progress.job);
      const { job } = progress;
      // False: the mapping was changed again, and another job has begun.
      if (!(await jobs.save(job)) || job.state === 'done') return;
      if (this.loop.isStopping) {
        // Another process may go on at once.
        await jobs.save({ ...job, nextAttemptAt: this.#clock() });
        return;
      }
    }
  }

  async #nextPage(job: RightsJob): Promise<RightsJob> {
    const { tenant, after } = job;
    const abort = new AbortController();
    const run = this.#options.rights.run(tenant, { after, maxUsers: usersInPage, signal: abort.signal });
    const page = await within(run, this.#timeoutMilliseconds, () => {
      const error = new Error(`A page of users took longer than ${String(this.#timeoutMilliseconds)} ms.`);
      abort.abort(error);
      return error;
    });
    const processed = job.processed + page.users;
    return {
      ...job,
      processed,
      // Users who are added meanwhile count too.
      total: Math.max(page.total ?? job.total ?? 0, processed),
      after: page.after,
      failures: 0,
      error: undefined,
      nextAttemptAt: page.done ? undefined : this.#clock() + this.#leaseMilliseconds,
      ...(page.done && { state: 'done', finishedAt: new Date(this.#clock()) }),
    };
  }
}
