import { isObject } from '../contract/is-object.js';
import type { LogEntry } from './contract.js';
import type { HarmlessWords } from './harmless-words.js';

/** Replaces a value that is not shown. */
export const hidden = '•••';

/** Replaces an ID. */
const hiddenId = '{id}';

/** Longer expressions and URLs are hidden, or cut, so that the work is bounded whatever a log store returns. */
const longestText = 2_000;

/**
 * A log entry for an administrator without access to personal data.
 *
 * It is an allow-list: what remains are words that a schema or the protocol defines, and what the application itself
 * has recorded, such as times and statuses. All other names and values are replaced.
 */
export function entryWithoutPersonalData(entry: LogEntry, words: HarmlessWords): LogEntry {
  const { request, response, resourceId, failures, changes } = entry;
  const { id, time, tenant, connection, actor, actorName, client, requestId, operation, resourceType } = entry;
  const { outcome, status, milliseconds, quirks, omittedChanges, connectionTest, keyRefusal } = entry;
  return {
    ...{ id, time, tenant, connection, actor, actorName, client, requestId, operation, resourceType },
    ...{ outcome, status, milliseconds, quirks, omittedChanges, connectionTest, keyRefusal },
    ...errorWithoutPersonalData(entry, words),
    failures: failures?.map((failure) => ({
      ...{ index: failure.index, status: failure.status },
      ...errorWithoutPersonalData(failure, words),
    })),
    resourceId: resourceId === undefined ? undefined : hiddenId,
    changes: changes.map((change) => ({
      type: change.type,
      resourceType: change.resourceType,
      resourceId: hiddenId,
      attributes: change.attributes.map((name) => withoutLiterals(name, words)),
    })),
    ...(request === undefined
      ? {}
      : {
          request: {
            method: isMethod(request.method) ? request.method : hidden,
            url: urlWithoutPersonalData(request.url, words),
            ...(request.body === undefined ? {} : { body: withoutPersonalData(request.body, words) }),
          },
        }),
    ...(response === undefined ? {} : { response: withoutPersonalData(response, words) }),
  };
}

type ErrorPart = Pick<LogEntry, 'scimType' | 'code' | 'errors'>;

function errorWithoutPersonalData({ scimType, code, errors }: ErrorPart, words: HarmlessWords): ErrorPart {
  return {
    scimType: scimType !== undefined && isScimType(scimType) ? scimType : undefined,
    code: code !== undefined && /^SCIM_[A-Z_]{1,40}$/.test(code) ? code : undefined,
    // A message may be the words of the application.
    errors: errors?.map((each) => ({ ...each, path: withoutLiterals(each.path, words), message: hidden })),
  };
}

/** A body with the names and values that a schema or the protocol defines. Booleans and null stay, too. */
export function withoutPersonalData(body: unknown, words: HarmlessWords): unknown {
  if (!isObject(body) || !isMessage(body)) return shownValue(body, words, '');
  // An attribute of a resource may have the name of a count, so these numbers are shown in messages only.
  const isCount = ([name, value]: [string, unknown]): boolean =>
    counts.has(name.toLowerCase()) && Number.isSafeInteger(value);
  const entries = Object.entries(body);
  const rest = Object.fromEntries(entries.filter((entry) => !isCount(entry)));
  return { ...Object.fromEntries(entries.filter(isCount)), ...objectWithoutPersonalData(rest, words) };
}

const counts: ReadonlySet<string> = new Set(
  ['totalResults', 'itemsPerPage', 'startIndex', 'count', 'failOnErrors'].map((name) => name.toLowerCase()),
);

function isMessage({ schemas }: Readonly<Record<string, unknown>>): boolean {
  return Array.isArray(schemas) && String(schemas[0]).startsWith('urn:ietf:params:scim:api:messages:');
}

function shownValue(value: unknown, words: HarmlessWords, name: string): unknown {
  if (typeof value === 'boolean' || value === null || value === undefined) return value;
  if (Array.isArray(value)) return value.map((each: unknown) => shownValue(each, words, name));
  if (isObject(value)) return objectWithoutPersonalData(value, words);
  return typeof value === 'string' ? shownText(value, words, name) : hidden;
}

function objectWithoutPersonalData(value: object, words: HarmlessWords): Readonly<Record<string, unknown>> {
  const shown = new Map<string, unknown>();
  let hiddenNames = 0;
  for (const [name, each] of Object.entries(value)) {
    const shownName = withoutLiterals(name, words);
    // Several hidden names must not overwrite each other.
    const isTaken = shown.has(shownName);
    if (isTaken) hiddenNames++;
    const unique = isTaken ? `${shownName} ${String(hiddenNames + 1)}` : shownName;
    shown.set(unique, shownValue(each, words, name.toLowerCase()));
  }
  return Object.fromEntries(shown);
}

function shownText(text: string, words: HarmlessWords, name: string): string {
  switch (name) {
    case 'schemas':
    case 'schema':
      return words.urns.has(text.toLowerCase()) ? text : hidden;
    case 'op':
      return /^(?:add|remove|replace)$/i.test(text) ? text : hidden;
    case 'method':
      return isMethod(text) ? text : hidden;
    case 'type':
    case 'resourcetype':
      return words.types.has(text.toLowerCase()) ? text : hidden;
    case 'status':
      return /^[1-5]\d\d$/.test(text) ? text : hidden;
    case 'scimtype':
      return isScimType(text) ? text : hidden;
    case 'sortorder':
      return /^(?:ascending|descending)$/i.test(text) ? text : hidden;
    case 'path':
      return text.startsWith('/') ? urlWithoutPersonalData(text, words) : withoutLiterals(text, words);
    case 'filter':
    case 'sortby':
    case 'attributes':
    case 'excludedattributes':
      return withoutLiterals(text, words);
    default:
      return hidden;
  }
}

const scimTypes: ReadonlySet<string> = new Set([
  ...['invalidFilter', 'tooMany', 'uniqueness', 'mutability', 'invalidSyntax', 'invalidPath', 'noTarget'],
  ...['invalidValue', 'invalidVers', 'sensitive', 'invalidCursor', 'expiredCursor', 'invalidCount'],
]);

function isScimType(text: string): boolean {
  return scimTypes.has(text);
}

function isMethod(text: string): boolean {
  return /^(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/.test(text);
}

const operators: ReadonlySet<string> = new Set(['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le']);
const connectives: ReadonlySet<string> = new Set(['and', 'or', 'not', 'pr']);
const delimiters = ' \t\r\n()[],"';

/**
 * A filter, a path, or a list of attributes, with the names of attributes and operators only. Literals and all other
 * words are hidden. It reads the text once, from left to right.
 */
export function withoutLiterals(text: string, words: HarmlessWords): string {
  if (text.length > longestText) return hidden;
  let shown = '';
  let isLiteral = false;
  let place = 0;
  while (place < text.length) {
    const character = text.charAt(place);
    if (character === '"') {
      place = endOfQuoted(text, place);
      shown += hidden;
      isLiteral = false;
    } else if (delimiters.includes(character)) {
      shown += character;
      place++;
    } else {
      const start = place;
      while (place < text.length && !delimiters.includes(text.charAt(place))) place++;
      const word = text.slice(start, place);
      shown += isLiteral ? hidden : shownWord(word, words);
      isLiteral = !isLiteral && operators.has(word.toLowerCase());
    }
  }
  return shown;
}

/** The place behind the closing quotation mark, or the end of the text. */
function endOfQuoted(text: string, start: number): number {
  for (let place = start + 1; place < text.length; place++) {
    if (text.charAt(place) === '\\') place++;
    else if (text.charAt(place) === '"') return place + 1;
  }
  return text.length;
}

function shownWord(word: string, { names, urns }: HarmlessWords): string {
  const folded = word.toLowerCase();
  if (operators.has(folded) || connectives.has(folded) || urns.has(folded)) return word;
  const colon = folded.lastIndexOf(':');
  const isUnknownUrn = colon >= 0 && !urns.has(folded.slice(0, colon));
  // `.display` follows a filter in brackets.
  const path = folded.slice(colon + 1).replace(/^\./, '');
  return !isUnknownUrn && path.split('.').every((name) => names.has(name)) ? word : hidden;
}

/** RFC 7644 3.2, Table 2. */
const endpoints: ReadonlySet<string> = new Set([
  ...['users', 'groups', 'me', 'schemas', 'resourcetypes', 'serviceproviderconfig', 'bulk', '.search'],
]);

/** A relative URL with IDs as `{id}`, and with the parameters that the protocol defines. */
export function urlWithoutPersonalData(url: string, words: HarmlessWords): string {
  const text = url.slice(0, longestText);
  const marker = text.indexOf('?');
  const path = (marker < 0 ? text : text.slice(0, marker))
    .split('/')
    .map((segment) => shownSegment(segment, words))
    .join('/');
  if (marker < 0) return path;
  const parameters = text
    .slice(marker + 1)
    .split('&')
    .map((parameter) => shownParameter(parameter, words));
  return `${path}?${parameters.join('&')}`;
}

function shownSegment(segment: string, { urns }: HarmlessWords): string {
  const folded = decoded(segment).toLowerCase();
  const isKnown = folded === '' || folded === 'user' || folded === 'group' || endpoints.has(folded) || urns.has(folded);
  return isKnown ? segment : hiddenId;
}

const parameterNames: ReadonlySet<string> = new Set([
  ...['filter', 'startindex', 'count', 'attributes', 'excludedattributes', 'sortby', 'sortorder', 'cursor'],
  ...['aadoptscim062020'],
]);

function shownParameter(parameter: string, words: HarmlessWords): string {
  const equals = parameter.indexOf('=');
  const name = equals < 0 ? parameter : parameter.slice(0, equals);
  const folded = name.toLowerCase();
  const shownName = folded === '' || parameterNames.has(folded) ? name : hidden;
  if (equals < 0) return shownName;
  const value = decoded(parameter.slice(equals + 1));
  if (value === '') return `${shownName}=`;
  const isCount = (folded === 'startindex' || folded === 'count') && /^-?\d{1,9}$/.test(value);
  return `${shownName}=${isCount ? value : shownText(value, words, folded)}`;
}

/** A URL decoded for display; one that cannot be decoded is returned unchanged. */
export function decoded(text: string): string {
  return tryToDecode(text) ?? text;
}

/** Undefined for an invalid escape. */
export function tryToDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
