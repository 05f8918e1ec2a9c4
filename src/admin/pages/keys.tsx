import type { JSX } from 'preact';
import type { NewKey } from '../actions.js';
import type { ConnectionKey } from '../contract.js';
import { hasEnded } from '../end-connection.js';
import { isLive, scopeLabel } from '../key-access.js';
import { providerOf } from '../providers.js';
import type { Entered } from '../route.js';
import type { Visit } from '../visit.js';
import { Card, Empty, Named, Time } from './frame.js';
import { NewKeyForm, OffWarning, providerName, RevokeForm, RotateForm, shownId } from './key-forms.js';
import { ConnectionNetworks, networksLabel } from './networks.js';
import { ShownOnce } from './shown-once.js';

const dayMilliseconds = 86_400_000;
const expiresSoonMilliseconds = 14 * dayMilliseconds;

/** The connector keys, with buttons to create, rotate and revoke them. */
export function Keys(props: { readonly visit: Visit; readonly networks?: Entered | undefined }): JSX.Element {
  const { visit, networks } = props;
  const { base, connection, now } = visit;
  const manage = visit.administrator.may === 'manage';
  const keys = connection.keys.filter((key) => key.temporary !== true);
  const live = keys.filter((key) => isLive(key, now));
  const ended = keys.filter((key) => !isLive(key, now));
  const newKey = manage ? (
    <a class={live.length === 0 ? 'button primary' : 'button'} href={`${base}/keys/new`} data-dialog="new-key">
      Create key
    </a>
  ) : null;
  return (
    <Card
      id="keys"
      title="Connector keys"
      about="The identity provider authenticates with a key. Only a digest of it is stored, so a key is shown only once."
      action={newKey}
    >
      {live.length === 0 ? (
        <Empty title="No keys yet">
          {manage
            ? `${hasEnded(visit) ? 'The connection has ended. To use it again, create' : 'Create'} a key, and enter it in ${providerName(visit)} as ${providerOf(connection.provider).keyField}.`
            : 'Ask an administrator who can change these settings to create one.'}
        </Empty>
      ) : (
        <ul class="keys">
          {live.map((key) => (
            <KeyItem key={key.id} visit={visit} item={key} />
          ))}
        </ul>
      )}
      {ended.length === 0 ? null : (
        <details class="more">
          <summary>
            {ended.length} expired or revoked {ended.length === 1 ? 'key' : 'keys'}
          </summary>
          <ul class="keys">
            {ended.map((key) => (
              <KeyItem key={key.id} visit={visit} item={key} />
            ))}
          </ul>
        </details>
      )}
      {live.length === 0 && connection.networks === undefined && networks === undefined ? null : (
        <ConnectionNetworks visit={visit} entered={networks} />
      )}
      {manage ? (
        <dialog id="new-key" aria-labelledby="new-key-title">
          <h2 id="new-key-title">Create a connector key</h2>
          <NewKeyForm visit={visit} inDialog />
        </dialog>
      ) : null}
    </Card>
  );
}

function KeyItem({ visit, item }: { readonly visit: Visit; readonly item: ConnectionKey }): JSX.Element {
  const { base, now } = visit;
  const live = isLive(item, now);
  const { id, expiresAt, lastUsedAt, revokedAt } = item;
  const actions = live && visit.administrator.may === 'manage';
  return (
    <li id={`key-${id}`}>
      <div class="key">
        <p class="strong">
          <Named text={item.name} /> <KeyBadge item={item} now={now} />
        </p>
        <dl>
          <div>
            <dt>Key</dt>
            <dd>
              <code>{shownId(visit, item)}</code>
            </dd>
          </div>
          <div>
            <dt>Access</dt>
            <dd>{scopeLabel(item)}</dd>
          </div>
          {item.networks === undefined ? null : (
            <div>
              <dt>Networks</dt>
              <dd>{networksLabel(item.networks)}</dd>
            </div>
          )}
          <div>
            <dt>Created</dt>
            <dd>
              <Time at={item.createdAt} day />
            </dd>
          </div>
          <div>
            <dt>{revokedAt === undefined ? (live ? 'Expires' : 'Expired') : 'Revoked'}</dt>
            <dd>
              {revokedAt === undefined ? (
                expiresAt === undefined ? (
                  'Never'
                ) : (
                  <Time at={expiresAt} day={expiresAt.getTime() - now.getTime() > 2 * dayMilliseconds} />
                )
              ) : (
                <Time at={revokedAt} />
              )}
            </dd>
          </div>
          <div>
            <dt>Last used</dt>
            <dd>{lastUsedAt === undefined ? 'Never' : <Time at={lastUsedAt} />}</dd>
          </div>
        </dl>
      </div>
      {actions ? (
        <div class="buttons">
          <a class="button" href={`${base}/keys/${id}/rotate`} data-dialog={`rotate-${id}`}>
            Rotate<span class="unseen"> key {item.name}</span>
          </a>
          <a class="button quiet-danger" href={`${base}/keys/${id}/revoke`} data-dialog={`revoke-${id}`}>
            Revoke<span class="unseen"> key {item.name}</span>
          </a>
          <dialog id={`rotate-${id}`} aria-labelledby={`rotate-${id}-title`}>
            <h2 id={`rotate-${id}-title`}>Rotate this key</h2>
            <RotateForm visit={visit} item={item} inDialog />
          </dialog>
          <dialog id={`revoke-${id}`} aria-labelledby={`revoke-${id}-title`}>
            <h2 id={`revoke-${id}-title`}>Revoke this key</h2>
            <RevokeForm visit={visit} item={item} inDialog />
          </dialog>
        </div>
      ) : null}
    </li>
  );
}

function KeyBadge({ item, now }: { readonly item: ConnectionKey; readonly now: Date }): JSX.Element {
  if (item.revokedAt !== undefined) return <span class="badge off">Revoked</span>;
  const left = item.expiresAt === undefined ? Infinity : item.expiresAt.getTime() - now.getTime();
  if (left <= 0) return <span class="badge off">Expired</span>;
  if (left < expiresSoonMilliseconds) {
    const days = Math.ceil(left / dayMilliseconds);
    return <span class="badge warn">{days <= 1 ? 'Expires within a day' : `Expires in ${String(days)} days`}</span>;
  }
  return <span class="badge good">Active</span>;
}

/** Shows a new key, this one time. */
export function ShownKey({ visit, made }: { readonly visit: Visit; readonly made: NewKey }): JSX.Element {
  const { keyField } = providerOf(visit.connection.provider);
  return (
    <ShownOnce
      visit={visit}
      id="new-key"
      title="Copy your new key now"
      about="It is shown only once and cannot be retrieved later."
      warning={`Anyone with this key can create and deactivate users. Enter it only in ${providerName(visit)}.`}
      note={<OffWarning visit={visit} />}
      secret={{ id: 'shown-key', field: keyField, label: 'the key', text: made.key }}
    >
      <div>
        <dt>Name</dt>
        <dd>
          <Named text={made.name} />
        </dd>
      </div>
      <div>
        <dt>Expires</dt>
        <dd>{made.expiresAt === undefined ? 'Never' : <Time at={made.expiresAt} day />}</dd>
      </div>
      {made.oldUntil === undefined ? null : (
        <div>
          <dt>Old key valid until</dt>
          <dd>
            <Time at={made.oldUntil} />
          </dd>
        </div>
      )}
    </ShownOnce>
  );
}
