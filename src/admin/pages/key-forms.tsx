import type { JSX } from 'preact';
import { lifetimeDays, overlapHours } from '../actions.js';
import type { ConnectionKey } from '../contract.js';
import { isLive, liveKeyNamed, scopeChoices } from '../key-access.js';
import { DoubtfulError } from '../panel-error.js';
import { providerOf } from '../providers.js';
import type { Entered } from '../route.js';
import type { Visit } from '../visit.js';
import { FormProblem, marked, Problem } from './form-problem.js';
import { Form, FormButtons, Named, Time } from './frame.js';
import { NetworksField } from './networks.js';

/** Form for a new key. */
export function NewKeyForm(props: {
  readonly visit: Visit;
  readonly inDialog: boolean;
  readonly entered?: Entered | undefined;
}): JSX.Element {
  const { visit, inDialog, entered } = props;
  const id = inDialog ? 'dialog-' : '';
  const value = (name: string, otherwise: string): string => entered?.fields.get(name) ?? otherwise;
  return (
    <Form visit={visit} action="/keys" class="stack">
      <OffWarning visit={visit} />
      <FormProblem entered={entered} fields={['name', 'scope', 'days', 'networks']} />
      <div class="field">
        <label for={`${id}key-name`}>Name</label>
        <input
          id={`${id}key-name`}
          name="name"
          required
          maxLength={80}
          autocomplete="off"
          value={value('name', suggestedName(visit))}
          {...marked(entered, 'name', `${id}key-name`, `${id}key-name-hint`)}
        />
        <Problem entered={entered} field="name" id={`${id}key-name`} />
        <p class="hint" id={`${id}key-name-hint`}>
          For example the identity provider that uses it. The name is shown in the log.
        </p>
        {entered?.error instanceof DoubtfulError ? (
          <label class="choice">
            <input type="checkbox" name="duplicate" value="true" />
            <span>Use this name for both keys</span>
          </label>
        ) : null}
      </div>
      <fieldset>
        <legend>Access</legend>
        {Object.entries(scopeChoices).map(([scope, { label, hint }]) => (
          <label key={scope} class="choice">
            <input type="radio" name="scope" value={scope} checked={scope === value('scope', 'everything')} />
            <span>
              {label} <span class="soft">{hint}</span>
            </span>
          </label>
        ))}
        <Problem entered={entered} field="scope" id={`${id}key-scope`} />
      </fieldset>
      <div class="field">
        <label for={`${id}key-days`}>Lifetime</label>
        <select id={`${id}key-days`} name="days" {...marked(entered, 'days', `${id}key-days`)}>
          {lifetimeDays.map((days) => (
            <option key={days} value={String(days)} selected={String(days) === value('days', '365')}>
              {days === 0 ? 'Never expires' : days === 365 ? '1 year' : `${String(days)} days`}
            </option>
          ))}
        </select>
        <Problem entered={entered} field="days" id={`${id}key-days`} />
        <p class="hint">A key is marked in the list two weeks before it expires.</p>
      </div>
      <NetworksField
        id={`${id}key-networks`}
        networks={undefined}
        entered={entered}
        hint="Requests from other addresses are refused. Leave it empty to allow every address."
      />
      <FormButtons visit={visit} inDialog={inDialog} label="Create key" />
    </Form>
  );
}

/** The identity provider, with a number where a key has its name already. */
function suggestedName({ connection, now }: Visit): string {
  if (connection.provider === 'other') return '';
  const { name } = providerOf(connection.provider);
  for (let number = 1; ; number++) {
    const suggested = number === 1 ? name : `${name} ${String(number)}`;
    if (liveKeyNamed(connection, suggested, now) === undefined) return suggested;
  }
}

/** Says why a new key will be refused. */
export function OffWarning({ visit }: { readonly visit: Visit }): JSX.Element | null {
  if (visit.connection.enabled) return null;
  const { ending } = visit;
  return (
    <p class="notice warn">
      {ending?.state === 'done' ? (
        <>
          This connection ended on <Time at={ending.finishedAt ?? ending.requestedAt} day />, and provisioning
        </>
      ) : (
        'Provisioning'
      )}{' '}
      is disabled: every request is refused, with this key too. Enable it under Status.
    </p>
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
      <dl class="facts">
        <div>
          <dt>Key</dt>
          <dd>
            <Named text={item.name} />, <code>{shownId(visit, item)}</code>
          </dd>
        </div>
        <div>
          <dt>Last used</dt>
          <dd>{item.lastUsedAt === undefined ? 'Never' : <Time at={item.lastUsedAt} />}</dd>
        </div>
      </dl>
      {isInUse(item, visit.now) ? (
        <p class="notice warn">
          This key is in use. Provisioning stops until another key is entered in {providerName(visit)}. To replace a key
          without interruption, rotate it.
        </p>
      ) : null}
      <p>Requests with this key are refused from now on. This cannot be undone.</p>
      <FormButtons visit={visit} inDialog={inDialog} label="Revoke key" dangerous />
    </Form>
  );
}

/** A cycle of a provider takes up to an hour, and some run once a day. */
const inUseMilliseconds = 2 * 86_400_000;

function isInUse(key: ConnectionKey, now: Date): boolean {
  const { lastUsedAt } = key;
  return isLive(key, now) && lastUsedAt !== undefined && now.getTime() - lastUsedAt.getTime() < inUseMilliseconds;
}

/** The start of a key, which is not secret. */
export function shownId({ options }: Visit, { id }: Pick<ConnectionKey, 'id'>): string {
  return `${options.keyPrefix ?? 'scim'}_${id.slice(0, 8)}…`;
}

/** The chosen identity provider, within a sentence. */
export function providerName({ connection }: Visit): string {
  return connection.provider === 'other' ? 'your identity provider' : providerOf(connection.provider).name;
}
