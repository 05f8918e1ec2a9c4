/** Stands for what is not shown. */
export const hidden = '•••';

const longestText = 500;
const longestList = 20;
const mostNames = 100;
const deepest = 12;

/** A copy of a body that may be kept: without secrets, and without what makes it long. */
export function keepable(body: unknown, secrets: ReadonlySet<string>): unknown {
  return copy(body, secrets, 0);
}

function copy(value: unknown, secrets: ReadonlySet<string>, depth: number): unknown {
  if (typeof value === 'string') return value.length > longestText ? `${value.slice(0, longestText)}…` : value;
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object' || value === null) return value;
  if (depth > deepest) return '…';
  if (Array.isArray(value)) {
    const kept = value.slice(0, longestList).map((each: unknown) => copy(each, secrets, depth + 1));
    return value.length > longestList ? [...kept, `… and ${String(value.length - longestList)} more`] : kept;
  }
  const entries = Object.entries(value);
  // A PATCH operation names the attribute in its path, and the secret is in its value.
  const aimed = entries.some(([name, path]) => name.toLowerCase() === 'path' && isSecret(path, secrets));
  return Object.fromEntries(
    entries.slice(0, mostNames).map(([name, each]) => {
      const secret = isSecret(name, secrets) || (aimed && name.toLowerCase() === 'value');
      return [name, secret ? hidden : copy(each, secrets, depth + 1)];
    }),
  );
}

/** Whether a name or a path (`urn:...:User:password`, `x.password`) ends in the name of a secret. */
function isSecret(path: unknown, secrets: ReadonlySet<string>): boolean {
  if (typeof path !== 'string') return false;
  const bare = path
    .replace(/\[[^\]]*\]/g, '')
    .trim()
    .toLowerCase();
  const last = bare.slice(Math.max(bare.lastIndexOf('.'), bare.lastIndexOf(':')) + 1);
  return secrets.has(last) || secrets.has(bare);
}

/** Members whose values tell nothing about a person; everything else is hidden. */
const plain: ReadonlySet<string> = new Set([
  ...['schemas', 'op', 'id', 'resourcetype', 'location', 'version', 'created', 'lastmodified', 'status', 'scimtype'],
  ...['detail', 'method', 'bulkid', 'type', 'attributes', 'excludedattributes', 'sortby', 'sortorder', 'failonerrors'],
]);

/** A body for somebody who may not see personal data: names stay, and of the values only those that tell nothing. */
export function withoutPersonalData(value: unknown, name = ''): unknown {
  const folded = name.toLowerCase();
  if (Array.isArray(value)) return value.map((each: unknown) => withoutPersonalData(each, name));
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, each]) => [key, withoutPersonalData(each, key)]);
    return Object.fromEntries(entries) as unknown;
  }
  if (typeof value === 'number' || typeof value === 'boolean' || value === null || value === undefined) return value;
  if (plain.has(folded)) return value;
  if (folded === 'path' && typeof value === 'string') return withoutLiterals(value);
  if (folded === 'filter' && typeof value === 'string') return withoutLiterals(value);
  return hidden;
}

const operator = '(?:eq|ne|co|sw|ew|gt|ge|lt|le)';
const literal = new RegExp(String.raw`(\b${operator}\s+)("(?:[^"\\]|\\.)*"|[^\s()[\]"]+)`, 'gi');
const isOperator = new RegExp(`^${operator}$`, 'i');

/** A filter or path with every literal hidden; one that cannot be read is hidden whole. */
export function withoutLiterals(text: string): string {
  if (text.length > 2_000) return hidden;
  const masked = text.replace(literal, (_, before: string) => before + hidden);
  let value = false;
  for (const token of masked.split(/[\s()[\]]+/).filter((each) => each !== '')) {
    // Behind an operator nothing but the mask may stand, and elsewhere nothing but names.
    if (value ? token !== hidden : !/^[A-Za-z0-9_$:.-]+$/.test(token)) return hidden;
    value = isOperator.test(token);
  }
  return masked;
}

const plainParameters: ReadonlySet<string> = new Set([
  ...['startindex', 'count', 'attributes', 'excludedattributes', 'sortby', 'sortorder', 'aadoptscim062020'],
]);

/** A URL below the base URL with the values of its query hidden, but for those that tell nothing. */
export function urlWithoutPersonalData(url: string): string {
  const marker = url.indexOf('?');
  if (marker < 0) return url;
  const parameters = url
    .slice(marker + 1)
    .split('&')
    .map((parameter) => {
      const [name = '', ...rest] = parameter.split('=');
      if (rest.length === 0 || plainParameters.has(name.toLowerCase())) return parameter;
      if (name.toLowerCase() !== 'filter') return `${name}=${hidden}`;
      return `${name}=${withoutLiterals(decoded(rest.join('=')))}`;
    });
  return `${url.slice(0, marker)}?${parameters.join('&')}`;
}

/** A query as a person reads it. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
