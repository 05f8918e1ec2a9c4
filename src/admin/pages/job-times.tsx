import type { JSX } from 'preact';
import { Named, Time } from './frame.js';

/** Who asked for a job, when, and when it was done: the facts of a list. */
export function JobTimes(props: {
  readonly job: { readonly by: string; readonly requestedAt: Date; readonly finishedAt?: Date | undefined };
}): JSX.Element {
  const { by, requestedAt, finishedAt } = props.job;
  return (
    <>
      <div>
        <dt>Requested</dt>
        <dd>
          by <Named text={by} />, <Time at={requestedAt} />
        </dd>
      </div>
      {finishedAt === undefined ? null : (
        <div>
          <dt>Finished</dt>
          <dd>
            <Time at={finishedAt} />
          </dd>
        </div>
      )}
    </>
  );
}
