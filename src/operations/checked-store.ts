import type { Attributes } from '../contract/attribute.js';
import { type Awaitable, isThenable } from '../contract/awaitable.js';
import type { ScimContext } from '../contract/context.js';
import { storeChannel, type StoreMessage, traceCall } from '../contract/diagnostics.js';
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
 * returns before it was looked at. Its calls are published on the channel of store calls.
 *
 * @param place names the store in messages: `store`, `store.groups`
 */
export function checkedStore(
  store: ResourceStore<Attributes>,
  place: string,
  resourceType: string,
): ResourceStore<Attributes> {
  const { supports, namesOf } = store;
  const observe = observer(resourceType);
  return {
    supports,
    create: (creation, ctx) =>
      observe('create', ctx, () => parsed(store.create(creation, ctx), parseWriteResult, `${place}.create`)),
    get: (id, selection, ctx) =>
      observe('get', ctx, () => parsed(store.get(id, selection, ctx), parseFound, `${place}.get`)),
    list: (query, ctx) => {
      const list = () =>
        parsed(store.list(query, ctx), (page, where) => parsePage(page, query.page, where), `${place}.list`);
      return observe('list', ctx, list, ({ resources }) => resources.length);
    },
    update: (id, change, ctx) =>
      observe('update', ctx, () => parsed(store.update(id, change, ctx), parseUpdated, `${place}.update`)),
    delete: (id, removal, ctx) =>
      observe('delete', ctx, () => parsed(store.delete(id, removal, ctx), parseDeleted, `${place}.delete`)),
    ...(namesOf === undefined || namesOf === null
      ? {}
      : {
          namesOf: (ids: readonly string[], ctx: ScimContext) =>
            observe('namesOf', ctx, () => parsed(namesOf.call(store, ids, ctx), parseNames, `${place}.namesOf`)),
        }),
  };
}

/** `groupsOf` of a store of groups, with its results parsed. */
export function checkedGroupsOf(groupsOf: NonNullable<GroupStore['groupsOf']>): NonNullable<GroupStore['groupsOf']> {
  const observe = observer('Group');
  return (ids, ctx) => observe('groupsOf', ctx, () => parsed(groupsOf(ids, ctx), parseGroups, 'store.groups.groupsOf'));
}

/** Runs a call of a store: published where somebody listens, else as it is. */
type Observe = <T>(
  operation: StoreMessage['operation'],
  ctx: ScimContext,
  call: () => Awaitable<T>,
  count?: (result: T) => number,
) => Awaitable<T>;

function observer(resourceType: string): Observe {
  return (operation, { requestId, tenant }, call, count) => {
    if (!storeChannel.hasSubscribers) return call();
    const message: StoreMessage = { requestId, tenant, resourceType, operation };
    return traceCall(storeChannel, message, call, (result) => {
      if (count !== undefined) message.resources = count(result);
    });
  };
}

function parsed<T>(result: unknown, parse: (value: unknown, place: string) => T, place: string): Awaitable<T> {
  if (!isThenable(result)) return parse(result, place);
  // A promise of another library may resolve to one more promise.
  return Promise.resolve(result).then((value) => parse(value, place));
}
