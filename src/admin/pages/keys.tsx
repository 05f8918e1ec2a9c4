import type { JSX } from 'preact';
import { isLive, lifetimeDays, type NewKey, overlapHours, scopeChoices } from '../actions.js';
import type { ConnectionKey } from '../contract.js';
import { providerOf } from '../providers.js';
import type { Visit } from '../visit.js';
import { Card, Copyable, Empty, Form, FormButtons, Named, Time } from './frame.js';
import { ConnectionNetworks, NetworksField, networksLabel } from './networks.js';

const dayMilliseconds = 86_400_000;
const expiresSoonMilliseconds = 14 * dayMilliseconds;

/** The connector keys, with buttons to create, rotate and revoke them. */
export function Keys({ visit }: { readonly visit: Visit }): JSX.Element {
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
            ? `Create a key, and enter it in ${providerName(visit)} as ${providerOf(connection.provider).keyField}.`
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
      {live.length === 0 && connection.networks === undefined ? null : <ConnectionNetworks visit={visit} />}
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
              <code>
                {visit.options.keyPrefix ?? 'scim'}_{id.slice(0, 8)}…
              </code>
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

function scopeLabel({ scopes }: ConnectionKey): string {
  const choice = Object.values(scopeChoices).find((each) => JSON.stringify(each.scopes) === JSON.stringify(scopes));
  return choice?.label ?? scopes?.join(', ') ?? '';
}

function providerName({ connection }: Visit): string {
  return connection.provider === 'other' ? 'your identity provider' : providerOf(connection.provider).name;
}

/** Form for a new key. */
export function NewKeyForm({ visit, inDialog }: { readonly visit: Visit; readonly inDialog: boolean }): JSX.Element {
  const id = inDialog ? 'dialog-' : '';
  const suggested = visit.connection.provider === 'other' ? '' : providerOf(visit.connection.provider).name;
  return (
    <Form visit={visit} action="/keys" class="stack">
      <div class="field">
        <label for={`${id}key-name`}>Name</label>
        <input id={`${id}key-name`} name="name" required maxLength={80} autocomplete="off" value={suggested} />
        <p class="hint">For example the identity provider that uses it. The name is shown in the log.</p>
      </div>
      <fieldset>
        <legend>Access</legend>
        {Object.entries(scopeChoices).map(([value, { label, hint }]) => (
          <label key={value} class="choice">
            <input type="radio" name="scope" value={value} checked={value === 'everything'} />
            <span>
              {label} <span class="soft">{hint}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <div class="field">
        <label for={`${id}key-days`}>Lifetime</label>
        <select id={`${id}key-days`} name="days">
          {lifetimeDays.map((days) => (
            <option key={days} value={String(days)} selected={days === 365}>
              {days === 0 ? 'Never expires' : days === 365 ? '1 year' : `${String(days)} days`}
            </option>
          ))}
        </select>
        <p class="hint">A key is marked in the list two weeks before it expires.</p>
      </div>
      <NetworksField
        id={`${id}key-networks`}
        networks={undefined}
        hint="From anywhere else the key is refused. Leave it empty to accept the key from every address."
      />
      <FormButtons visit={visit} inDialog={inDialog} label="Create key" />
    </Form>
  );
}

/** Form to rotate a key: asks how long the old key stays valid. */
export function RotateForm(props: {
  readonly visit: Visit;
  readonly item: ConnectionKey;
  readonly inDialog: boolean;
}): JSX.Element {
  const { visit, item, inDialog } = props;
  const id = `${inDialog ? 'dialog-' : ''}hours-${item.id}`;
  return (
    <Form visit={visit} action={`/keys/${item.id}/rotate`} class="stack">
      <p>
        A new key replaces{' '}
        <strong>
          <Named text={item.name} />
        </strong>
        , with the same access, networks and lifetime. Enter it in {providerName(visit)} before the old key expires.
      </p>
      <div class="field">
        <label for={id}>The old key stays valid for</label>
        <select id={id} name="hours">
          {overlapHours.map((hours) => (
            <option key={hours} value={String(hours)} selected={hours === 24}>
              {overlapLabel(hours)}
            </option>
          ))}
        </select>
      </div>
      <FormButtons visit={visit} inDialog={inDialog} label="Rotate key" />
    </Form>
  );
}

function overlapLabel(hours: number): string {
  if (hours === 0) return '0 hours: it expires now';
  if (hours === 1) return '1 hour';
  return hours < 48 ? `${String(hours)} hours` : `${String(hours / 24)} days`;
}

/** Form to revoke a key: asks for confirmation. */
export function RevokeForm(props: {
  readonly visit: Visit;
  readonly item: ConnectionKey;
  readonly inDialog: boolean;
}): JSX.Element {
  const { visit, item, inDialog } = props;
  return (
    <Form visit={visit} action={`/keys/${item.id}/revoke`} class="stack">
      <p>
        Requests with{' '}
        <strong>
          <Named text={item.name} />
        </strong>{' '}
        are refused from now on. This cannot be undone.
      </p>
      <FormButtons visit={visit} inDialog={inDialog} label="Revoke key" dangerous />
    </Form>
  );
}

/** Shows a new key, this one time. */
export function ShownKey({ visit, made }: { readonly visit: Visit; readonly made: NewKey }): JSX.Element {
  const { keyField } = providerOf(visit.connection.provider);
  return (
    <Card id="new-key" title="Copy your new key now" about="It is shown only once and cannot be retrieved later.">
      <p class="notice warn">
        Anyone with this key can create and deactivate users. Enter it only in {providerName(visit)}.
      </p>
      <dl class="facts">
        <div>
          <dt>{keyField}</dt>
          <dd>
            <Copyable id="shown-key" label="the key" text={made.key} />
          </dd>
        </div>
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
      </dl>
      <div class="buttons">
        <a class="button primary" href={`${visit.base}/`}>
          I have copied it
        </a>
      </div>
    </Card>
  );
}
