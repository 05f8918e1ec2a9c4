import type { JSX } from 'preact';
import type { AuditTrailEntry } from '../../lifecycle/connections/audit-trail.js';
import type { AuditTrailPage } from '../read-audit-trail.js';
import type { Visit } from '../visit.js';
import { Card, Empty, Named, Time } from './frame.js';

/** Actions that the library records, as an administrator calls them. */
const labels: Readonly<Record<string, string>> = {
  'connection.enabled': 'Enabled provisioning',
  'connection.disabled': 'Disabled provisioning',
  'connection.provider': 'Chose the identity provider',
  'connection.networks': 'Changed the allowed networks',
  'connection.end': 'Ended the connection',
  'connection.ended': 'Finished ending the connection',
  'key.created': 'Created a key',
  'key.rotated': 'Rotated a key',
  'key.revoked': 'Revoked a key',
  'webhook.tested': 'Sent a test event',
  'webhook.resent': 'Sent failed deliveries again',
  'webhook.enabled': 'Enabled an endpoint',
  'conflict.settled': 'Settled a conflict',
  'role-mapping.added': 'Gave a group a role',
  'role-mapping.removed': 'Removed the role of a group',
  'role-mapping.applied': 'Applied the roles to existing users',
  'setup-link.created': 'Created a set-up link',
  'setup-link.revoked': 'Revoked the set-up links',
  'setup-link.used': 'Opened a set-up link',
};

/** What an action concerns, as an administrator calls it. */
const subjectLabels: Readonly<Record<string, string>> = {
  account: 'Account',
  conflict: 'Conflict',
  count: 'Number of users',
  days: 'Lifetime in days',
  decision: 'Decision',
  delivery: 'Delivery',
  endpoint: 'Endpoint',
  group: 'Group',
  hours: 'Hours',
  job: 'Job',
  key: 'Key',
  link: 'Set-up link',
  networks: 'Networks',
  old: 'Old key',
  problem: 'Problem',
  processed: 'Users done',
  provider: 'Identity provider',
  refused: 'Users refused',
  role: 'Role',
  scope: 'Access',
  users: 'Users',
};

/** What administrators did with this connection, newest first. */
export function AuditTrail({ visit, page }: { readonly visit: Visit; readonly page: AuditTrailPage }): JSX.Element {
  const { entries, older } = page;
  return (
    <Card id="audit-trail" title="Audit trail" about="What administrators did with this connection. Newest first.">
      {entries.length === 0 ? (
        <Empty title="No entries">Changes to these settings appear here.</Empty>
      ) : (
        <ul class="trail">
          {entries.map((entry) => (
            <Entry key={entry.id} entry={entry} />
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

function Entry({ entry }: { readonly entry: AuditTrailEntry }): JSX.Element {
  const { id, time, by, action, subjects, outcome } = entry;
  return (
    <li id={`action-${id}`}>
      <p>
        <strong>{Object.hasOwn(labels, action) ? labels[action] : <Named text={action} />}</strong>
        {outcome === 'refused' || outcome === 'failed' ? (
          <>
            {' '}
            <span class="badge warn">{outcome === 'refused' ? 'Refused' : 'Failed'}</span>
          </>
        ) : null}
      </p>
      <p class="soft">
        <Named text={by} />, <Time at={time} />
      </p>
      {Object.keys(subjects).length === 0 ? null : (
        <dl class="facts">
          {Object.entries(subjects).map(([name, value]) => (
            <div key={name}>
              <dt>{Object.hasOwn(subjectLabels, name) ? subjectLabels[name] : <Named text={name} />}</dt>
              <dd>
                <code>
                  <Named text={value} />
                </code>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  );
}
