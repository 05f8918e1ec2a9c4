import type { Attributes } from '../contract/attribute.js';
import { describe } from '../contract/describe.js';
import type { Page, PageRequest } from '../contract/filter.js';
import { isObject } from '../contract/is-object.js';
import type { GroupRef, Stored } from '../contract/resource.js';
import type { WriteResult } from '../contract/store.js';
import { documentationPage } from '../documentation.js';

/**
 * What stores return, parsed before it is believed.
 *
 * `null` is nothing, as databases say it. Whatever else does not have the shape of the contract is a TypeError for the
 * author of the store: the client gets a 500, and never a success that tells something wrong.
 */

const page = documentationPage('stores.md');

/** @param place the method that returned it, such as `store.get` */
export function parseFound(value: unknown, place: string): Stored<Attributes> | undefined {
  return value === undefined || value === null ? undefined : parseStored(value, place);
}

/** @throws TypeError for anything that is no stored resource: attributes with `id` and `meta` */
function parseStored(value: unknown, place: string): Stored<Attributes> {
  if (!isObject(value)) {
    throw wrong(
      place,
      `returned ${describe(value)} as a resource`,
      'Return an object with its attributes, id and meta',
    );
  }
  const { id, meta } = value;
  if (typeof id !== 'string' || id === '') {
    throw wrong(place, `returned a resource whose id is ${describe(id)}`, 'An id is a non-empty string');
  }
  if (!isObject(meta)) {
    const remedy = 'Return meta: { created, lastModified, version }';
    throw wrong(place, `returned a resource whose meta is ${describe(meta)}`, remedy);
  }
  const { created, lastModified, version } = meta;
  if (!isVersion(version)) {
    const remedy = 'A version is a string of 1 to 128 characters of A-Z a-z 0-9 . _ -';
    throw wrong(place, `returned a resource whose meta.version is ${describe(version)}`, remedy);
  }
  if (lastModified !== undefined && lastModified !== null && !isTime(lastModified))
    throw wrongTime(place, 'lastModified', lastModified);
  if (created !== undefined && created !== null && !isTime(created)) throw wrongTime(place, 'created', created);
  return value as Stored<Attributes>;
}

const longestVersion = 128;

/** Whether a value is 1 to 128 characters of A-Z a-z 0-9 . _ -; most versions are so short that a loop beats a pattern. */
function isVersion(value: unknown): value is string {
  if (typeof value !== 'string' || value === '' || value.length > longestVersion) return false;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    const isDigit = code >= 48 && code <= 57;
    const isLetter = (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
    if (!isDigit && !isLetter && code !== 46 && code !== 95 && code !== 45) return false;
  }
  return true;
}

function wrongTime(place: string, name: string, value: unknown): TypeError {
  const shown =
    typeof value === 'string' || value instanceof Date ? `${describe(value)} that is no time` : describe(value);
  const remedy = 'Times are a Date, or RFC 3339 text such as new Date().toISOString()';
  return wrong(place, `returned a resource whose meta.${name} is ${shown}`, remedy);
}

/** Whether a value is a Date, or text that starts as RFC 3339 says; a look at each digit would cost more than it gains. */
function isTime(value: unknown): boolean {
  if (typeof value === 'string') return value.length >= 20 && value[4] === '-' && value[10] === 'T';
  return value instanceof Date ? !Number.isNaN(value.getTime()) : isDateOfOtherRealm(value);
}

function isDateOfOtherRealm(value: unknown): boolean {
  return Object.prototype.toString.call(value) === '[object Date]' && !Number.isNaN(Number(value));
}

/** What `create` returned, and what a store passes to `events`. */
export function parseWriteResult(value: unknown, place: string): WriteResult<Attributes> {
  const shape = '{ resource, changed }';
  if (!isObject(value)) throw wrong(place, `returned ${describe(value)}`, `Return ${shape}`);
  const { resource, changed, before, added, removed, ignored } = value;
  if (resource === undefined && !('resource' in value) && ('id' in value || !('changed' in value))) {
    throw wrong(place, 'returned a resource', `Return ${shape}, with that resource in it`);
  }
  parseStored(resource, place);
  if (typeof changed !== 'boolean') {
    const remedy = 'Return true, or false if the write was a no-op';
    throw wrong(place, `returned a result whose changed is ${describe(changed)}`, remedy);
  }
  if (before === null || added === null || removed === null || ignored === null) {
    return parseWriteResult(withoutNull(value, ['before', 'added', 'removed', 'ignored']), place);
  }
  if (before !== undefined && !isObject(before)) {
    throw wrong(place, `returned a result whose before is ${describe(before)}`, 'Return the resource before the write');
  }
  if (added !== undefined && !isStrings(added)) throw wrongMembers(place, 'added', added);
  if (removed !== undefined && !isStrings(removed)) throw wrongMembers(place, 'removed', removed);
  if (ignored !== undefined && !isStrings(ignored)) throw wrongMembers(place, 'ignored', ignored);
  return value as unknown as WriteResult<Attributes>;
}

function wrongMembers(place: string, name: string, value: unknown): TypeError {
  const remedy = 'Return a list of the IDs of members, or leave it out';
  return wrong(
    place,
    `returned a result whose ${name} is ${Array.isArray(value) ? 'no list of strings' : describe(value)}`,
    remedy,
  );
}

function isStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

/** What `update` returned; undefined where there is no such resource. */
export function parseUpdated(value: unknown, place: string): WriteResult<Attributes> | undefined {
  return value === undefined || value === null ? undefined : parseWriteResult(value, place);
}

/** What `delete` returned; undefined where there was no such resource. */
export function parseDeleted(value: unknown, place: string): WriteResult<Attributes> | undefined {
  if (value === undefined || value === null) return undefined;
  const result = parseWriteResult(value, place);
  if (result.changed) return result;
  throw wrong(place, 'returned changed: false', 'Return changed: true, or undefined where there is no such resource');
}

/** What `list` returned for a page. */
export function parsePage(value: unknown, request: PageRequest, place: string): Page<Attributes> {
  const shape = '{ resources, totalResults }';
  if (!isObject(value)) throw wrong(place, `returned ${describe(value)}`, `Return ${shape}`);
  const { resources, totalResults, next, previous } = value;
  if (!Array.isArray(resources)) {
    throw wrong(place, `returned a page whose resources is ${describe(resources)}`, `Return ${shape} with a list`);
  }
  if (resources.length > request.limit) {
    const remedy = 'Apply query.page: return at most page.limit resources, from page.offset on';
    throw wrong(place, 'returned more resources than the page has', remedy);
  }
  for (const resource of resources as readonly unknown[]) parseStored(resource, place);
  if (totalResults === null || next === null || previous === null) {
    return parsePage(withoutNull(value, ['totalResults', 'next', 'previous']), request, place);
  }
  if (totalResults === undefined ? !endsHere(resources.length, request) : !isCount(totalResults)) {
    const remedy = 'Return the number of all matches, as a number; only a page of kind "cursor" may leave it out';
    throw wrong(place, `returned a page whose totalResults is ${describe(totalResults)}`, remedy);
  }
  if (next !== undefined && !Array.isArray(next)) throw wrongPosition(place, 'next', next);
  if (previous !== undefined && !Array.isArray(previous)) throw wrongPosition(place, 'previous', previous);
  return value as unknown as Page<Attributes>;
}

/** Whether a page without `totalResults` says how many matches there are: it is the last one, and not empty. */
function endsHere(length: number, request: PageRequest): boolean {
  if (request.kind === 'cursor') return true;
  return length < request.limit && (length > 0 || request.offset === 0);
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function wrongPosition(place: string, name: string, value: unknown): TypeError {
  const remedy = 'Return a list of values, such as positionOf(query, resource), or leave it out';
  return wrong(place, `returned a page whose ${name} is ${describe(value)}`, remedy);
}

/** What `namesOf` returned: names by ID. A resource without a name has no entry. */
export function parseNames(value: unknown, place: string): ReadonlyMap<string, string> {
  const map = parseMap(value, place);
  for (const name of map.values()) {
    if (typeof name === 'string') continue;
    const remedy = 'Omit IDs that have no name';
    if (name !== null && name !== undefined) throw wrong(place, `returned ${describe(name)} as a name`, remedy);
    return new Map([...map].flatMap(([id, each]) => (typeof each === 'string' ? [[String(id), each] as const] : [])));
  }
  return map as ReadonlyMap<string, string>;
}

/** What `groupsOf` returned: the groups of each user, by the user's ID. */
export function parseGroups(value: unknown, place: string): ReadonlyMap<string, readonly GroupRef[]> {
  const map = parseMap(value, place);
  for (const [id, groups] of map) {
    if (groups === null || groups === undefined) continue;
    parseGroupsOfUser(groups, place);
    if (typeof id !== 'string') throw wrong(place, `returned ${describe(id)} as the ID of a user`, 'IDs are strings');
  }
  return map as ReadonlyMap<string, readonly GroupRef[]>;
}

/** The groups of one user, from `groupsOf` or in the user itself. */
export function parseGroupsOfUser(groups: unknown, place: string): readonly GroupRef[] {
  if (Array.isArray(groups) && groups.every((group) => isObject(group) && typeof group['value'] === 'string')) {
    return groups as readonly GroupRef[];
  }
  const remedy = 'Return a list of { value, display, type } for each user, where value is the ID of a group';
  throw wrong(place, `returned ${describe(groups)} as the groups of a user`, remedy);
}

function parseMap(value: unknown, place: string): ReadonlyMap<unknown, unknown> {
  if (value === undefined || value === null) return new Map();
  // Not instanceof: the Map may be of another realm, or a subclass of the app's own.
  if (isObject(value) && typeof value['get'] === 'function' && typeof value['values'] === 'function') {
    return value as unknown as ReadonlyMap<unknown, unknown>;
  }
  throw wrong(place, `returned ${describe(value)}`, 'Return a Map');
}

function withoutNull(value: Attributes, names: readonly string[]): Attributes {
  return Object.fromEntries(Object.entries(value).filter(([name, each]) => each !== null || !names.includes(name)));
}

/** A mistake of the store, for its author: `place` names the method. */
function wrong(place: string, what: string, remedy: string): TypeError {
  return new TypeError(`${place} ${what}. ${remedy}. See ${page}`);
}
