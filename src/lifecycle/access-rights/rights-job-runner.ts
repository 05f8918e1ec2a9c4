import { JobRunner } from '../jobs/job-runner.js';
import { within } from '../jobs/within.js';
import { countUsers } from './read-resources.js';
import type { RightsJob } from './rights-jobs.js';
import type { RoleMappingAdministrationOptions } from './role-mapping-options.js';
import { runContext } from './run-context.js';

const usersInPage = 100;

/** Carries out the jobs that apply a mapping. Any number of processes may work on one store. */
export function rightsJobRunner(options: RoleMappingAdministrationOptions): JobRunner<RightsJob> {
  const { rights, store, timeoutMilliseconds = 60_000, clock = Date.now } = options;
  // Longer than a page may take, so that no other process claims a job on which this one works.
  const leaseMilliseconds = 2 * timeoutMilliseconds;
  return new JobRunner<RightsJob>(options, {
    kind: 'access-rights',
    subject: () => 'mapping',
    leaseMilliseconds,
    async begin(job) {
      const { tenant, total = await countUsers(store, runContext(tenant)) } = job;
      return { ...job, total };
    },
    async page(job) {
      const { tenant, after, total = 0 } = job;
      const abort = new AbortController();
      const run = rights.run(tenant, { after, maxUsers: usersInPage, signal: abort.signal });
      const page = await within(run, timeoutMilliseconds, () => {
        const error = new Error(`A page of users took longer than ${String(timeoutMilliseconds)} ms.`);
        abort.abort(error);
        return error;
      });
      const processed = job.processed + page.users;
      const next: RightsJob = {
        ...job,
        processed,
        // Users who are added meanwhile count too.
        total: Math.max(page.total ?? total, processed),
        after: page.after,
        failures: 0,
        error: undefined,
        nextAttemptAt: page.done ? undefined : clock() + leaseMilliseconds,
        ...(page.done && { state: 'done', finishedAt: new Date(clock()) }),
      };
      return { job: next, more: !page.done };
    },
  });
}
