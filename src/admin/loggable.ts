import { storable } from '../database/storable.js';
import type { HarmlessWords } from './harmless-words.js';
import { hidden, tryToDecode, withoutLiterals } from './redact.js';
import { shortenedTo } from './visible.js';

const longestValue = 500;
const longestName = 200;
const maxListLength = 20;
const maxProperties = 100;
const maxDepth = 12;

/** No attribute has so long a path. Longer ones count as secret, so that the work is bounded. */
const longestPath = 1_000;

/** The attributes whose values are never logged: names or paths, in lower case. */
export type Secrets = ReadonlySet<string>;

/** Room in a log entry. */
export interface Room {
  /** Bytes of JSON that are left. */
  bytes: number;
}

/**
 * A copy of a body for the log: secrets are replaced, and long texts, long lists, deep nesting, and what exceeds the
 * room are cut. Where something is cut, the copy says so.
 */
export function loggableBody(body: unknown, secrets: Secrets, room: Room): unknown {
  return copy(body, { secrets, room, depth: 0 });
}

interface Copying {
  readonly secrets: Secrets;
  readonly room: Room;
  readonly depth: number;
}

function copy(value: unknown, copying: Copying): unknown {
  if (typeof value === 'string')
    return charged(shortenedTo(longestValue, storable(value.slice(0, 2 * longestValue))), copying);
  if (value instanceof Date) return charged(value.toISOString(), copying);
  if (typeof value === 'bigint') return charged(String(value), copying);
  if (typeof value !== 'object' || value === null) return charged(value, copying);
  if (copying.depth > maxDepth) return charged('…', copying);
  const inside = { ...copying, depth: copying.depth + 1 };
  copying.room.bytes -= 2;
  return Array.isArray(value) ? copyList(value, inside) : copyObject(value, inside);
}

function charged<T>(value: T, { room }: Copying): T | '…' {
  const size = jsonBytes(value);
  if (size > room.bytes) return '…';
  room.bytes -= size;
  return value;
}

function copyList(list: readonly unknown[], copying: Copying): unknown[] {
  const kept: unknown[] = [];
  for (const each of list.slice(0, maxListLength)) {
    if (copying.room.bytes <= 0) break;
    copying.room.bytes--;
    kept.push(copy(each, copying));
  }
  return kept.length < list.length ? [...kept, `… and ${String(list.length - kept.length)} more`] : kept;
}

function copyObject(value: object, copying: Copying): unknown {
  const { secrets, room } = copying;
  const names = Object.keys(value);
  const source = value as Readonly<Record<string, unknown>>;
  // RFC 7644 3.5.2: a PATCH operation names the attribute in `path` and holds the secret in `value`.
  const targetsSecret = names.some((name) => isNamed(name, 'path') && isSecret(source[name], secrets));
  const kept = new Map<string, unknown>();
  for (const name of names.slice(0, maxProperties)) {
    if (room.bytes <= 0) break;
    const shown = shortenedTo(longestName, storable(name.slice(0, 2 * longestName)));
    room.bytes -= jsonBytes(shown) + 2;
    const each = source[name];
    if (isSecret(name, secrets) || (targetsSecret && isNamed(name, 'value'))) kept.set(shown, charged(hidden, copying));
    else if ((isNamed(name, 'path') || isNamed(name, 'filter')) && typeof each === 'string') {
      kept.set(shown, copy(withoutSecretLiterals(each, secrets), copying));
    } else kept.set(shown, copy(each, copying));
  }
  if (kept.size < names.length) kept.set('…', `${String(names.length - kept.size)} more`);
  return Object.fromEntries(kept);
}

function isNamed(name: string, expected: string): boolean {
  return name.length === expected.length && name.toLowerCase() === expected;
}

/** Whether a name or a path (such as `x.password`) ends with the name of a secret. */
function isSecret(path: unknown, secrets: Secrets): boolean {
  if (typeof path !== 'string') return false;
  const bare = path.length > longestPath ? undefined : withoutFilters(path)?.trim().toLowerCase();
  if (bare === undefined) return true;
  const last = bare.slice(Math.max(bare.lastIndexOf('.'), bare.lastIndexOf(':'), bare.lastIndexOf('/')) + 1);
  return secrets.has(last.trim()) || secrets.has(bare);
}

/** A path without its filters in brackets; undefined where a bracket or a quotation mark is not closed. */
function withoutFilters(path: string): string | undefined {
  let bare = '';
  let depth = 0;
  let isQuoted = false;
  for (let place = 0; place < path.length; place++) {
    const character = path.charAt(place);
    if (isQuoted) {
      if (character === '\\') place++;
      else if (character === '"') isQuoted = false;
    } else if (character === '[') depth++;
    else if (character === ']' && depth > 0) depth--;
    else if (depth > 0) isQuoted = character === '"';
    else bare += character;
  }
  return depth > 0 || isQuoted ? undefined : bare;
}

const noWords: HarmlessWords = { names: new Set(), urns: new Set(), types: new Set() };

/** A filter or path without its literals, where it names a secret anywhere. */
function withoutSecretLiterals(text: string, secrets: Secrets): string {
  const folded = text.slice(0, 2 * longestPath).toLowerCase();
  for (const secret of secrets) {
    const name = secret.slice(Math.max(secret.lastIndexOf('.'), secret.lastIndexOf(':')) + 1);
    if (folded.includes(name)) return withoutLiterals(text, { ...noWords, names: new Set([name]) });
  }
  return text;
}

/** A relative URL for the log, cut to `longest` characters, without the literals of filters that name a secret. */
export function loggableUrl(url: string, secrets: Secrets, longest: number): string {
  const text = storable(url.slice(0, longest));
  const marker = text.indexOf('?');
  const parameters = marker < 0 ? [] : text.slice(marker + 1).split('&');
  const shown = parameters.map((parameter) => {
    const equals = parameter.indexOf('=');
    const value = tryToDecode(parameter.slice(equals + 1));
    const masked = value === undefined ? hidden : withoutSecretLiterals(value, secrets);
    return equals < 0 || masked === value ? parameter : `${parameter.slice(0, equals)}=${masked}`;
  });
  const whole = marker < 0 ? text : `${text.slice(0, marker)}?${shown.join('&')}`;
  return shortenedTo(longest, url.length > longest ? `${whole}…` : whole);
}

/** A text for the log of at most `longest` characters, which every database column can hold. */
export function loggableText(longest: number, text: string): string {
  return shortenedTo(longest, storable(text.slice(0, 2 * longest)));
}

/** Size of a value as JSON, in bytes. */
export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '');
}
