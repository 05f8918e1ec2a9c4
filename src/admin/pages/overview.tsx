import type { JSX } from 'preact';
import { quirks } from '../../quirks/quirks.js';
import type { Health } from '../health.js';
import { expectedQuirks, providerOf, providers } from '../providers.js';
import type { ConnectionTestResult } from '../test-connection.js';
import type { Visit } from '../visit.js';
import type { SetupLink } from '../setup-link-store.js';
import { EndCard } from './ending.js';
import { WithCode } from './entry.js';
import { SetupLinksCard } from './setup-links.js';
import { Card, Copyable, Form, FormButtons, Time } from './frame.js';
import { HealthSummary } from './health.js';
import { Keys } from './keys.js';

/** Status, connector, keys, connection test and health: everything for the setup. */
export function Overview(props: {
  readonly visit: Visit;
  readonly health: Health;
  readonly tested?: ConnectionTestResult | undefined;
  /** Undefined where set-up links are not offered. */
  readonly setupLinks?: readonly SetupLink[] | undefined;
}): JSX.Element {
  const { visit, setupLinks } = props;
  const offersEnd = visit.options.endings !== undefined && !visit.access.setup;
  return (
    <>
      {visit.waiting === 0 ? null : (
        <p class="notice warn">
          {visit.waiting === 1 ? 'One conflict needs' : `${String(visit.waiting)} conflicts need`} your decision.{' '}
          <a href={`${visit.base}/conflicts`}>Show conflicts</a>
        </p>
      )}
      <StatusCard visit={visit} />
      <Connector visit={visit} />
      <Keys visit={visit} />
      <TestCard visit={visit} tested={props.tested} />
      <HealthSummary visit={visit} health={props.health} />
      {setupLinks === undefined ? null : <SetupLinksCard visit={visit} links={setupLinks} />}
      {offersEnd ? <EndCard visit={visit} /> : null}
    </>
  );
}

function StatusCard({ visit }: { readonly visit: Visit }): JSX.Element {
  const { enabled } = visit.connection;
  const manage = visit.administrator.may === 'manage';
  return (
    <Card id="status" title="Status">
      {manage ? (
        <Form visit={visit} action="/status" class="stack" confirm={enabled ? 'disable' : undefined}>
          <fieldset class="switch">
            <legend class="unseen">User provisioning</legend>
            <label class="choice">
              <input type="radio" name="enabled" value="false" checked={!enabled} />
              <span>
                Disabled{' '}
                <span class="soft">Every request of the identity provider is refused, and nothing changes.</span>
              </span>
            </label>
            <label class="choice">
              <input type="radio" name="enabled" value="true" checked={enabled} />
              <span>
                Enabled <span class="soft">The identity provider creates, updates and deactivates users.</span>
              </span>
            </label>
          </fieldset>
          <div class="buttons">
            <button type="submit" class="button primary">
              Update
            </button>
          </div>
        </Form>
      ) : (
        <p>
          {enabled
            ? 'Enabled: the identity provider creates, updates and deactivates users.'
            : 'Disabled: every request of the identity provider is refused, and nothing changes.'}
        </p>
      )}
      {manage && enabled ? (
        <dialog id="disable" aria-labelledby="disable-title">
          <h2 id="disable-title">Disable user provisioning</h2>
          <Form visit={visit} action="/status" class="stack">
            <input type="hidden" name="enabled" value="false" />
            <p>
              From now on, requests of the identity provider are refused. Users stay as they are. Users who leave in the
              meantime keep their access until provisioning is enabled again.
            </p>
            <FormButtons visit={visit} inDialog label="Disable" dangerous />
          </Form>
        </dialog>
      ) : null}
    </Card>
  );
}

function Connector({ visit }: { readonly visit: Visit }): JSX.Element {
  const { connection, scimUrl } = visit;
  const provider = providerOf(connection.provider);
  return (
    <Card id="connector" title="Connector" about="What to enter in your identity provider.">
      <div class="field">
        <p class="label" id="base-url-label">
          Base URL
        </p>
        <Copyable id="base-url" label="the base URL" text={scimUrl} />
        <p class="hint">
          {connection.provider === 'other' ? 'Identity providers call it' : `${provider.name} calls it`} “
          {provider.urlField}”{connection.provider === 'other' ? ', Tenant URL or Endpoint URL' : ''}.
          {scimUrl.startsWith('https:') ? '' : ' Most identity providers accept only https.'}
        </p>
      </div>
      {visit.administrator.may === 'manage' ? (
        <Form visit={visit} action="/provider" class="field">
          <label for="provider">Identity provider</label>
          <div class="joined">
            <select id="provider" name="provider">
              {Object.entries(providers).map(([id, { name }]) => (
                <option key={id} value={id} selected={id === connection.provider}>
                  {name}
                </option>
              ))}
            </select>
            <button type="submit" class="button">
              Save
            </button>
          </div>
        </Form>
      ) : null}
      <details class="more" open={connection.keys.length === 0 && connection.provider !== 'other'}>
        <summary>
          {connection.provider === 'other'
            ? 'How to set up provisioning'
            : `How to set up provisioning in ${provider.name}`}
        </summary>
        <ol class="steps">
          {provider.steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      </details>
      <ExpectedQuirks visit={visit} />
    </Card>
  );
}

/** The quirks that are usual for the chosen identity provider. Others are marked in the log. */
function ExpectedQuirks({ visit }: { readonly visit: Visit }): JSX.Element | null {
  const { provider } = visit.connection;
  const expected = expectedQuirks(provider);
  if (expected.size === 0) return null;
  return (
    <details class="more">
      <summary>
        Known quirks of {providerOf(provider).name} ({expected.size})
      </summary>
      <p class="soft">
        Deviations from the SCIM standard that this application accepts. Any other quirk is marked as unusual in the
        log.
      </p>
      <ul class="plain listed">
        {quirks
          .filter(({ id }) => expected.has(id))
          .map(({ id, received, handling }) => (
            <li key={id}>
              <WithCode text={`${received}: ${handling}.`} />
            </li>
          ))}
      </ul>
    </details>
  );
}

function TestCard(props: { readonly visit: Visit; readonly tested?: ConnectionTestResult | undefined }): JSX.Element {
  const { visit, tested } = props;
  const { name, passed } = providerOf(visit.connection.provider);
  const simulated = visit.connection.provider === 'other' ? 'an identity provider' : name;
  return (
    <Card
      id="test"
      title="Test connection"
      about={`Sends the first requests of ${simulated} to the base URL: from this server, with a key that is valid for one minute.`}
      action={
        visit.administrator.may === 'manage' ? (
          <Form visit={visit} action="/test#test">
            <button type="submit" class="button">
              Test connection
            </button>
          </Form>
        ) : null
      }
    >
      {tested === undefined ? null : (
        <div role="status">
          <p class={tested.passed ? 'notice good' : 'notice bad'}>
            {tested.passed ? 'The connection works.' : 'The connection does not work yet.'}
            {tested.passed && passed !== undefined ? ` ${name} would report: “${passed}”.` : ''}
          </p>
          <ol class="requests">
            {tested.requests.map((each) => (
              <li key={each.request}>
                <p>
                  <span class={each.passed ? 'badge good' : 'badge bad'}>{each.passed ? 'Passed' : 'Failed'}</span>{' '}
                  <code>{each.request}</code> <span class="soft">{each.received}</span>
                </p>
                <p>{each.verdict}</p>
                {each.remedy === undefined ? null : (
                  <p>
                    <strong>What to do:</strong> {each.remedy}
                  </p>
                )}
              </li>
            ))}
          </ol>
          <p class="soft">
            Tested <Time at={visit.now} />
          </p>
        </div>
      )}
    </Card>
  );
}
