import type { Attributes, AttributeRef, Json } from '../../../contract/attribute.js';
import type { ChangeEvent } from '../../../contract/event.js';
import type { Filter, FilterValue, ListQuery, Page, PageRequest, SortKey } from '../../../contract/filter.js';
import { isObject } from '../../../contract/is-object.js';
import type { Stored } from '../../../contract/resource.js';
import type { Awaitable } from '../../../contract/awaitable.js';
import type { Change, Creation, Removal, ResourceStore, WriteResult } from '../../../contract/store.js';
import { isKept } from '../../../contract/supports.js';
import type { ScimContext } from '../../../contract/context.js';
import type { Attribute, AttributeTable } from '../../../schema/attribute.js';
import { normalize } from '../../../schema/normalize.js';
import type { ResourceType } from '../../../schema/resource-type.js';
import type { Checks } from '../../checks.js';
import { ctx, eventsOf, listQuery, type Seen } from '../../requests.js';
import type { Need } from '../../store-case.js';
import type { StoreCapabilities } from '../../store-under-test.js';
import { keptOf } from '../../supported-attributes.js';

/** A resource type, as the cases that hold for every type see it. */
export interface Kind<T extends Checks> {
  /** Begins the IDs of the cases: `group`. */
  readonly prefix: string;
  /** In sentences: `group`. */
  readonly noun: string;
  readonly needs: readonly Need[];
  readonly type: ResourceType;
  /**
   * The attributes of the nth resource: all that the type has, each with another value than in any other resource. Their
   * texts contain the number `n`.
   */
  example(n: number): Attributes;
  subject(t: T): Subject;
}

/** What a subject needs of its case. */
export interface SubjectParts {
  readonly checks: Checks;
  readonly store: ResourceStore<Attributes>;
  readonly capabilities: StoreCapabilities;
  /** True: all requests are of one tenant. */
  readonly oneTenant: boolean;
}

/** One resource type of an empty store, and shorthand for requests. */
export class Subject {
  readonly store: ResourceStore<Attributes>;
  readonly capabilities: StoreCapabilities;
  /** Top-level attributes that the store keeps of an example, without `members`. */
  readonly names: readonly string[];
  readonly selection: ReadonlySet<string>;
  readonly #kind: Pick<Kind<Checks>, 'type' | 'example'>;
  readonly #oneTenant: boolean;
  readonly #checks: Checks;

  constructor(kind: Pick<Kind<Checks>, 'type' | 'example'>, { checks, store, capabilities, oneTenant }: SubjectParts) {
    this.store = store;
    this.capabilities = capabilities;
    this.#kind = kind;
    this.#oneTenant = oneTenant;
    this.#checks = checks;
    this.names = Object.keys(this.example(0));
    this.selection = new Set(this.names);
  }

  ctx(tenant = 'acme'): ScimContext {
    return ctx(this.#oneTenant ? 'default' : tenant);
  }

  /** What the store keeps of the nth example. */
  example(n: number): Attributes {
    const { type, example } = this.#kind;
    const required = (name: string): boolean => type.attributes.get(name)?.required === true;
    const all = example(n);
    const kept = keptOf(this.store.supports, all);
    return Object.fromEntries(
      Object.entries({ ...Object.fromEntries(Object.entries(all).filter(([name]) => required(name))), ...kept }).filter(
        ([name, value]) => required(name) || !isObject(value) || Object.keys(value).length > 0,
      ),
    );
  }

  /** The part of the nth example that a resource must have. */
  required(n: number): Attributes {
    const { type } = this.#kind;
    return Object.fromEntries(
      Object.entries(this.example(n)).filter(([name]) => type.attributes.get(name)?.required === true),
    );
  }

  /** Top-level attributes that can be unassigned. */
  get optional(): readonly string[] {
    return this.names.filter((name) => this.#kind.type.attributes.get(name)?.required !== true);
  }

  /** Attributes with one text, that of the example: top-level ones, and those inside complex ones and extensions. */
  get texts(): readonly Attribute[] {
    const example = this.example(0);
    return [...leaves(this.#kind.type.attributes)].filter(
      (attribute) =>
        attribute.type === 'string' && !isInsideMany(attribute) && typeof valueAt(example, attribute) === 'string',
    );
  }

  /** Attributes of these types with one value, that of the example. */
  typed(types: readonly Attribute['type'][]): readonly Attribute[] {
    const example = this.example(0);
    return [...leaves(this.#kind.type.attributes)].filter(
      (attribute) =>
        types.includes(attribute.type) && !isInsideMany(attribute) && valueAt(example, attribute) !== undefined,
    );
  }

  /** The kept text attributes, of which the case needs this many. */
  needTexts(count: number): readonly Attribute[] {
    const { texts } = this;
    if (texts.length < count) this.#checks.skip(`the store keeps ${String(texts.length)} of ${String(count)} texts`);
    return texts;
  }

  /** Unique attributes that the store enforces. */
  get unique(): readonly Attribute[] {
    const { keys } = this.store.supports ?? {};
    const example = this.example(0);
    return this.#kind.type.unique.filter(
      (attribute) =>
        (keys === undefined || keys.includes(attribute.path)) &&
        isKept(this.store.supports, attribute.path) &&
        typeof valueAt(example, attribute) === 'string',
    );
  }

  creation(attributes: Attributes, seen?: Seen): Creation<Attributes> & { readonly check?: undefined } {
    const keys: Record<string, string> = {};
    for (const attribute of this.#kind.type.unique) {
      const value = valueAt(attributes, attribute);
      if (typeof value === 'string') keys[attribute.path] = normalize(attribute, value);
    }
    return { ...this.#written(seen), resource: attributes, keys, selection: this.selection };
  }

  change(
    set: Attributes,
    more: { readonly unset?: readonly string[]; readonly ifVersion?: string } = {},
    seen?: Seen,
  ): Change<Attributes> & { readonly check?: undefined } {
    const { unset = [], ifVersion } = more;
    const keys: Record<string, string | null> = {};
    for (const attribute of this.#kind.type.unique) {
      const [top = ''] = attribute.keys;
      if (!Object.hasOwn(set, top) && !unset.includes(top)) continue;
      const value = valueAt(set, attribute);
      keys[attribute.path] = typeof value === 'string' ? normalize(attribute, value) : null;
    }
    return { ...this.#written(seen), set, unset: [...unset], ifVersion, keys, selection: this.selection };
  }

  removal(ifVersion?: string, seen?: Seen): Removal<Attributes> & { readonly check?: undefined } {
    return { ...this.#written(seen), ifVersion };
  }

  #written(seen: Seen | undefined) {
    return { events: eventsOf(seen), caseExact: this.#kind.type.caseExact };
  }

  /** Creates a resource with the nth example, or with these attributes. */
  async add(n: number, attributes: Attributes = this.example(n), tenant?: string): Promise<Stored<Attributes>> {
    return (await this.store.create(this.creation(attributes), this.ctx(tenant))).resource;
  }

  /** Creates `count` resources, from the first example on. */
  async addMany(count: number, tenant?: string): Promise<readonly Stored<Attributes>[]> {
    const made: Stored<Attributes>[] = [];
    for (let n = 0; n < count; n++) made.push(await this.add(n, this.example(n), tenant));
    return made;
  }

  read(id: string, tenant?: string): Awaitable<Stored<Attributes> | undefined> {
    return this.store.get(id, this.selection, this.ctx(tenant));
  }

  update(
    id: string,
    set: Attributes,
    more: { readonly unset?: readonly string[]; readonly ifVersion?: string; readonly tenant?: string } = {},
    seen?: Seen,
  ): Awaitable<WriteResult<Attributes> | undefined> {
    return this.store.update(id, this.change(set, more, seen), this.ctx(more.tenant));
  }

  /** Whether there was such a resource. */
  async remove(id: string, ifVersion?: string, tenant?: string, seen?: Seen): Promise<boolean> {
    const result = await this.store.delete(id, this.removal(ifVersion, seen), this.ctx(tenant));
    return wasDeleted(result);
  }

  list(
    what: {
      readonly filter?: Filter;
      readonly sort?: readonly SortKey[];
      readonly page?: PageRequest;
      readonly selection?: ReadonlySet<string>;
    } = {},
    tenant?: string,
  ): Awaitable<Page<Attributes>> {
    const query: ListQuery<Attributes> = listQuery<Attributes>({ selection: this.selection, ...what });
    return this.store.list(query, this.ctx(tenant));
  }

  /** IDs that a query finds. */
  async ids(what: Parameters<Subject['list']>[0] = {}, tenant?: string): Promise<readonly string[]> {
    return (await this.list(what, tenant)).resources.map(({ id }) => id);
  }

  /** Everything that a write could have left behind. */
  async everything(): Promise<unknown> {
    return { resources: byId((await this.list()).resources), outbox: await this.outbox() };
  }

  outbox(): Awaitable<readonly ChangeEvent[] | undefined> {
    return this.capabilities.outbox?.();
  }
}

/** Resources by their IDs, so that a difference names the resource, whatever the order of the list. */
export function byId<R extends { readonly id: string }>(resources: readonly R[]): Readonly<Record<string, R>> {
  return Object.fromEntries(resources.map((resource) => [resource.id, resource]));
}

/** Whether `delete` found the resource. */
export function wasDeleted(result: object | null | undefined): boolean {
  return result !== undefined && result !== null;
}

/** The value of an attribute that has one. */
export function valueAt(attributes: Attributes, { keys }: Pick<AttributeRef, 'keys'>): unknown {
  let value: unknown = attributes;
  for (const key of keys) value = isObject(value) ? value[key] : undefined;
  return value;
}

/** The attributes with another value at the place of an attribute; what is beside it in a complex one stays. */
export function withText(attributes: Attributes, attribute: AttributeRef, text: string): Attributes {
  return withValue(attributes, attribute, text);
}

/** The same for a value of any type. */
export function withValue(attributes: Attributes, { keys: [top = '', ...inner] }: AttributeRef, set: Json): Attributes {
  const replaced = (value: unknown, [key, ...rest]: readonly string[]): Json =>
    key === undefined
      ? set
      : {
          ...(isObject(value) ? (value as Record<string, Json>) : {}),
          [key]: replaced(isObject(value) ? value[key] : undefined, rest),
        };
  return { ...attributes, [top]: replaced(attributes[top], inner) };
}

/** The condition on an attribute with one of its values, as filters compare it. */
export function condition(
  op: 'eq' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le',
  attribute: AttributeRef,
  value: FilterValue,
): Filter {
  return { op, attribute, value: typeof value === 'string' ? normalize(attribute, value) : value };
}

function* leaves(table: AttributeTable): Iterable<Attribute> {
  for (const attribute of table) {
    if (attribute.mutability === 'readOnly' || attribute.returned === 'never') continue;
    if (attribute.attributes.size > 0) yield* leaves(attribute.attributes);
    else yield attribute;
  }
}

function isInsideMany(attribute: Attribute): boolean {
  for (let each: Attribute | undefined = attribute; each !== undefined; each = each.parent) {
    if (each.multiValued) return true;
  }
  return false;
}
