import type { LogOutcome, LogQuery } from './contract.js';

/** The filter of the log page, as in its URL. */
interface LogFilter {
  readonly outcome?: LogOutcome | undefined;
  readonly operation?: string | undefined;
  readonly about?: string | undefined;
  readonly changed?: boolean | undefined;
}

/** A page of the log, as in its URL. */
export interface LogPageRequest extends LogFilter {
  readonly before?: string | undefined;
  readonly after?: string | undefined;
}

export const pageSize = 25;

export const outcomes: readonly LogOutcome[] = ['succeeded', 'refused', 'failed'];
export const operations: readonly string[] = ['create', 'read', 'query', 'replace', 'patch', 'delete'];

/** Reads the query of a URL and ignores invalid values. */
export function readLogRequest(query: URLSearchParams): LogPageRequest {
  const text = (name: string, maxLength: number): string | undefined => {
    const value = query.get(name)?.trim();
    return value === undefined || value === '' || value.length > maxLength ? undefined : value;
  };
  const operation = text('operation', 20);
  const id = (name: string): string | undefined => {
    const value = text(name, 64);
    return value !== undefined && /^[0-9a-z]+$/i.test(value) ? value : undefined;
  };
  return {
    outcome: outcomes.find((each) => each === query.get('outcome')),
    operation: operation !== undefined && operations.includes(operation) ? operation : undefined,
    about: text('about', 250),
    changed: query.get('changed') === 'true' ? true : undefined,
    before: id('before'),
    after: id('after'),
  };
}

/** The query of a URL for this page, with its question mark; empty without filter and position. */
export function logSearch({ outcome, operation, about, changed, before, after }: LogPageRequest): string {
  const parameters = Object.entries({
    outcome,
    operation,
    about,
    changed: changed === true ? 'true' : undefined,
    before,
    after,
  });
  const query = new URLSearchParams(parameters.filter((each): each is [string, string] => each[1] !== undefined));
  return query.size === 0 ? '' : `?${query.toString()}`;
}

/** The query for the LogStore. */
export function toLogQuery(request: LogPageRequest, connection: string, limit: number): LogQuery {
  return { ...request, connection, limit };
}
