import { shortenedTo } from './visible.js';

/** Replaces a value that is not shown. */
export const hidden = '•••';

const maxTextLength = 500;
const maxListLength = 20;
const maxProperties = 100;
const maxDepth = 12;

/** A copy of a body for the log: secrets are replaced, and long texts, long lists and deep nesting are shortened. */
export function loggableBody(body: unknown, secrets: ReadonlySet<string>): unknown {
  return copy(body, secrets, 0);
}

function copy(value: unknown, secrets: ReadonlySet<string>, depth: number): unknown {
  if (typeof value === 'string') return shortenedTo(maxTextLength, value);
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object' || value === null) return value;
  if (depth > maxDepth) return '…';
  if (Array.isArray(value)) {
    const kept = value.slice(0, maxListLength).map((each: unknown) => copy(each, secrets, depth + 1));
    return value.length > maxListLength ? [...kept, `… and ${String(value.length - maxListLength)} more`] : kept;
  }
  const entries = Object.entries(value);
  // RFC 7644 3.5.2: a PATCH operation names the attribute in `path` and holds the secret in `value`.
  const targetsSecret = entries.some(([name, path]) => name.toLowerCase() === 'path' && isSecret(path, secrets));
  return Object.fromEntries(
    entries.slice(0, maxProperties).map(([name, each]) => {
      const secret = isSecret(name, secrets) || (targetsSecret && name.toLowerCase() === 'value');
      return [name, secret ? hidden : copy(each, secrets, depth + 1)];
    }),
  );
}

/** Whether a name or a path (such as `x.password`) ends with the name of a secret. */
function isSecret(path: unknown, secrets: ReadonlySet<string>): boolean {
  if (typeof path !== 'string') return false;
  const bare = path
    .replace(/\[[^\]]*\]/g, '')
    .trim()
    .toLowerCase();
  const last = bare.slice(Math.max(bare.lastIndexOf('.'), bare.lastIndexOf(':')) + 1);
  return secrets.has(last) || secrets.has(bare);
}

/** Properties whose values are never personal data. The values of all others are hidden. */
const impersonal: ReadonlySet<string> = new Set([
  ...['schemas', 'op', 'id', 'resourcetype', 'location', 'version', 'created', 'lastmodified', 'status', 'scimtype'],
  ...['detail', 'method', 'bulkid', 'type', 'attributes', 'excludedattributes', 'sortby', 'sortorder', 'failonerrors'],
]);

/** A body for an administrator without access to personal data: attribute names stay, personal values are hidden. */
export function withoutPersonalData(value: unknown, name = ''): unknown {
  const folded = name.toLowerCase();
  if (Array.isArray(value)) return value.map((each: unknown) => withoutPersonalData(each, name));
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, each]) => [key, withoutPersonalData(each, key)]);
    return Object.fromEntries(entries) as unknown;
  }
  if (typeof value === 'number' || typeof value === 'boolean' || value === null || value === undefined) return value;
  if (impersonal.has(folded)) return value;
  if (folded === 'path' && typeof value === 'string') return withoutLiterals(value);
  if (folded === 'filter' && typeof value === 'string') return withoutLiterals(value);
  return hidden;
}

const operator = '(?:eq|ne|co|sw|ew|gt|ge|lt|le)';
const literal = new RegExp(String.raw`(\b${operator}\s+)("(?:[^"\\]|\\.)*"|[^\s()[\]"]+)`, 'gi');
const isOperator = new RegExp(`^${operator}$`, 'i');

/** A filter or path with all literals hidden. One that cannot be parsed is hidden completely. */
export function withoutLiterals(text: string): string {
  if (text.length > 2_000) return hidden;
  const masked = text.replace(literal, (_, before: string) => before + hidden);
  let expectsLiteral = false;
  for (const token of masked.split(/[\s()[\]]+/).filter((each) => each !== '')) {
    // After an operator only the mask is allowed, and elsewhere only names.
    if (expectsLiteral ? token !== hidden : !/^[A-Za-z0-9_$:.-]+$/.test(token)) return hidden;
    expectsLiteral = isOperator.test(token);
  }
  return masked;
}

const impersonalParameters: ReadonlySet<string> = new Set([
  ...['startindex', 'count', 'attributes', 'excludedattributes', 'sortby', 'sortorder', 'aadoptscim062020'],
]);

/** A relative URL in which the query values that may be personal data are hidden. */
export function urlWithoutPersonalData(url: string): string {
  const marker = url.indexOf('?');
  if (marker < 0) return url;
  const parameters = url
    .slice(marker + 1)
    .split('&')
    .map((parameter) => {
      const [name = '', ...rest] = parameter.split('=');
      if (rest.length === 0 || impersonalParameters.has(name.toLowerCase())) return parameter;
      if (name.toLowerCase() !== 'filter') return `${name}=${hidden}`;
      return `${name}=${withoutLiterals(decoded(rest.join('=')))}`;
    });
  return `${url.slice(0, marker)}?${parameters.join('&')}`;
}

/** A URL decoded for display. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
