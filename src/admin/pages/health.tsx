import type { JSX } from 'preact';
import type { HourCount } from '../contract.js';
import { type Health, maxCounted } from '../health.js';
import type { Visit } from '../visit.js';
import { Card, Empty, Time } from './frame.js';
import { OutcomeBadge, TestBadge } from './entry.js';
import { Explained } from './explained.js';
import { operationOf } from './operation.js';

/** Last request, last error with a remedy, and requests per hour. */
export function HealthSummary({ visit, health }: { readonly visit: Visit; readonly health: Health }): JSX.Element {
  const { lastRequest, lastError, since, hours } = health;
  return (
    <Card id="health" title="Health">
      {lastRequest === undefined ? (
        <Empty title="No request received yet">
          Enable provisioning, enter the base URL and a key in the identity provider, and start provisioning there. Its
          first request appears here.
        </Empty>
      ) : (
        <>
          <dl class="facts">
            <div>
              <dt>Last request</dt>
              <dd>
                <Time at={lastRequest.time} />, {operationOf(visit.shown(lastRequest))}{' '}
                <OutcomeBadge entry={lastRequest} /> <TestBadge entry={lastRequest} />
              </dd>
            </div>
            <div>
              <dt>Last error</dt>
              <dd>
                {lastError === undefined ? (
                  'None in the log'
                ) : (
                  <>
                    <Time at={lastError.time} />,{' '}
                    <a href={`${visit.base}/log/${encodeURIComponent(lastError.id)}`}>
                      {operationOf(visit.shown(lastError))}
                    </a>{' '}
                    <OutcomeBadge entry={lastError} /> <TestBadge entry={lastError} />
                  </>
                )}
              </dd>
            </div>
          </dl>
          {lastError === undefined || since.solved ? null : <Explained visit={visit} entry={lastError} />}
          {since.count === 0 ? null : (
            <p class={since.solved ? 'solved' : 'soft'}>
              {since.solved ? <strong>Solved: </strong> : null}
              {succeededSince(since.count)}
            </p>
          )}
          <Chart hours={hours} />
        </>
      )}
    </Card>
  );
}

function succeededSince(count: number): string {
  if (count === 1) return '1 request has succeeded since.';
  return `${count < maxCounted ? String(count) : `${String(maxCounted)} or more`} requests have succeeded since.`;
}

const width = 720;
const height = 96;
const gap = 4;

function Chart({ hours }: { readonly hours: readonly HourCount[] }): JSX.Element {
  const most = Math.max(1, ...hours.map(({ requests }) => requests));
  const total = hours.reduce((sum, { requests }) => sum + requests, 0);
  const errors = hours.reduce((sum, each) => sum + each.errors, 0);
  const step = width / hours.length;
  const scale = (count: number): number => (count === 0 ? 0 : Math.max(2, (count / most) * height));
  const summary = `${String(total)} ${total === 1 ? 'request' : 'requests'} in the last 24 hours, ${
    errors === 0 ? 'no errors' : `${String(errors)} with errors`
  }`;
  return (
    <figure class="chart">
      <figcaption>
        <span>{summary}</span>
        <span class="soft">at most {most} per hour</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${String(width)} ${String(height)}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${summary}.`}
      >
        {hours.map(({ hour, requests, errors: wrong }, index) => {
          const x = index * step + gap / 2;
          const tall = scale(requests);
          const bad = requests === 0 ? 0 : (tall * wrong) / requests;
          return (
            <g key={hour.getTime()}>
              <rect class="ground" x={x} y={height - 2} width={step - gap} height={2} />
              <rect class="fine" x={x} y={height - tall} width={step - gap} height={tall - bad} />
              <rect class="wrong" x={x} y={height - bad} width={step - gap} height={bad} />
            </g>
          );
        })}
      </svg>
      <div class="axis soft" aria-hidden="true">
        <span>24 hours ago</span>
        <span class="legend">
          <i class="fine" /> succeeded <i class="wrong" /> refused or failed
        </span>
        <span>now</span>
      </div>
      <details class="more">
        <summary>Requests per hour as a table</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">Hour</th>
              <th scope="col">Requests</th>
              <th scope="col">Errors</th>
            </tr>
          </thead>
          <tbody>
            {hours.map(({ hour, requests, errors: wrong }) => (
              <tr key={hour.getTime()}>
                <th scope="row">
                  <Time at={hour} />
                </th>
                <td>{requests}</td>
                <td>{wrong}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}
