import type { Awaitable } from '../../contract/awaitable.js';
import { observeJob } from '../../contract/diagnostics.js';
import { takeSource } from '../../contract/hook-source.js';
import { failureText } from './failure-text.js';
import { retryDelay } from './retry-delay.js';
import { RunLoop } from './run-loop.js';

/** A job that is carried out page by page, as its store keeps it. */
export interface PagedJob {
  readonly tenant: string;
  readonly state: 'running' | 'done';
  /** How often a process has claimed the job. */
  readonly attempts: number;
  /** Failures since the last page that was done. */
  readonly failures: number;
  readonly nextAttemptAt?: number | undefined;
  readonly error?: string | undefined;
}

/** Where jobs are kept: see `ConnectionEndingStore`. */
interface PagedJobStore<J> {
  claim(now: number, leaseMilliseconds: number, limit: number): Awaitable<readonly J[]>;
  save(job: J): Awaitable<boolean>;
}

/** Options of a worker that the app may set. */
interface WorkerOptions<J> {
  readonly jobs: PagedJobStore<J>;
  readonly intervalMilliseconds?: number | undefined;
  readonly firstRetryMilliseconds?: number | undefined;
  readonly onError?: ((error: unknown, job: J | undefined, hook: string | undefined) => void) | undefined;
  readonly clock?: (() => number) | undefined;
}

/** What a kind of job does. */
export interface JobSteps<J> {
  /** Name of the kind, for the channel of jobs. */
  readonly kind: string;
  /** What a job is about, one of few texts. */
  subject(job: J): string;
  /** How long a page can take: meanwhile no other process claims the job. */
  readonly leaseMilliseconds: number;
  /** Called once for each attempt. @returns the job with what has become of it meanwhile */
  begin(job: J): Promise<J>;
  /** Carries out the next page. @returns the job after it, and whether another page follows at once */
  page(job: J): Promise<{ readonly job: J; readonly more: boolean }>;
  /** Called when the job is done and saved. */
  ended?(job: J): Promise<void>;
}

const defaultIntervalMilliseconds = 5_000;
const defaultRetryMilliseconds = 1_000;
const maxRetryMilliseconds = 3_600_000;

/**
 * Claims due jobs and carries them out, in any number of processes. Each page is saved, so a job goes on where it was: after a
 * failure, when this process stops, and when another one takes it over.
 */
export class JobRunner<J extends PagedJob> {
  readonly loop: RunLoop;
  readonly #options: WorkerOptions<J>;
  readonly #steps: JobSteps<J>;
  readonly #clock: () => number;

  constructor(options: WorkerOptions<J>, steps: JobSteps<J>) {
    this.#options = options;
    this.#steps = steps;
    this.#clock = options.clock ?? Date.now;
    this.loop = new RunLoop({
      intervalMilliseconds: options.intervalMilliseconds ?? defaultIntervalMilliseconds,
      round: () => this.#round(),
      onError: (error) => options.onError?.(error, undefined, takeSource(error)),
    });
  }

  async #round(): Promise<number> {
    if (this.loop.isStopping) return 0;
    const [claimed] = await this.#options.jobs.claim(this.#clock(), this.#steps.leaseMilliseconds, 1);
    if (claimed === undefined) return 0;
    await this.#attempt(claimed);
    return 1;
  }

  async #attempt(claimed: J): Promise<void> {
    // The newest progress, to which a failure is added.
    const progress = { job: claimed };
    const { kind } = this.#steps;
    const message = { job: kind, subject: this.#steps.subject(claimed), tenant: claimed.tenant };
    try {
      await observeJob({ ...message, attempt: claimed.attempts }, () => this.#carryOut(progress));
    } catch (error) {
      const { job } = progress;
      this.#options.onError?.(error, job, takeSource(error));
      const failures = job.failures + 1;
      const first = this.#options.firstRetryMilliseconds ?? defaultRetryMilliseconds;
      const nextAttemptAt = this.#clock() + retryDelay(failures, first, maxRetryMilliseconds);
      const text = failureText(error, 'The attempt failed without an error message.');
      await this.#options.jobs.save({ ...job, failures, error: text, nextAttemptAt });
    }
  }

  async #carryOut(progress: { job: J }): Promise<void> {
    const { jobs } = this.#options;
    progress.job = await this.#steps.begin(progress.job);
    for (;;) {
      const { job, more } = await this.#steps.page(progress.job);
      progress.job = job;
      // False: another process has claimed the job, or another job has taken its place.
      if (!(await jobs.save(job))) return;
      if (job.state === 'done') return this.#steps.ended?.(job);
      if (!more) return;
      if (this.loop.isStopping) {
        // Another process may go on at once.
        await jobs.save({ ...job, nextAttemptAt: this.#clock() });
        return;
      }
    }
  }
}
