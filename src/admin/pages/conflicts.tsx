import type { JSX } from 'preact';
import type { Conflict, ConflictDecision } from '../../lifecycle/conflicts/conflicts.js';
import { hasEnded } from '../end-connection.js';
import type { Visit } from '../visit.js';
import { Card, Empty, Form, Time, Named } from './frame.js';

/** Conflicts that wait for a decision, and decided ones. */
export function Conflicts({ visit }: { readonly visit: Visit }): JSX.Element {
  const { conflicts } = visit;
  const waiting = conflicts.filter(({ decision }) => decision === undefined);
  const settled = conflicts.filter(({ decision }) => decision !== undefined);
  return (
    <>
      <Card
        id="conflicts"
        title="Waiting for your decision"
        about="Decisions that the application cannot make by itself. A decision takes effect when the identity provider retries."
      >
        {hasEnded(visit) && waiting.length > 0 ? (
          <p class="notice">
            The connection has ended, so its identity provider does not retry. You need not decide unless you set it up
            again.
          </p>
        ) : null}
        {visit.options.conflicts === undefined ? (
          <Empty title="Conflicts are not collected">
            This application does not link existing accounts and does not hold mass deactivations.
          </Empty>
        ) : waiting.length === 0 ? (
          <Empty title="No conflicts">
            Ambiguous matches with existing accounts, and mass deactivations that are held, appear here.
          </Empty>
        ) : (
          <ul class="conflicts">
            {waiting.map((conflict) => (
              <Waiting key={conflict.id} visit={visit} conflict={conflict} />
            ))}
          </ul>
        )}
      </Card>
      {settled.length === 0 ? null : (
        <Card id="settled" title="Decided">
          <ul class="plain">
            {settled.map((conflict) => (
              <Settled key={conflict.id} visit={visit} conflict={conflict} />
            ))}
          </ul>
        </Card>
      )}
    </>
  );
}

function Waiting({ visit, conflict }: { readonly visit: Visit; readonly conflict: Conflict }): JSX.Element {
  const personal = visit.administrator.seePersonalData;
  const { id, kind, summary, time, resource } = conflict;
  // The number of users in a mass deactivation is not personal data.
  const decides = visit.administrator.may === 'manage' && (personal || kind === 'mass-deactivation');
  return (
    <li id={`conflict-${id}`}>
      <h3>{kind === 'adopt' ? 'Which account belongs to this user?' : 'A mass deactivation is held'}</h3>
      <p>
        {personal ? summary : impersonalSummary(conflict)}{' '}
        <span class="soft">
          Since <Time at={new Date(time)} />
        </span>
      </p>
      {kind === 'adopt' ? null : (
        <p>
          <a href={`${visit.base}/log?outcome=failed`}>Show the affected users in the log</a>
        </p>
      )}
      {resource === undefined || !personal ? null : (
        <dl class="facts">
          {Object.entries(resource).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <Named text={value} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {decides ? (
        <Form visit={visit} action={`/conflicts/${encodeURIComponent(id)}`} class="stack">
          <fieldset>
            <legend>{kind === 'adopt' ? 'This user is' : 'Your decision'}</legend>
            {choicesOf(conflict).map(({ value, label, hint, isName }) => (
              <label key={value} class="choice">
                <input type="radio" name="choice" value={value} required />
                <span>
                  {isName === true ? <Named text={label} /> : label} <span class="soft">{hint}</span>
                </span>
              </label>
            ))}
          </fieldset>
          <div class="buttons">
            <button type="submit" class="button primary">
              Save decision
            </button>
          </div>
        </Form>
      ) : (
        <p class="soft">
          {visit.administrator.may === 'manage'
            ? 'Only an administrator with access to personal data can decide this.'
            : 'Only an administrator who can change these settings can decide this.'}
        </p>
      )}
    </li>
  );
}

/** The summary of a mass deactivation holds counts only; that of an account may name it. */
function impersonalSummary({ kind, summary }: Conflict): string {
  return kind === 'mass-deactivation' ? summary : 'It is not certain which account belongs to a user.';
}

interface Choice {
  readonly value: string;
  readonly label: string;
  readonly hint: string;
  /** True: the label is a name from outside. */
  readonly isName?: boolean;
}

function choicesOf({ kind, candidates }: Conflict): readonly Choice[] {
  if (kind === 'mass-deactivation') {
    return [
      { value: 'approve', label: 'Approve', hint: 'These users are really leaving: apply the changes.' },
      {
        value: 'refuse',
        label: 'Refuse',
        hint: 'Keep the changes on hold, and check for a wrong assignment or a stolen key.',
      },
    ];
  }
  return [
    ...candidates.map(({ id, label }) => ({ value: `link:${id}`, label, hint: `account ${id}`, isName: true })),
    {
      value: 'create',
      label: 'A new user',
      hint: 'Create a new account. If the userName is already in use, rename the existing account first.',
    },
    { value: 'refuse', label: 'Not allowed', hint: 'Refuse this user whenever the identity provider retries.' },
  ];
}

function Settled({ visit, conflict }: { readonly visit: Visit; readonly conflict: Conflict }): JSX.Element {
  const { decision, summary, resource, candidates } = conflict;
  const name = visit.administrator.seePersonalData ? (resource?.['displayName'] ?? resource?.['userName']) : undefined;
  return (
    <li>
      <p>
        {name === undefined ? null : (
          <>
            <strong>
              <Named text={name} />
            </strong>
            {': '}
          </>
        )}
        {visit.administrator.seePersonalData ? summary : impersonalSummary(conflict)}
      </p>
      {decision === undefined ? null : (
        <p class="soft">
          {decisionLabel(decision)}
          {decision.action === 'link' && visit.administrator.seePersonalData ? (
            <>
              {' '}
              <Named text={candidates.find(({ id }) => id === decision.id)?.label ?? decision.id} />
            </>
          ) : null}{' '}
          by <Named text={decision.by} />, <Time at={new Date(decision.time)} />
        </p>
      )}
    </li>
  );
}

function decisionLabel({ action }: ConflictDecision): string {
  return { link: 'Linked with', create: 'Created as a new user', refuse: 'Refused', approve: 'Approved' }[action];
}
