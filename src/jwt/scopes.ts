import { scopes as knownScopes } from '../auth/parse-actor.js';
import type { Scope } from '../contract/context.js';

/** Scopes of a client; undefined: everything. */
type Scopes = readonly Scope[] | undefined;

/**
 * The scopes in a `scope` parameter or claim (RFC 6749 3.3); undefined where one of them is unknown, or none is there.
 */
export function parseScope(text: string): readonly Scope[] | undefined {
  const names = text.split(' ').filter((name) => name !== '');
  const scopes = knownScopes.filter((scope) => names.includes(scope));
  return names.length > 0 && scopes.length === new Set(names).size ? scopes : undefined;
}

/** Whether one list of scopes permits everything that another one does. */
export function covers(wide: Scopes, narrow: readonly Scope[]): boolean {
  return wide === undefined || narrow.every((scope) => wide.some((each) => includes(each, scope)));
}

/** What both lists permit. */
export function scopesInBoth(first: Scopes, second: Scopes): Scopes {
  if (first === undefined) return second;
  if (second === undefined) return first;
  const permitted = (scope: Scope, scopes: readonly Scope[]): boolean => scopes.some((each) => includes(each, scope));
  return knownScopes.filter(
    (scope) => permitted(scope, first) && permitted(scope, second) && (first.includes(scope) || second.includes(scope)),
  );
}

/** Whether a scope permits what another one does: `read` includes `users:read`. */
function includes(wide: Scope, narrow: Scope): boolean {
  return wide === narrow || narrow.endsWith(`:${wide}`);
}
