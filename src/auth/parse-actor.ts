import type { Actor, Scope } from '../contract/context.js';
import { describe } from '../contract/describe.js';
import { isObject } from '../contract/is-object.js';
import { fieldNames, isAbsent, readBoolean } from '../contract/row-values.js';

/** Every scope. */
export const scopes: readonly Scope[] = ['read', 'write', 'users:read', 'users:write', 'groups:read', 'groups:write'];
/** What scopes must be, for messages. */
export const scopesExpected = `a list that contains only ${scopes.join(', ')}`;
const scopeSet: ReadonlySet<unknown> = new Set(scopes);

/** What `authenticate` returned, as an actor; no actor for 401. */
export interface ParsedActor {
  readonly actor: Actor | undefined;
  /** What is wrong with a value that is neither an actor nor empty, without any part of it. */
  readonly problem?: string | undefined;
}

const nobody: ParsedActor = { actor: undefined };

/** Names that somebody may have written for a field that restricts the client, in lower case without separators. */
// cspell:disable
const misspelled: Readonly<Record<string, keyof Actor>> = {
  scope: 'scopes',
  scopes: 'scopes',
  permissions: 'scopes',
  tenant: 'tenant',
  tenantid: 'tenant',
  enabled: 'enabled',
  isenabled: 'enabled',
  disabled: 'enabled',
};
// cspell:enable

/**
 * Parses what `authenticate` returned. `undefined`, `null` and `false` are nobody.
 *
 * Everything but an object with a non-empty string `id` and readable fields is a problem, and nobody: a client is never
 * let in, or given more than its scopes, because a field could not be read.
 */
export function parseActor(value: unknown): ParsedActor {
  if (value === undefined || value === null || value === false) return nobody;
  if (!isObject(value)) return problem(`${describe(value)}`);
  const { id, tenant, scopes: given, enabled, data } = value;
  if (typeof id !== 'string' || id === '') return problem('an object without a non-empty string as id');
  // This runs for each request, and `for in` takes a fifth of the time of a list of the keys.
  for (const name in value) {
    if (isField(name)) continue;
    const meant = meantBy(name);
    if (meant !== undefined) return problem(`an actor with the field ${name}, which must be named ${meant}`);
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) {
    const name = fieldNames(value).find((each) => !isField(each) && meantBy(each) !== undefined);
    if (name !== undefined)
      return problem(`an actor with the field ${name}, which must be named ${String(meantBy(name))}`);
  }
  if (!isAbsent(tenant) && !isTenant(tenant)) {
    if (typeof tenant !== 'string' || tenant === '') return problem(`an actor whose tenant is ${describe(tenant)}`);
    return problem(`an actor whose tenant has more than ${String(tenantCharacters)} characters, which is the limit`);
  }
  if (!isAbsent(given) && !isScopes(given))
    return problem('an actor with invalid scopes, which must be a list of scopes such as read or users:write');
  const isEnabled = isAbsent(enabled) ? undefined : readBoolean(enabled);
  if (isEnabled === undefined && !isAbsent(enabled)) return problem(`an actor whose enabled is ${describe(enabled)}`);
  // The object itself where nothing has to be changed: hooks find there what the app put there.
  if (tenant !== null && given !== null && enabled === isEnabled) return { actor: value as unknown as Actor };
  return { actor: { id, tenant: tenant ?? undefined, scopes: given ?? undefined, enabled: isEnabled, data } };
}

function meantBy(name: string): keyof Actor | undefined {
  return misspelled[name.toLowerCase().replaceAll(/[_-]/g, '')];
}

function isField(name: string): boolean {
  return name === 'id' || name === 'tenant' || name === 'scopes' || name === 'enabled' || name === 'data';
}

function problem(text: string): ParsedActor {
  return { actor: undefined, problem: text };
}

/** How many characters a tenant may have: the columns of all SQL tables hold so many. */
export const tenantCharacters = 100;

/** Whether a value can be a tenant. A database would refuse a longer one in each write, or cut it: another tenant. */
export function isTenant(value: unknown): value is string {
  if (typeof value !== 'string' || value === '') return false;
  // Databases count code points.
  return value.length <= tenantCharacters || Array.from(value).length <= tenantCharacters;
}

/** Whether a value is a list of known scopes. An empty list permits nothing. */
export function isScopes(value: unknown): value is readonly Scope[] {
  return Array.isArray(value) && value.every((scope) => scopeSet.has(scope));
}
