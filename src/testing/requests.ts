import type { AttributeRef } from '../contract/attribute.js';
import type { Change, Creation, MemberChange, Removal, WriteResult } from '../contract/store.js';
import type { ChangeEvent } from '../contract/event.js';
import type { Filter, FilterValue, ListQuery, PageRequest, SortKey } from '../contract/filter.js';
import type { Group, Stored, User } from '../contract/resource.js';
import type { ScimContext } from '../contract/context.js';
import { comparePositions, positionOf } from '../schema/position.js';
import { readsOf } from '../contract/reads.js';
import { compileFilter } from '../protocol/filter/compile.js';
import { enterpriseUserSchema } from '../schema/core/enterprise-user.js';
import { groupSchema } from '../schema/core/group.js';
import { userSchema } from '../schema/core/user.js';
import { normalizeUserName } from '../schema/normalize.js';
import { compileResourceType } from '../schema/resource-type.js';

export const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** A request of one tenant. */
export function ctx(tenant = 'acme'): ScimContext {
  return { tenant, actor: { id: 'tester' }, requestId: 'r1', signal: new AbortController().signal };
}

/** Results that `events` was called with. */
export type Seen = WriteResult<object>[];

function events(seen: Seen | undefined): <R>(result: WriteResult<R>) => readonly ChangeEvent[] {
  return (result) => {
    const { changed, resource } = result;
    seen?.push({ ...result, resource: { ...resource } });
    if (!changed) return [];
    const { id, meta } = resource;
    const common = { time: '2026-01-01T00:00:00Z', tenant: 'acme', actor: 'tester', requestId: 'r1', quirks: [] };
    return [
      {
        ...common,
        id: `${id}@${meta.version}`,
        type: 'x.changed',
        resourceType: 'X',
        resourceId: id,
        changed: [],
        data: {},
      },
    ];
  };
}

export const nothing: ReadonlySet<string> = new Set();

/** Every attribute of users and groups, except members. */
export const everything: ReadonlySet<string> = new Set([
  ...['userName', 'externalId', 'active', 'displayName', 'nickName', 'profileUrl', 'title', 'userType', 'name'],
  ...['preferredLanguage', 'locale', 'timezone', 'emails', 'phoneNumbers', 'ims', 'photos', 'addresses'],
  ...['entitlements', 'roles', 'x509Certificates', enterprise],
]);
export const withMembers: ReadonlySet<string> = new Set([...everything, 'members']);

/** As the library passes it for the core schemas of users and groups, and the enterprise extension. */
const caseExact: ReadonlySet<string> = new Set(
  [
    { name: 'User', endpoint: '/Users', schema: userSchema, extensions: [{ schema: enterpriseUserSchema }] },
    { name: 'Group', endpoint: '/Groups', schema: groupSchema },
  ].flatMap((type) => [...compileResourceType(type).caseExact]),
);

/** Without a check a store may make a write synchronously. */
type WithoutCheck<W> = W & { readonly check?: undefined };

export function newUser(userName: string, more: Partial<User> = {}, seen?: Seen): WithoutCheck<Creation<User>> {
  return {
    resource: { userName, ...more },
    keys: { userName: normalizeUserName(userName) },
    selection: everything,
    caseExact,
    events: events(seen),
  };
}

export function newGroup(
  displayName: string,
  members: readonly string[] = [],
  more: Partial<WithoutCheck<Creation<Group>>> = {},
  seen?: Seen,
): WithoutCheck<Creation<Group>> {
  return {
    resource: { displayName },
    members: { add: members.map((value) => ({ value })), remove: [], pending: 'reject' },
    keys: {},
    selection: withMembers,
    caseExact,
    events: events(seen),
    ...more,
  };
}

type Named = { readonly userName?: string };

/** A change. Attributes that it does not name stay unchanged. */
export function change<R extends object>(
  what: Partial<Omit<Change<R>, 'events' | 'check'>>,
  seen?: Seen,
): WithoutCheck<Change<R>> {
  const userName = (what.set as Named | undefined)?.userName;
  const keys = userName === undefined ? {} : { userName: normalizeUserName(userName) };
  const same = {} as Readonly<Partial<R>>;
  return { set: same, unset: [], keys, selection: everything, caseExact, ...what, events: events(seen) };
}

export function members(what: Partial<Omit<MemberChange, 'add'>> & { readonly add?: readonly string[] }): MemberChange {
  return { remove: [], pending: 'reject', ...what, add: (what.add ?? []).map((value) => ({ value })) };
}

export function removal<R>(ifVersion?: string, seen?: Seen): WithoutCheck<Removal<R>> {
  return { ifVersion, caseExact, events: events(seen) };
}

/** `events` of a write that no function here makes. @param seen collects what it was called with */
export function eventsOf(seen?: Seen): <R>(result: WriteResult<R>) => readonly ChangeEvent[] {
  return events(seen);
}

/** An attribute of the core schemas. */
export function attribute(path: string, more: Partial<AttributeRef> = {}): AttributeRef {
  const caseExact = ['id', 'externalId', 'members.value', 'groups.value'].includes(path);
  const multiValued = ['members.value', 'groups.value', 'emails.value'].includes(path);
  return { path, keys: path.split('.'), type: 'string', multiValued, caseExact, ...more };
}

export function eq(path: string, value: FilterValue): Filter {
  return { op: 'eq', attribute: attribute(path), value };
}

/** A query for `list`. Equalities under `and` become `equals`, as in the library. */
export function listQuery<R extends object>(
  what: {
    readonly filter?: Filter;
    readonly sort?: readonly SortKey[];
    readonly page?: PageRequest;
    readonly selection?: ReadonlySet<string>;
  } = {},
): ListQuery<R> {
  const { filter, sort = [], page = { kind: 'index', offset: 0, limit: 1000 }, selection = everything } = what;
  return {
    filter,
    equals: Object.fromEntries(filter === undefined ? [] : equalities(filter)),
    sort,
    reads: readsOf({ filter, sort }),
    page,
    selection,
    matches: filter === undefined ? () => true : (compileFilter(filter) as (resource: Stored<R>) => boolean),
    compare: (a: Stored<R>, b: Stored<R>) => comparePositions(positionOf(a, sort), positionOf(b, sort), sort),
  };
}

function* equalities(filter: Filter): Iterable<readonly [string, FilterValue]> {
  if (filter.op === 'eq') yield [filter.attribute.path, filter.value];
  else if (filter.op === 'and') for (const each of filter.filters) yield* equalities(each);
}

export function index(offset: number, limit: number): PageRequest {
  return { kind: 'index', offset, limit };
}

export function cursor(
  limit: number,
  from: {
    readonly after?: readonly (string | number | boolean | null)[];
    readonly before?: readonly (string | number | boolean | null)[];
  } = {},
): PageRequest {
  return { kind: 'cursor', after: from.after, before: from.before, limit };
}
