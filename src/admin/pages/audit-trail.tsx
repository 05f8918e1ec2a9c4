import type { JSX } from 'preact';
import type { AuditTrailEntry } from '../../lifecycle/connections/audit-trail.js';
import { describeAction, type DescribedAction } from '../describe-action.js';
import type { AuditTrailPage } from '../read-audit-trail.js';
import type { Visit } from '../visit.js';
import { Card, Empty, Named, Time } from './frame.js';

/** What administrators did with this connection, newest first. */
export function AuditTrail(props: {
  readonly visit: Visit;
  readonly page: AuditTrailPage;
  /** Names of groups by ID. */
  readonly groups: ReadonlyMap<string, string>;
}): JSX.Element {
  const { visit, groups } = props;
  const { entries, older } = props.page;
  return (
    <Card id="audit-trail" title="Audit trail" about="What administrators did with this connection. Newest first.">
      {entries.length === 0 ? (
        <Empty title="No entries">Changes to these settings appear here.</Empty>
      ) : (
        <ul class="trail">
          {entries.map((entry) => (
            <Entry key={entry.id} entry={entry} action={describeAction(entry, visit, groups)} />
          ))}
        </ul>
      )}
      {older === undefined ? null : (
        <div class="buttons">
          <a class="button" href={`${visit.base}/audit-trail?before=${older}`}>
            Older entries
          </a>
        </div>
      )}
    </Card>
  );
}

function Entry(props: { readonly entry: AuditTrailEntry; readonly action: DescribedAction }): JSX.Element {
  const { id, time, by, outcome } = props.entry;
  const { title, details } = props.action;
  return (
    <li id={`action-${id}`}>
      <p>
        <strong>
          <Named text={title} />
        </strong>
        {outcome === 'refused' || outcome === 'failed' ? (
          <>
            {' '}
            <span class="badge warn">{outcome === 'refused' ? 'Refused' : 'Failed'}</span>
          </>
        ) : null}
      </p>
      {details.length === 0 ? null : (
        <p>
          <Named text={`${details.join('. ')}.`} />
        </p>
      )}
      <p class="soft">
        <Named text={by} />, <Time at={time} />
      </p>
    </li>
  );
}
