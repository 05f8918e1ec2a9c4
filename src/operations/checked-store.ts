import type { Attributes } from '../contract/attribute.js';
import { type Awaitable, isThenable } from '../contract/awaitable.js';
import type { ScimContext } from '../contract/context.js';
import type { GroupStore, ResourceStore } from '../contract/store.js';
import {
  parseDeleted,
  parseFound,
  parseGroups,
  parseNames,
  parsePage,
  parseUpdated,
  parseWriteResult,
} from './parse-result.js';

/**
 * A store whose results are parsed: the operations call this one, and so believe nothing that the store of the app
 * returns before it was looked at.
 *
 * @param place names the store in messages: `store`, `store.groups`
 */
export function checkedStore(store: ResourceStore<Attributes>, place: string): ResourceStore<Attributes> {
  const { supports, namesOf } = store;
  return {
    supports,
    create: (creation, ctx) => parsed(store.create(creation, ctx), parseWriteResult, `${place}.create`),
    get: (id, selection, ctx) => parsed(store.get(id, selection, ctx), parseFound, `${place}.get`),
    list: (query, ctx) =>
      parsed(store.list(query, ctx), (page, list) => parsePage(page, query.page, list), `${place}.list`),
    update: (id, change, ctx) => parsed(store.update(id, change, ctx), parseUpdated, `${place}.update`),
    delete: (id, removal, ctx) => parsed(store.delete(id, removal, ctx), parseDeleted, `${place}.delete`),
    ...(namesOf === undefined || namesOf === null
      ? {}
      : {
          namesOf: (ids: readonly string[], ctx: ScimContext) =>
            parsed(namesOf.call(store, ids, ctx), parseNames, `${place}.namesOf`),
        }),
  };
}

/** `groupsOf` of a store of groups, with its results parsed. */
export function checkedGroupsOf(groupsOf: NonNullable<GroupStore['groupsOf']>): NonNullable<GroupStore['groupsOf']> {
  return (ids, ctx) => parsed(groupsOf(ids, ctx), parseGroups, 'store.groups.groupsOf');
}

function parsed<T>(result: unknown, parse: (value: unknown, place: string) => T, place: string): Awaitable<T> {
  if (!isThenable(result)) return parse(result, place);
  // A promise of another library may resolve to one more promise.
  return Promise.resolve(result).then((value) => parse(value, place));
}
