import type { Attributes, Selection } from '../contract/attribute.js';
import { type Awaitable, isThenable } from '../contract/awaitable.js';
import type { Filter } from '../contract/filter.js';
import { isObject } from '../contract/is-object.js';
import type { Stored } from '../contract/resource.js';
import { runInParts } from '../contract/work.js';
import { anyOf, refOf } from '../protocol/filter/build.js';
import { compileFilter } from '../protocol/filter/compile.js';
import { compileSort } from '../protocol/sort.js';
import { bounded, type Call } from './call.js';
import { locationOf } from './location.js';
import type { Reference } from './references.js';
import type { ServedType, Service } from './service.js';

/** The resources that references name: which of them exist, and their display names. */
export interface NamedResources {
  /** Display names by ID, for each resource type. */
  readonly names: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** IDs of further resources that exist, for each resource type. */
  readonly unnamed: ReadonlyMap<string, ReadonlySet<string>>;
}

/** IDs by the name of the resource type to look them up in. */
type IdsByType = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Finds the resources that the references of some resources name. It costs one store call for each type that they may
 * be of, and another one where IDs remain that have no display name.
 *
 * @param shows whether an attribute at a path is needed: `$ref` and display names cost a lookup each
 */
export function findNamed(
  call: Call,
  references: readonly Reference[],
  resources: readonly Stored<Attributes>[],
  shows: (path: string) => boolean,
): Awaitable<NamedResources> {
  const ids: NamedIds = { toName: new Map(), linked: new Map() };
  const find = (): Awaitable<NamedResources> => {
    const names = namesOf(call, ids.toName);
    return isThenable(names)
      ? names.then((found) => withUnnamed(call, found, ids.linked))
      : withUnnamed(call, names, ids.linked);
  };
  const collected = runInParts(collectIds(call, references, resources, shows, ids), call.ctx.work);
  return isThenable(collected) ? collected.then(find) : find();
}

/** IDs that resources name, by type. */
interface NamedIds {
  readonly toName: Map<string, Set<string>>;
  /** Those whose `$ref` is shown. */
  readonly linked: Map<string, Set<string>>;
}

/** Units for an ID that is collected and looked up. */
const unitsOfId = 20;

/** IDs that are collected without a pause. */
const idsInPart = 5_000;

/** Collects the IDs that references name, in parts. */
function* collectIds(
  { service, ctx }: Call,
  references: readonly Reference[],
  resources: readonly Stored<Attributes>[],
  shows: (path: string) => boolean,
  { toName, linked }: NamedIds,
): Generator<void> {
  let count = 0;
  for (const reference of references) {
    const { path } = reference.attribute;
    const { nameIn } = reference;
    const showsName = nameIn !== undefined && shows(`${path}.${nameIn}`);
    const showsUri = shows(`${path}.$ref`);
    if (!showsName && !showsUri) continue;
    for (const resource of resources) {
      for (const value of referenceValues(reference, resource)) {
        ctx.work.spend(unitsOfId);
        if (++count % idsInPart === 0) yield;
        const id = value['value'];
        if (typeof id !== 'string') continue;
        const types = typesOf(service, reference, value);
        const [only, ...others] = types;
        const hasUri = showsUri && only !== undefined && others.length === 0;
        if (hasUri) addTo(linked, only, id);
        if (hasUri || (showsName && value[nameIn] === undefined)) for (const type of types) addTo(toName, type, id);
      }
    }
  }
}

/** The values of a reference in a resource; a reference of an extension is inside the object of the extension. */
export function referenceValues(
  { attribute }: Pick<Reference, 'attribute'>,
  resource: Attributes,
): readonly Attributes[] {
  const container = attribute.parent === undefined ? resource : resource[attribute.parent.name];
  const value = isObject(container) ? container[attribute.name] : undefined;
  if (Array.isArray(value)) return value as readonly Attributes[];
  return isObject(value) ? [value] : [];
}

/**
 * One value of a reference with its `$ref` and display name. A reference that names no resource yet has neither: its URI
 * would be a 404.
 */
export function completeReference(
  { service, ctx }: Call,
  reference: Reference,
  value: Attributes,
  named: NamedResources | undefined,
): Attributes {
  const id = value['value'];
  if (typeof id !== 'string') return value;
  const completed: Record<string, unknown> = { ...value };
  const types = typesOf(service, reference, value);
  // The type of a pending member is unknown until its resource exists.
  const [only = ''] = types.length === 1 ? types : [];
  const target = service.byName.get(only);
  const exists = named?.names.get(only)?.has(id) === true || named?.unnamed.get(only)?.has(id) === true;
  if (target !== undefined && exists) completed['$ref'] = locationOf(target, id, ctx);
  const { nameIn } = reference;
  if (nameIn === undefined || completed[nameIn] !== undefined) return completed;
  for (const type of types) {
    const name = named?.names.get(type)?.get(id);
    if (name !== undefined) completed[nameIn] = name;
  }
  return completed;
}

// A member may be of any served type (RFC 9944 4), also of one that the schema of the RFC does not name.
function typesOf(service: Service, reference: Reference, value: Attributes): readonly string[] {
  const type = value['type'];
  if (typeof type === 'string' && service.byName.has(type)) return [type];
  return reference.types.filter((name) => service.byName.has(name));
}

function addTo(sets: Map<string, Set<string>>, type: string, id: string): void {
  const set = sets.get(type);
  if (set === undefined) sets.set(type, new Set([id]));
  else set.add(id);
}

/** Display names by type and ID, read from the stores of the types. */
function namesOf(call: Call, ids: IdsByType): Awaitable<NamedResources['names']> {
  const lookups: (readonly [string, Awaitable<ReadonlyMap<string, string>>])[] = [];
  for (const [type, typeIds] of ids) {
    const store = call.service.byName.get(type)?.store;
    if (store?.namesOf !== undefined) lookups.push([type, bounded(call, store.namesOf([...typeIds], call.ctx))]);
  }
  const found: (readonly [string, ReadonlyMap<string, string>])[] = [];
  for (const [type, names] of lookups) if (!isThenable(names)) found.push([type, names]);
  if (found.length === lookups.length) return new Map(found);
  return Promise.all(lookups.map(async ([type, names]) => [type, await names] as const)).then((all) => new Map(all));
}

/** More IDs without a name are not looked up, so that a page costs a bounded number of calls; their `$ref` is left out. */
const mostUnnamed = 1_000;

/** IDs in one query: each is a condition of its filter. */
const idsInQuery = 100;

/** Adds which of the linked IDs exist although they have no name: a resource needs none. */
function withUnnamed(call: Call, names: NamedResources['names'], linked: IdsByType): Awaitable<NamedResources> {
  const lookups: Promise<readonly [string, ReadonlySet<string>]>[] = [];
  for (const [type, ids] of linked) {
    const served = call.service.byName.get(type);
    const unnamed = [...ids].filter((id) => names.get(type)?.has(id) !== true).slice(0, mostUnnamed);
    if (served === undefined || unnamed.length === 0) continue;
    lookups.push(existing(call, served, unnamed).then((found) => [type, found] as const));
  }
  if (lookups.length === 0) return { names, unnamed: new Map() };
  return Promise.all(lookups).then((found) => ({ names, unnamed: new Map(found) }));
}

const noAttributes: Selection = new Set();

/** Which of the IDs are resources of the type. */
async function existing(call: Call, { type, store }: ServedType, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const id = type.attributes.get('id');
  const found = new Set<string>();
  for (let at = 0; id !== undefined && at < ids.length; at += idsInQuery) {
    const part = ids.slice(at, at + idsInQuery);
    if (store.supports?.filter === 'equals' || part.length === 1) {
      for (const one of part)
        if ((await bounded(call, store.get(one, noAttributes, call.ctx))) !== undefined) found.add(one);
      continue;
    }
    const filter = anyOf(part.map((value): Filter => ({ op: 'eq', attribute: refOf(id, false), value })));
    const holds = compileFilter(filter);
    const page = await bounded(
      call,
      store.list(
        {
          filter,
          equals: {},
          sort: [],
          reads: ['id'],
          page: { kind: 'index', offset: 0, limit: part.length },
          selection: noAttributes,
          matches: (resource) => holds(resource, call.ctx.work),
          compare: compileSort([]),
        },
        call.ctx,
      ),
    );
    for (const resource of page.resources) found.add(resource.id);
  }
  return found;
}
