import type { JSX } from 'preact';
import type { LogEntry } from '../contract.js';
import { type LogPageRequest, logSearch, operations, outcomes } from '../log-filter.js';
import type { Visit } from '../visit.js';
import { Entry, outcomeLabels } from './entry.js';
import { Card, Empty } from './frame.js';
import { operationLabels } from './operation.js';

/** A page of the log. */
export interface LogPage {
  readonly request: LogPageRequest;
  readonly entries: readonly LogEntry[];
  readonly newer: boolean;
  readonly older: boolean;
}

/** The provisioning log: filter, pages and live entries. */
export function Log({ visit, page }: { readonly visit: Visit; readonly page: LogPage }): JSX.Element {
  const { base } = visit;
  const { request, entries, newer, older } = page;
  const { before: _, after: __, ...filter } = request;
  const filtered = logSearch(filter) !== '';
  const first = entries[0];
  const last = entries.at(-1);
  const live = !newer && request.before === undefined;
  return (
    <Card
      id="log"
      title="Provisioning log"
      about={
        visit.administrator.seePersonalData
          ? 'The requests of the identity provider, their responses, and what they changed.'
          : 'The requests of the identity provider, their responses, and what they changed. Personal data is hidden from you.'
      }
      action={
        live ? (
          <button
            type="button"
            class="button"
            data-live={`${base}/log/stream${logSearch(filter)}`}
            aria-pressed="true"
            hidden
          >
            Live updates
          </button>
        ) : null
      }
    >
      <FilterForm visit={visit} request={request} filtered={filtered} />
      <p class="unseen" role="status" data-live-status />
      {entries.length === 0 ? (
        <Empty title={filtered ? 'No entries match this filter' : 'No requests logged yet'}>
          {filtered ? (
            <a href={`${base}/log`}>Clear the filter</a>
          ) : (
            <>
              Start provisioning in the identity provider, or <a href={`${base}/#test`}>test the connection</a>: each
              request appears here.
            </>
          )}
        </Empty>
      ) : null}
      <ol class="log" data-live-list>
        {entries.map((entry) => (
          <Entry key={entry.id} visit={visit} entry={entry} />
        ))}
      </ol>
      {newer || older ? (
        <nav class="pages" aria-label="Pages of the log">
          {newer && first !== undefined ? (
            <a class="button" href={`${base}/log${logSearch({ ...filter, after: first.id })}`} rel="prev">
              Newer
            </a>
          ) : (
            <span />
          )}
          {older && last !== undefined ? (
            <a class="button" href={`${base}/log${logSearch({ ...filter, before: last.id })}`} rel="next">
              Older
            </a>
          ) : null}
        </nav>
      ) : null}
    </Card>
  );
}

function FilterForm(props: {
  readonly visit: Visit;
  readonly request: LogPageRequest;
  readonly filtered: boolean;
}): JSX.Element {
  const { visit, request, filtered } = props;
  return (
    <form method="get" action={`${visit.base}/log`} class="filter" role="search" aria-label="Filter the log">
      <div class="field">
        <label for="outcome">Outcome</label>
        <select id="outcome" name="outcome">
          <option value="">Any</option>
          {outcomes.map((each) => (
            <option key={each} value={each} selected={each === request.outcome}>
              {outcomeLabels[each]}
            </option>
          ))}
        </select>
      </div>
      <div class="field">
        <label for="operation">Operation</label>
        <select id="operation" name="operation">
          <option value="">Any</option>
          {operations.map((each) => (
            <option key={each} value={each} selected={each === request.operation}>
              {operationLabels[each]}
            </option>
          ))}
        </select>
      </div>
      <div class="field wide">
        <label for="about">Resource, request or key ID</label>
        <input id="about" name="about" value={request.about ?? ''} autocomplete="off" maxLength={250} />
      </div>
      <label class="choice">
        <input type="checkbox" name="changed" value="true" checked={request.changed === true} />
        <span>Changes only</span>
      </label>
      <div class="buttons">
        <button type="submit" class="button">
          Filter
        </button>
        {filtered ? (
          <a class="button" href={`${visit.base}/log`}>
            Clear
          </a>
        ) : null}
      </div>
    </form>
  );
}

/** A page with a single entry. */
export function OneEntry({ visit, entry }: { readonly visit: Visit; readonly entry: LogEntry }): JSX.Element {
  return (
    <Card
      id="log"
      title="Log entry"
      action={
        <a class="button" href={`${visit.base}/log`}>
          All entries
        </a>
      }
    >
      <ol class="log">
        <Entry visit={visit} entry={entry} open />
      </ol>
    </Card>
  );
}
