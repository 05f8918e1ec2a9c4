import type { JSX } from 'preact';
import type { EndingJob } from '../../lifecycle/connections/ending-jobs.js';
import { type EndingView, fateChoices, hasEnded } from '../end-connection.js';
import type { Entered } from '../route.js';
import type { Visit } from '../visit.js';
import { FormProblem, marked, Problem } from './form-problem.js';
import { Card, Form, FormButtons, Named, Time } from './frame.js';
import { JobTimes } from './job-times.js';

/** Leads to the page that ends the connection. */
export function EndCard({ visit }: { readonly visit: Visit }): JSX.Element {
  const ended = hasEnded(visit);
  return (
    <Card
      id="end"
      title={ended ? 'This connection has ended' : 'End this connection'}
      about={ended ? undefined : 'When the identity provider is no longer used.'}
    >
      {ended && visit.ending !== undefined ? <Ended job={visit.ending} /> : null}
      <div class="buttons">
        <a class={ended ? 'button' : 'button quiet-danger'} href={`${visit.base}/end`}>
          {visit.administrator.may === 'manage' && !ended ? 'End connection' : 'Show'}
        </a>
      </div>
    </Card>
  );
}

/** When the connection ended, and what became of its users: one sentence each. */
function Ended({ job }: { readonly job: EndingJob }): JSX.Element {
  const { by, requestedAt, finishedAt, processed, users } = job;
  return (
    <p>
      Ended on <Time at={finishedAt ?? requestedAt} /> by <Named text={by} />.{' '}
      {processed === 0
        ? 'It had no users.'
        : `${counted(processed)} ${processed === 1 ? 'was' : 'were'} ${fateChoices[users].done}.`}
    </p>
  );
}

/** Asks what becomes of the users, and shows the progress. */
export function EndingPage(props: {
  readonly visit: Visit;
  readonly view: EndingView;
  readonly entered?: Entered | undefined;
}): JSX.Element {
  const { visit, view, entered } = props;
  const { users, job } = view;
  const isRunning = job?.state === 'running';
  return (
    <>
      {job === undefined ? null : <Progress visit={visit} job={job} />}
      {isRunning || (hasEnded(visit) && users === 0) ? null : (
        <Card id="end-form" title="End this connection">
          <p>
            This connection manages {counted(users)}. All its keys are revoked immediately and cannot be used again.
            Groups and their members stay.
          </p>
          {visit.administrator.may === 'manage' ? <EndForm visit={visit} users={users} entered={entered} /> : null}
        </Card>
      )}
    </>
  );
}

function counted(users: number): string {
  return users === 1 ? '1 user' : `${users.toLocaleString('en-US')} users`;
}

function EndForm(props: {
  readonly visit: Visit;
  readonly users: number;
  readonly entered: Entered | undefined;
}): JSX.Element {
  const { visit, users, entered } = props;
  return (
    <Form visit={visit} action="/end" class="stack">
      <FormProblem entered={entered} fields={['users', 'confirmed']} />
      <fieldset>
        <legend>What should happen to the users?</legend>
        {Object.entries(fateChoices).map(([value, { label, hint }]) => (
          <label key={value} class="choice">
            <input
              type="radio"
              name="users"
              value={value}
              checked={entered?.fields.get('users') === value}
              required
              {...marked(entered, 'users', 'users')}
            />
            <span>
              {label} <span class="soft">{hint}</span>
            </span>
          </label>
        ))}
        <Problem entered={entered} field="users" id="users" />
      </fieldset>
      <div>
        <label class="choice">
          <input
            type="checkbox"
            name="confirmed"
            value="true"
            required
            {...marked(entered, 'confirmed', 'confirmed')}
          />
          <span>Yes, end this connection{users === 0 ? '.' : ` and apply this to ${counted(users)}.`}</span>
        </label>
        <Problem entered={entered} field="confirmed" id="confirmed" />
      </div>
      <FormButtons visit={visit} inDialog={false} label="End connection" dangerous />
    </Form>
  );
}

function Progress({ visit, job }: { readonly visit: Visit; readonly job: EndingJob }): JSX.Element {
  const { total, processed, refused, refusals, state, users, error } = job;
  const personal = visit.administrator.seePersonalData;
  return (
    <Card id="ending" title={state === 'running' ? 'This connection is being ended' : 'This connection has ended'}>
      {state === 'done' ? (
        <Ended job={job} />
      ) : (
        <>
          <dl class="facts">
            <div>
              <dt>Users</dt>
              <dd>{fateChoices[users].label}</dd>
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
          <p>
            {refused === 1 ? 'This user stays' : `${counted(refused)} stay`} as {refused === 1 ? 'it is' : 'they are'},
            because the application refused the change:
          </p>
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
