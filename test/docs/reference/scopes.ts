import type { Subpath } from './exports.js';

/** The scopes that the type `Scope` names. */
export function scopesIn({ exports }: Subpath): readonly string[] {
  const { signature = '' } = exports.find(({ name }) => name === 'Scope') ?? {};
  return [...signature.matchAll(/'([a-z:]+)'/g)].map(([, scope = '']) => scope);
}
