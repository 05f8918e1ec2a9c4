import type { Attributes } from '../contract/attribute.js';
import { isObject } from '../contract/is-object.js';
import type { ResourceStore, Supports, UserStore } from '../contract/store.js';
import { isKept } from '../contract/supports.js';
import type { Extension, ResourceTypeOption, ScimRouterOptions } from '../options.js';
import { groupSchema } from '../schema/core/group.js';
import { userSchema } from '../schema/core/user.js';
import { compileResourceType, type ResourceType, type ResourceTypeDefinition } from '../schema/resource-type.js';
import { checkExtensions, readExtensionsByType } from './extensions.js';
import type { Mistakes } from './mistakes.js';
import { checkSchema } from './schema.js';
import { checkStore } from './store.js';
import { asObject, checkEnforced, type Operations, readOperations, readUnique } from './type-rules.js';

/** A resource type with the store that keeps it. */
export interface StoredType {
  readonly type: ResourceType;
  readonly store: ResourceStore<Attributes>;
  /** Names the store in messages: `store`, `store.groups`, `resourceTypes[0].store`. */
  readonly place: string;
  /** True where `members` is written as additions and removals: groups. */
  readonly memberDeltas: boolean;
  /** What clients can do with it. */
  readonly operations: Operations;
}

type TypeOptions = Pick<ScimRouterOptions, 'extensions' | 'resourceTypes' | 'password' | 'users' | 'groups'>;

const page = 'options.md#resourcetypes';

/** User, Group where the store has groups, and the resource types of the options; those without a mistake. */
export function readResourceTypes(store: UserStore, options: TypeOptions, mistakes: Mistakes): readonly StoredType[] {
  const extensions = readExtensionsByType(options.extensions, mistakes);
  const types: StoredType[] = [];
  const add = (
    definition: ResourceTypeDefinition,
    itsStore: object,
    storePlace: string,
    place: string,
    { given, at, explained }: GivenRules,
  ): void => {
    const operations = readOperations(given['operations'], `${at}.operations`, explained, mistakes);
    const unique = readUnique(given['unique'], `${at}.unique`, explained, mistakes);
    const type = compile({ ...definition, unique }, place, mistakes);
    if (type === undefined) return;
    const stored = asAny(itsStore);
    checkEnforced(unique, type, stored, `${at}.unique`, mistakes);
    const memberDeltas = storePlace === 'store.groups';
    types.push({ type, store: stored, place: storePlace, memberDeltas, operations });
  };
  const users = { given: asObject(options.users), at: 'users', explained: 'options.md#users' };
  const ofGroups = { given: asObject(options.groups), at: 'groups', explained: 'options.md#groups' };
  mistakes.expectNames(Object.keys(users.given), ['operations', 'unique'], 'users.', users.explained);
  const usable = checkStore(store, 'store', mistakes);
  const groups = usable ? store.groups : undefined;
  if (usable) add(userType(store, extensions.User, options.password), store, 'store', 'extensions.User', users);
  if (groups !== undefined && checkStore(groups, 'store.groups', mistakes)) {
    add(groupType(groups, extensions.Group), groups, 'store.groups', 'extensions.Group', ofGroups);
  }
  for (const { option, place } of readTypeOptions(options.resourceTypes, groups !== undefined, mistakes)) {
    add(customType(option), option.store, `${place}.store`, place, {
      given: asObject(option),
      at: place,
      explained: page,
    });
  }
  return types;
}

/** The `operations` and `unique` of a type as the host wrote them, where they stand, and the page about them. */
interface GivenRules {
  readonly given: Readonly<Record<string, unknown>>;
  readonly at: string;
  readonly explained: string;
}

/** In lower case: clients that ignore case must not reach another endpoint than they mean. */
const reservedEndpoints = ['/users', '/serviceproviderconfig', '/resourcetypes', '/schemas', '/bulk', '/me'];

/** The entries of `resourceTypes` that have no mistake. */
function* readTypeOptions(
  value: unknown,
  hasGroups: boolean,
  mistakes: Mistakes,
): Iterable<{ readonly option: ResourceTypeOption; readonly place: string }> {
  // Another kind is a mistake that is already named.
  if (!Array.isArray(value)) return;
  const names = new Set(hasGroups ? ['User', 'Group'] : ['User']);
  const endpoints = new Set([...reservedEndpoints, ...(hasGroups ? ['/groups'] : [])]);
  for (const [index, entry] of value.entries()) {
    const place = `resourceTypes[${String(index)}]`;
    const option = readTypeOption(entry, place, mistakes);
    if (option === undefined) continue;
    const { name, endpoint = `/${name}s` } = option;
    if (names.has(name)) {
      mistakes.add(`${place}.name ${JSON.stringify(name)} is taken by another resource type: write another.`, page);
    } else if (endpoints.has(endpoint.toLowerCase())) {
      mistakes.add(`${place}.endpoint ${JSON.stringify(endpoint)} is taken: write another.`, page);
    } else yield { option, place };
    names.add(name);
    endpoints.add(endpoint.toLowerCase());
  }
}

const typeOptionNames: Readonly<Record<keyof ResourceTypeOption, true>> = {
  name: true,
  endpoint: true,
  description: true,
  schema: true,
  extensions: true,
  store: true,
  operations: true,
  unique: true,
};

function readTypeOption(entry: unknown, place: string, mistakes: Mistakes): ResourceTypeOption | undefined {
  if (!isObject(entry)) {
    mistakes.add(`${place} must be an object: write { name, schema, store }.`, page);
    return undefined;
  }
  mistakes.expectNames(Object.keys(entry), Object.keys(typeOptionNames), `${place}.`, page);
  const { name, endpoint, description, extensions } = entry;
  const named = typeof name === 'string' && name !== '';
  if (!named) mistakes.add(`${place}.name must be a string, such as 'Device'.`, page);
  const addressed = !named || isEndpoint(endpoint === undefined ? `/${name}s` : endpoint);
  if (!addressed) mistakes.add(`${place}.endpoint must be a slash and one path segment, such as '/Devices'.`, page);
  const described = mistakes.expectKind(description, `${place}.description`, ['string'], page);
  const hasSchema = checkSchema(entry['schema'], `${place}.schema`, page, mistakes);
  const extended = checkExtensions(extensions, `${place}.extensions`, mistakes);
  const stored = checkStore(entry['store'], `${place}.store`, mistakes);
  const fine = named && addressed && described && hasSchema && extended && stored;
  return fine ? (entry as unknown as ResourceTypeOption) : undefined;
}

function isEndpoint(value: unknown): boolean {
  return typeof value === 'string' && /^\/[A-Za-z][A-Za-z0-9_-]*$/.test(value);
}

function compile(definition: ResourceTypeDefinition, place: string, mistakes: Mistakes): ResourceType | undefined {
  try {
    return compileResourceType(definition);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    mistakes.add(`${place}: ${error.message}`, 'resource-types.md');
    return undefined;
  }
}

function userType(
  store: UserStore,
  extensions: readonly Extension[],
  password: boolean | undefined,
): ResourceTypeDefinition {
  const kept = keptBy(store);
  // User.groups is derived from the groups, whatever the store of users keeps.
  const hasGroups = store.groups?.groupsOf !== undefined;
  return {
    name: 'User',
    endpoint: '/Users',
    description: 'User Account',
    schema: userSchema,
    extensions,
    keeps: (path) => {
      if (path === 'groups' || path.startsWith('groups.')) return hasGroups;
      return path === 'password' ? password === true && kept(path) : kept(path);
    },
  };
}

function groupType(store: NonNullable<UserStore['groups']>, extensions: readonly Extension[]): ResourceTypeDefinition {
  return {
    name: 'Group',
    endpoint: '/Groups',
    description: 'Group',
    schema: groupSchema,
    extensions,
    keeps: keptBy(store),
  };
}

function customType(option: ResourceTypeOption): ResourceTypeDefinition {
  const { name, endpoint = `/${name}s`, description, schema, extensions, store } = option;
  return { name, endpoint, description, schema, extensions, keeps: keptBy(store) };
}

/** Whether a store keeps an attribute: one that it names, one inside it, or one that holds it. */
function keptBy(store: { readonly supports?: Supports | undefined }): (path: string) => boolean {
  return (path) => isKept(store.supports, path);
}

// The operations see attributes by name; a store of users or groups sees them typed. Both are the same plain objects.
function asAny(store: object): ResourceStore<Attributes> {
  return store as ResourceStore<Attributes>;
}
