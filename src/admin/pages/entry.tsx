import { Fragment, type JSX } from 'preact';
import { quirks } from '../../quirks/quirks.js';
import type { LogEntry } from '../contract.js';
import { expectedQuirks, providerOf } from '../providers.js';
import { decoded } from '../redact.js';
import { nameIn } from '../resource-names.js';
import { visible } from '../visible.js';
import type { Visit } from '../visit.js';
import { EntryBody } from './entry-body.js';
import { Explained } from './explained.js';
import { Time, Named } from './frame.js';
import { changedLine, operationOf, searchOf } from './operation.js';

export const outcomeLabels = { succeeded: 'Succeeded', refused: 'Refused', failed: 'Failed' } as const;

export function OutcomeBadge({ entry }: { readonly entry: LogEntry }): JSX.Element {
  const kind = { succeeded: 'good', refused: 'warn', failed: 'bad' }[entry.outcome];
  return (
    <span class={`badge ${kind}`}>
      {outcomeLabels[entry.outcome]} {entry.status}
    </span>
  );
}

/** Marks a request of the connection test in the panel, which is not one of the identity provider. */
export function TestBadge({ entry }: { readonly entry: LogEntry }): JSX.Element | null {
  return entry.connectionTest === true ? <span class="badge off">Connection test</span> : null;
}

/** One row of the log, with details to open. */
export function Entry({
  visit,
  entry: stored,
  open = false,
}: {
  readonly visit: Visit;
  readonly entry: LogEntry;
  readonly open?: boolean;
}): JSX.Element {
  const entry = visit.shown(stored);
  const label = visit.administrator.seePersonalData ? labelOf(entry) : undefined;
  return (
    <li class="entry" id={`entry-${entry.id}`}>
      <details open={open}>
        <summary>
          <span class="when">
            <Time at={entry.time} />
          </span>
          <span class="what">
            <span class="strong">{operationOf(entry)}</span>
            <Subject entry={entry} label={label} />
            {entry.changes.length === 0 ? null : <span class="soft">{changedLine(entry)}</span>}
            {entry.quirks.length === 0 ? null : (
              <span class="soft">
                {entry.quirks.length === 1 ? '1 quirk' : `${String(entry.quirks.length)} quirks`}
              </span>
            )}
          </span>
          <span class="with soft">
            {entry.connectionTest === true ? (
              <TestBadge entry={entry} />
            ) : (
              <Named text={entry.actorName ?? keyName(visit, entry) ?? 'Unknown key'} />
            )}
          </span>
          <span class="outcome">
            <OutcomeBadge entry={entry} />
          </span>
          <span class="took soft">{took(entry.milliseconds)}</span>
        </summary>
        <EntryDetails visit={visit} entry={entry} stored={stored} />
      </details>
    </li>
  );
}

/** Which resource a request is about, or what it searches for. */
function Subject({
  entry,
  label,
}: {
  readonly entry: LogEntry;
  readonly label: string | undefined;
}): JSX.Element | null {
  const search = searchOf(entry);
  if (search !== undefined) return <code class="who">{visible(search)}</code>;
  if (label !== undefined) {
    return (
      <span class="who">
        <Named text={label} />
      </span>
    );
  }
  return entry.resourceId === undefined ? null : <code class="who">{visible(entry.resourceId)}</code>;
}

function EntryDetails(props: {
  readonly visit: Visit;
  readonly entry: LogEntry;
  /** With what the administrator may not see: it decides what the explanation is. */
  readonly stored: LogEntry;
}): JSX.Element {
  const { visit, entry, stored } = props;
  const { request, response, resourceId, omittedChanges = 0 } = entry;
  return (
    <div class="inside">
      <Explained visit={visit} entry={stored} />
      <dl class="facts">
        {resourceId === undefined ? null : (
          <div>
            <dt>{entry.resourceType ?? 'Resource'}</dt>
            <dd>
              {visit.administrator.seePersonalData ? (
                <a href={`${visit.base}/log?about=${encodeURIComponent(resourceId)}`}>
                  <code>{visible(resourceId)}</code>
                </a>
              ) : (
                <code>{resourceId}</code>
              )}
            </dd>
          </div>
        )}
        <Mistakes errors={entry.errors} place="" />
        {(entry.failures ?? []).map(({ index, status, scimType = '', code = '', errors }) => (
          <Fragment key={index}>
            <div>
              <dt>Bulk operation {index + 1}</dt>
              <dd>
                {status} {visible(scimType)} <code>{visible(code)}</code>
              </dd>
            </div>
            <Mistakes errors={errors} place={`Bulk operation ${String(index + 1)}: `} />
          </Fragment>
        ))}
        {entry.changes.map((change) => (
          <div key={`${change.type}${change.resourceId}`}>
            <dt>{change.type}</dt>
            <dd>
              {change.attributes.length === 0 ? (
                <code>{visible(change.resourceId)}</code>
              ) : (
                visible(change.attributes.join(', '))
              )}
            </dd>
          </div>
        ))}
        {omittedChanges === 0 ? null : (
          <div>
            <dt>Further changes</dt>
            <dd>{omittedChanges}, which are not listed</dd>
          </div>
        )}
        {entry.quirks.length === 0 ? null : <Quirks visit={visit} entry={entry} />}
        {entry.connection === undefined ? null : (
          <div>
            <dt>Connection</dt>
            <dd>
              <Named text={visit.connection.name === '' ? entry.connection : visit.connection.name} />
              {entry.client === undefined ? null : (
                <>
                  , <Named text={entry.client} />
                </>
              )}
            </dd>
          </div>
        )}
        <div>
          <dt>Request ID</dt>
          <dd>
            <code>{entry.requestId}</code>{' '}
            <a href={`${visit.base}/log/${encodeURIComponent(entry.id)}`}>Link to this entry</a>
          </dd>
        </div>
      </dl>
      {request === undefined ? null : (
        <div class="wire">
          <EntryBody
            id={entry.requestId}
            title="Request"
            line={`${request.method} ${decoded(request.url)}`}
            body={request.body}
            isEmpty={/^(?:GET|HEAD|DELETE|OPTIONS)$/.test(request.method)}
          />
          <EntryBody
            id={entry.requestId}
            title="Response"
            line={`${String(entry.status)}${entry.scimType === undefined ? '' : ` ${entry.scimType}`}`}
            body={response}
            isEmpty={entry.status === 204 || entry.status === 304}
          />
        </div>
      )}
    </div>
  );
}

/** The wrong attributes of a request, or of one operation of a bulk request. */
function Mistakes({ errors = [], place }: Pick<LogEntry, 'errors'> & { readonly place: string }): JSX.Element {
  return (
    <>
      {errors.map(({ path, code, message, operation }) => (
        <div key={`${path}${String(operation)}${message}`}>
          <dt>
            {code === 'unknown' ? 'Unknown attribute in' : 'Wrong value:'} <code>{visible(path)}</code>
          </dt>
          <dd>
            {place}
            {operation === undefined ? '' : `Operation ${String(operation + 1)}: `}
            <Named text={message} />
          </dd>
        </div>
      ))}
    </>
  );
}

function Quirks({ visit, entry }: { readonly visit: Visit; readonly entry: LogEntry }): JSX.Element {
  const expected = expectedQuirks(visit.connection.provider);
  const { name } = providerOf(visit.connection.provider);
  return (
    <div>
      <dt>Quirks</dt>
      <dd>
        <ul class="plain">
          {entry.quirks.map((id) => {
            const quirk = quirks.find((each) => each.id === id);
            return (
              <li key={id}>
                {quirk === undefined ? id : <WithCode text={`${quirk.received}: ${quirk.handling}.`} />}{' '}
                {visit.connection.provider !== 'other' && !expected.has(id) ? (
                  <span class="badge warn">unusual for {name}</span>
                ) : null}
              </li>
            );
          })}
        </ul>
      </dd>
    </div>
  );
}

/** Text with code in backticks. */
function WithCode({ text }: { readonly text: string }): JSX.Element {
  return <>{text.split('`').map((part, index) => (index % 2 === 1 ? <code key={part}>{part}</code> : part))}</>;
}

function labelOf({ response, request, resourceName }: LogEntry): string | undefined {
  return nameIn(response) ?? nameIn(request?.body) ?? resourceName;
}

function keyName({ connection }: Visit, { actor }: LogEntry): string | undefined {
  return connection.keys.find(({ id }) => id === actor)?.name;
}

function took(milliseconds: number): string {
  return milliseconds < 10 ? `${milliseconds.toFixed(1)} ms` : `${String(Math.round(milliseconds))} ms`;
}
