import type { JSX } from 'preact';
import type { EndingJob } from '../../lifecycle/connections/ending-jobs.js';
import { isLive } from '../actions.js';
import { type EndingView, fateChoices } from '../end-connection.js';
import type { Visit } from '../visit.js';
import { Card, Form, FormButtons, Named } from './frame.js';
import { JobTimes } from './job-times.js';

/** Leads to the page that ends the connection. */
export function EndCard({ visit }: { readonly visit: Visit }): JSX.Element {
  return (
    <Card id="end" title="End this connection" about="When the identity provider is no longer used.">
      <div class="buttons">
        <a class="button quiet-danger" href={`${visit.base}/end`}>
          {visit.administrator.may === 'manage' ? 'End connection' : 'Show'}
        </a>
      </div>
    </Card>
  );
}

/** Asks what becomes of the users, and shows the progress. */
export function EndingPage({ visit, view }: { readonly visit: Visit; readonly view: EndingView }): JSX.Element {
  const { users, job } = view;
  const { enabled, keys } = visit.connection;
  const isRunning = job?.state === 'running';
  // Until somebody sets it up again.
  const hasEnded = job?.state === 'done' && users === 0 && !enabled && !keys.some((key) => isLive(key, visit.now));
  return (
    <>
      {job === undefined ? null : <Progress visit={visit} job={job} />}
      {isRunning || hasEnded ? null : (
        <Card id="end-form" title="End this connection">
          <p>
            {users === 1
              ? 'This connection manages 1 user.'
              : `This connection manages ${users.toLocaleString('en-US')} users.`}{' '}
            All its keys are revoked immediately and cannot be used again. Groups and their members stay.
          </p>
          {visit.administrator.may === 'manage' ? <EndForm visit={visit} users={users} /> : null}
        </Card>
      )}
    </>
  );
}

function EndForm({ visit, users }: { readonly visit: Visit; readonly users: number }): JSX.Element {
  return (
    <Form visit={visit} action="/end" class="stack">
      <fieldset>
        <legend>What happens to the users</legend>
        {Object.entries(fateChoices).map(([value, { label, hint }]) => (
          <label key={value} class="choice">
            <input type="radio" name="users" value={value} required />
            <span>
              {label} <span class="soft">{hint}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <label class="choice">
        <input type="checkbox" name="confirmed" value="true" required />
        <span>
          I want to end this connection for {users === 1 ? '1 user' : `${users.toLocaleString('en-US')} users`}.
        </span>
      </label>
      <FormButtons visit={visit} inDialog={false} label="End connection" dangerous />
    </Form>
  );
}

function Progress({ visit, job }: { readonly visit: Visit; readonly job: EndingJob }): JSX.Element {
  const { total, processed, refused, refusals, state, users, error } = job;
  const personal = visit.administrator.seePersonalData;
  return (
    <Card id="ending" title={state === 'running' ? 'This connection is being ended' : 'This connection has ended'}>
      <dl class="facts">
        <div>
          <dt>Users</dt>
          <dd>{state === 'running' ? fateChoices[users].label : fateChoices[users].done}</dd>
        </div>
        <div>
          <dt>Progress</dt>
          <dd>
            {processed.toLocaleString('en-US')} of {total.toLocaleString('en-US')}
            {refused === 0 ? '' : `, ${refused.toLocaleString('en-US')} refused`}
          </dd>
        </div>
        <JobTimes job={job} />
      </dl>
      {state === 'done' ? null : (
        <>
          <progress aria-label="Users processed" max={Math.max(total, 1)} value={processed + refused} />
          <p class="soft">The application continues in the background.</p>
          <div class="buttons">
            <a class="button" href={`${visit.base}/end`}>
              Reload
            </a>
          </div>
        </>
      )}
      {error === undefined || state === 'done' ? null : (
        <p class="notice warn">The last attempt failed. The application tries again.</p>
      )}
      {refused === 0 ? null : (
        <>
          <p>These users stay as they are, because the application refused the change:</p>
          <ul class="plain">
            {refusals.map(({ userId, reason }) => (
              <li key={userId}>
                {personal ? (
                  <>
                    <code>
                      <Named text={userId} />
                    </code>{' '}
                  </>
                ) : null}
                <Named text={reason} />
              </li>
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}
