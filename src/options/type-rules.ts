import { isObject } from '../contract/is-object.js';
import type { Supports } from '../contract/store.js';
import type { Access } from '../hooks.js';
import type { ResourceType } from '../schema/resource-type.js';
import type { Mistakes } from './mistakes.js';

/** What clients may do with the resources of a type. */
export type Operations = ReadonlySet<Access['operation']>;

const operationNames: Readonly<Record<Access['operation'], true>> = {
  create: true,
  read: true,
  query: true,
  replace: true,
  patch: true,
  delete: true,
};

/** Every operation: what a type offers that does not list its operations. */
export const allOperations: Operations = new Set(Object.keys(operationNames).filter(isOperation));

function isOperation(name: unknown): name is Access['operation'] {
  return typeof name === 'string' && Object.hasOwn(operationNames, name);
}

/** The `operations` of a type; all where it lists none. */
export function readOperations(value: unknown, place: string, page: string, mistakes: Mistakes): Operations {
  if (value === undefined) return allOperations;
  const names: readonly unknown[] = Array.isArray(value) ? value : [];
  const known = names.filter(isOperation);
  if (known.length === 0 || known.length < names.length) {
    mistakes.add(`${place} must be a list of ${Object.keys(operationNames).join(', ')}, not empty.`, page);
    return allOperations;
  }
  return new Set(known);
}

/** The `unique` attributes of a type; none by default. */
export function readUnique(value: unknown, place: string, page: string, mistakes: Mistakes): readonly string[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) {
    const paths = (value as readonly unknown[]).filter((path) => typeof path === 'string');
    if (paths.length === value.length) return paths;
  }
  mistakes.add(`${place} must be a list of attribute names, such as ['externalId'].`, page);
  return [];
}

/** The store must have an index that decides: uniqueness that nobody enforces must not be announced. */
export function checkEnforced(
  unique: readonly string[],
  type: ResourceType,
  store: { readonly supports?: Supports | undefined },
  place: string,
  mistakes: Mistakes,
): void {
  const enforced = store.supports?.keys?.map((path) => path.toLowerCase());
  for (const path of unique) {
    if (enforced === undefined || enforced.includes(path.toLowerCase())) continue;
    const remedy = 'Create a unique index and name it to the store, or leave the attribute out.';
    mistakes.add(`${place}: the store of ${type.name} does not keep ${path} unique. ${remedy}`, 'stores.md');
  }
}

/** The option as an object; anything else is a mistake that is already named. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}
