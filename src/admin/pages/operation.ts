import type { LogEntry } from '../contract.js';
import { decoded } from '../redact.js';
import { shortenedTo } from '../visible.js';

export const operationLabels: Readonly<Record<string, string>> = {
  create: 'Create',
  read: 'Read',
  query: 'Search',
  replace: 'Replace',
  patch: 'Change',
  delete: 'Delete',
};

const longestPath = 60;
const longestFilter = 120;
const shownNames = 4;

/** The operation of a request, in words. */
export function operationOf({ operation, resourceType, request }: LogEntry): string {
  if (operation !== undefined) {
    const label = operationLabels[operation] ?? operation;
    const type = (resourceType ?? '').toLowerCase();
    return operation === 'query' ? `${label} ${type}s` : `${label} ${type}`.trim();
  }
  if (request === undefined) return 'Authenticate';
  const path = request.url.split('?')[0] ?? '';
  return `${request.method} ${shortenedTo(longestPath, path === '' ? '/' : path)}`;
}

/** What a search looks for. Undefined for any other request, and for a list of everything. */
export function searchOf({ operation, request }: LogEntry): string | undefined {
  if (operation !== 'query' || request === undefined) return undefined;
  const query = request.url.split('?').slice(1).join('?');
  const parameter = query.split('&').find((each) => each.startsWith('filter='));
  const filter = parameter === undefined ? filterIn(request.body) : decoded(parameter.slice('filter='.length));
  return filter === undefined || filter === '' ? undefined : shortenedTo(longestFilter, filter);
}

/** Of POST /.search (RFC 7644 3.4.3). */
function filterIn(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { filter } = body as Readonly<Record<string, unknown>>;
  return typeof filter === 'string' ? filter : undefined;
}

/** Which attributes a request changed, in a line. */
export function changedLine({ changes, operation }: LogEntry): string {
  const names = [...new Set(changes.flatMap(({ attributes }) => attributes))];
  if (names.length === 0) return [...new Set(changes.map(({ type }) => type))].join(', ');
  const shown = names.slice(0, shownNames).map((name) => name.slice(name.lastIndexOf(':') + 1) || name);
  const others = names.length - shownNames;
  const more = others > 0 ? ` and ${String(others)} more` : '';
  // A new resource had no values before.
  return `${operation === 'create' ? 'set' : 'changed'} ${shown.join(', ')}${more}`;
}
