import type { JSX } from 'preact';
import { lifetimeDays, overlapHours, scopeChoices } from '../actions.js';
import type { ConnectionKey } from '../contract.js';
import { providerOf } from '../providers.js';
import type { Visit } from '../visit.js';
import { Form, FormButtons, Named } from './frame.js';
import { NetworksField } from './networks.js';

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
        hint="Requests from other addresses are refused. Leave it empty to allow every address."
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

/** The chosen identity provider, within a sentence. */
export function providerName({ connection }: Visit): string {
  return connection.provider === 'other' ? 'your identity provider' : providerOf(connection.provider).name;
}
