import type { JSX } from 'preact';
import type { Delivery, DeliveryState, EndpointStatus } from '../../contract/deliveries.js';
import type { Visit } from '../visit.js';
import { Card, Empty, Form, Named, Time } from './frame.js';

/** What the page shows. */
export interface DeliveryPage {
  readonly endpoints: readonly EndpointStatus[];
  readonly deliveries: readonly Delivery[];
  readonly query: DeliveryPageQuery;
  /** The query of the next page; undefined on the last one. */
  readonly older: string | undefined;
}

interface DeliveryPageQuery {
  readonly endpoint?: string | undefined;
  readonly state?: DeliveryState | undefined;
  readonly before?: string | undefined;
}

const stateLabels: Readonly<Record<DeliveryState, string>> = {
  pending: 'Waiting',
  delivered: 'Delivered',
  dead: 'Failed',
};
const endpointLabels: Readonly<Record<EndpointStatus['state'], { readonly label: string; readonly tone: string }>> = {
  healthy: { label: 'Healthy', tone: 'good' },
  failing: { label: 'Failing', tone: 'warn' },
  disabled: { label: 'Disabled', tone: 'bad' },
  invalid: { label: 'Cannot be used', tone: 'bad' },
};
const maxCount = 1_000;

/** Endpoints, and the deliveries to them. */
export function Deliveries({ visit, page }: { readonly visit: Visit; readonly page: DeliveryPage }): JSX.Element {
  return (
    <>
      <Card
        id="endpoints"
        title="Endpoints"
        about="Receivers outside of this application that are told about changes of users and groups."
      >
        {page.endpoints.length === 0 ? (
          <Empty title="No endpoints">
            This application does not send changes of users and groups to other applications.
          </Empty>
        ) : (
          <ul class="conflicts">
            {page.endpoints.map((endpoint) => (
              <Endpoint key={endpoint.id} visit={visit} endpoint={endpoint} />
            ))}
          </ul>
        )}
      </Card>
      <List visit={visit} page={page} />
    </>
  );
}

function Endpoint({ visit, endpoint }: { readonly visit: Visit; readonly endpoint: EndpointStatus }): JSX.Element {
  const { id, origin, format, state, failingSince, disabledAt, pending, dead } = endpoint;
  const { label, tone } = endpointLabels[state];
  const path = `/webhooks/endpoints/${encodeURIComponent(id)}`;
  return (
    <li>
      <p>
        <strong>
          <Named text={id} />
        </strong>{' '}
        <span class={`badge ${tone}`}>{label}</span>
      </p>
      <dl class="facts">
        {origin === undefined ? null : (
          <div>
            <dt>Receiver</dt>
            <dd>
              <Named text={origin} />
            </dd>
          </div>
        )}
        {format === undefined ? null : (
          <div>
            <dt>Format</dt>
            <dd>{format === 'webhook' ? 'Signed webhook' : 'Security event token'}</dd>
          </div>
        )}
        <div>
          <dt>Waiting</dt>
          <dd>{countText(pending)}</dd>
        </div>
        <div>
          <dt>Failed</dt>
          <dd>{countText(dead)}</dd>
        </div>
        {failingSince === undefined ? null : (
          <div>
            <dt>Failing since</dt>
            <dd>
              <Time at={new Date(failingSince)} />
            </dd>
          </div>
        )}
        {disabledAt === undefined ? null : (
          <div>
            <dt>Disabled</dt>
            <dd>
              <Time at={new Date(disabledAt)} />
            </dd>
          </div>
        )}
      </dl>
      {visit.administrator.may !== 'manage' ? null : (
        <div class="buttons">
          <Action visit={visit} action={`${path}/test`} label="Send a test event" of={id} />
          {dead === 0 ? null : (
            <Action visit={visit} action={`${path}/resend`} label="Send failed deliveries again" of={id} />
          )}
          {state === 'healthy' || state === 'invalid' ? null : (
            <Action
              visit={visit}
              action={`${path}/enable`}
              label={state === 'disabled' ? 'Enable' : 'Try again now'}
              of={id}
            />
          )}
        </div>
      )}
    </li>
  );
}

function List({ visit, page }: { readonly visit: Visit; readonly page: DeliveryPage }): JSX.Element {
  const { deliveries, endpoints, query, older } = page;
  const filtered = query.endpoint !== undefined || query.state !== undefined;
  return (
    <Card
      id="deliveries"
      title="Deliveries"
      about="The newest come first. A failed delivery is not sent again unless you do it here."
    >
      <form
        method="get"
        action={`${visit.base}/webhooks`}
        class="filter"
        role="search"
        aria-label="Filter the deliveries"
      >
        <div class="field">
          <label for="endpoint">Endpoint</label>
          <select id="endpoint" name="endpoint">
            <option value="">Any</option>
            {endpoints.map(({ id }) => (
              <option key={id} value={id} selected={id === query.endpoint}>
                {id}
              </option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for="state">State</label>
          <select id="state" name="state">
            <option value="">Any</option>
            {Object.entries(stateLabels).map(([state, label]) => (
              <option key={state} value={state} selected={state === query.state}>
                {label}
              </option>
            ))}
          </select>
        </div>
        <div class="buttons">
          <button type="submit" class="button">
            Filter
          </button>
        </div>
      </form>
      {deliveries.length === 0 ? (
        <Empty title={filtered ? 'No deliveries match this filter' : 'No deliveries yet'}>
          {filtered ? (
            <a href={`${visit.base}/webhooks`}>Clear the filter</a>
          ) : (
            'Each change of a user or group appears here.'
          )}
        </Empty>
      ) : (
        <div class="scroll stacked" tabIndex={0} role="region" aria-label="Table of deliveries">
          <table class="mapping">
            <thead>
              <tr>
                <th scope="col">Event</th>
                <th scope="col">Endpoint</th>
                <th scope="col">State</th>
                <th scope="col">Last attempt</th>
              </tr>
            </thead>
            <tbody>
              {deliveries.map((delivery) => (
                <Row key={delivery.id} visit={visit} delivery={delivery} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {older === undefined ? null : (
        <nav class="pages" aria-label="Pages of the deliveries">
          <span />
          <a class="button" href={`${visit.base}/webhooks?${older}#deliveries`} rel="next">
            Older
          </a>
        </nav>
      )}
    </Card>
  );
}

function Row({ visit, delivery }: { readonly visit: Visit; readonly delivery: Delivery }): JSX.Element {
  const { id, eventType, endpoint, state, createdAt, attempts, lastAttemptAt, nextAttemptAt, status, error } = delivery;
  return (
    <tr>
      <th scope="row">
        <Named text={eventType} />
        <p class="soft">
          <Time at={new Date(createdAt)} />
        </p>
      </th>
      <td data-label="Endpoint">
        <Named text={endpoint} />
      </td>
      <td data-label="State">
        {stateLabels[state]}
        {nextAttemptAt === undefined ? null : (
          <p class="soft">
            next attempt <Time at={new Date(nextAttemptAt)} />
          </p>
        )}
        {state === 'dead' && visit.administrator.may === 'manage' ? (
          <Action
            visit={visit}
            action={`/webhooks/deliveries/${encodeURIComponent(id)}/resend`}
            label="Send again"
            of={`${eventType}, ${endpoint}`}
          />
        ) : null}
      </td>
      <td data-label="Last attempt">
        {error ?? (status === undefined ? 'none yet' : `status ${String(status)}`)}
        <p class="soft">
          {attempts === 1 ? '1 attempt' : `${String(attempts)} attempts`}
          {lastAttemptAt === undefined ? null : (
            <>
              , <Time at={new Date(lastAttemptAt)} />
            </>
          )}
        </p>
      </td>
    </tr>
  );
}

function Action(props: {
  readonly visit: Visit;
  readonly action: string;
  readonly label: string;
  /** What it is about, for screen readers: many buttons have the same label. */
  readonly of: string;
}): JSX.Element {
  return (
    <Form visit={props.visit} action={props.action}>
      <button type="submit" class="button">
        {props.label}
        <span class="unseen">
          {' '}
          (<Named text={props.of} />)
        </span>
      </button>
    </Form>
  );
}

function countText(count: number): string {
  return count >= maxCount ? `${maxCount.toLocaleString('en')} or more` : String(count);
}
