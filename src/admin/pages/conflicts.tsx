import type { JSX } from 'preact';
import type { Conflict, ConflictDecision } from '../../lifecycle/conflicts/conflicts.js';
import type { Visit } from '../visit.js';
import { Card, Empty, Form, Time, Named } from './frame.js';

/** What waits for a decision, and what was decided. */
export function Conflicts(props: { readonly visit: Visit; readonly conflicts: readonly Conflict[] }): JSX.Element {
  const { visit, conflicts } = props;
  const waiting = conflicts.filter(({ decision }) => decision === undefined);
  const settled = conflicts.filter(({ decision }) => decision !== undefined);
  return (
    <>
      <Card
        id="conflicts"
        title="Waiting for you"
        about="What nobody but a person can decide. A decision takes effect when the provider tries again."
      >
        {visit.options.conflicts === undefined ? (
          <Empty title="Conflicts are not collected">
            The application links no existing accounts and holds no mass deactivations.
          </Empty>
        ) : waiting.length === 0 ? (
          <Empty title="Nothing waits">
            Doubtful matches with existing accounts, and held mass deactivations, show up here.
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
  // How many are to go tells nothing about a person.
  const decides = visit.administrator.may === 'manage' && (personal || kind === 'mass-deactivation');
  return (
    <li id={`conflict-${id}`}>
      <h3>{kind === 'adopt' ? 'Who is this person?' : 'A mass deactivation is held'}</h3>
      <p>
        {summary}{' '}
        <span class="soft">
          Since <Time at={new Date(time)} />
        </span>
      </p>
      {kind === 'adopt' ? null : (
        <p>
          <a href={`${visit.base}/log?outcome=failed`}>See whom it concerns, in the log</a>
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
            <legend>{kind === 'adopt' ? 'This is' : 'Shall it go on?'}</legend>
            {choicesOf(conflict).map(({ value, label, hint, named }) => (
              <label key={value} class="choice">
                <input type="radio" name="choice" value={value} required />
                <span>
                  {named === true ? <Named text={label} /> : label} <span class="soft">{hint}</span>
                </span>
              </label>
            ))}
          </fieldset>
          <div class="buttons">
            <button type="submit" class="button primary">
              Decide
            </button>
          </div>
        </Form>
      ) : (
        <p class="soft">
          {visit.administrator.may === 'manage'
            ? 'It takes somebody who may see personal data to decide this.'
            : 'It takes somebody who manages these settings to decide this.'}
        </p>
      )}
    </li>
  );
}

interface Choice {
  readonly value: string;
  readonly label: string;
  readonly hint: string;
  /** True: somebody else chose the words. */
  readonly named?: boolean;
}

function choicesOf({ kind, candidates }: Conflict): readonly Choice[] {
  if (kind === 'mass-deactivation') {
    return [
      { value: 'approve', label: 'Approve', hint: 'These users really leave: let it go on.' },
      { value: 'refuse', label: 'Refuse', hint: 'Keep it held, and look for a wrong assignment or a stolen key.' },
    ];
  }
  return [
    ...candidates.map(({ id, label }) => ({ value: `link:${id}`, label, hint: `account ${id}`, named: true })),
    {
      value: 'create',
      label: 'Somebody new',
      hint: 'Create a new account. Its userName must not be taken: rename the old account first.',
    },
    { value: 'refuse', label: 'Nobody to let in', hint: 'Refuse this person whenever the provider asks.' },
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
        {summary}
      </p>
      {decision === undefined ? null : (
        <p class="soft">
          {decided(decision)}
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

function decided({ action }: ConflictDecision): string {
  return { link: 'Linked with', create: 'Created anew', refuse: 'Refused', approve: 'Approved' }[action];
}
