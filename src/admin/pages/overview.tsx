import type { JSX } from 'preact';
import type { Health } from '../health.js';
import { expectedQuirks, providerOf, providers } from '../providers.js';
import type { ConnectionTestResult } from '../test-connection.js';
import { hasEnded } from '../end-connection.js';
import type { Entered } from '../route.js';
import type { Visit } from '../visit.js';
import type { SetupLink } from '../setup-link-store.js';
import { EndCard } from './ending.js';
import { SetupLinksCard } from './setup-links.js';
import { FormProblem } from './form-problem.js';
import { GuideLink } from './guide.js';
import { providerName } from './key-forms.js';
import { Card, Copyable, Form, FormButtons, Time } from './frame.js';
import { HealthSummary } from './health.js';
import { Keys } from './keys.js';

/** Status, health, connector, keys and connection test: everything for the setup. */
export function Overview(props: {
  readonly visit: Visit;
  readonly health: Health;
  readonly tested?: ConnectionTestResult | undefined;
  /** Undefined where set-up links are not offered. */
  readonly setupLinks?: readonly SetupLink[] | undefined;
  /** What was entered in one of the forms, where it was wrong. */
  readonly entered?: Entered | undefined;
}): JSX.Element {
  const { visit, setupLinks, entered } = props;
  const networks = entered?.error.field === 'networks' ? entered : undefined;
  const offersEnd = visit.options.endings !== undefined && !visit.access.setup;
  return (
    <>
      <FormProblem entered={entered} fields={['networks']} />
      <WaitingConflicts visit={visit} />
      <StatusCard visit={visit} />
      <HealthSummary visit={visit} health={props.health} />
      <Connector visit={visit} />
      <Keys visit={visit} networks={networks} />
      <TestCard visit={visit} tested={props.tested} />
      {setupLinks === undefined ? null : <SetupLinksCard visit={visit} links={setupLinks} />}
      {offersEnd ? <EndCard visit={visit} /> : null}
    </>
  );
}

function WaitingConflicts({ visit }: { readonly visit: Visit }): JSX.Element | null {
  const { waiting } = visit;
  if (waiting === 0) return null;
  const link = <a href={`${visit.base}/conflicts`}>Show conflicts</a>;
  if (!hasEnded(visit)) {
    return (
      <p class="notice warn">
        {waiting === 1 ? 'One conflict needs' : `${String(waiting)} conflicts need`} your decision. {link}
      </p>
    );
  }
  return (
    <p class="notice">
      {waiting === 1 ? 'One conflict was' : `${String(waiting)} conflicts were`} not decided before the connection
      ended. {link}
    </p>
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
              Save<span class="unseen"> the status</span>
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
    <Card
      id="connector"
      title="Connector"
      about="Choose your identity provider, then enter the base URL and a key in it."
    >
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
              Save<span class="unseen"> the identity provider</span>
            </button>
          </div>
        </Form>
      ) : null}
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
        <GuideLink visit={visit}>
          The whole guide, with the attribute mapping and help with problems<span class="unseen"> (new tab)</span>
        </GuideLink>
      </details>
      <KnownDeviations visit={visit} />
    </Card>
  );
}

/** How the chosen identity provider deviates from the standard: only that somebody knows about it is of interest here. */
function KnownDeviations({ visit }: { readonly visit: Visit }): JSX.Element | null {
  const { provider } = visit.connection;
  const { size } = expectedQuirks(provider);
  if (size === 0) return null;
  const ways = size === 1 ? 'one known way' : `${String(size)} known ways`;
  return (
    <p class="soft">
      {providerOf(provider).name} deviates from the SCIM standard in {ways}. They are handled, and you need not do
      anything.
    </p>
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
      about={`Simulates the connection test of ${simulated} from this server, with a temporary key. It does not check the key that you have entered in ${providerName(visit)}.`}
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
