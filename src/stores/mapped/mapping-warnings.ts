import type { Kysely } from 'kysely';
import type { Dialect } from '../../database/dialect.js';
import { inspectMapping } from './inspect.js';
import type { Mapping } from './mapping.js';

/**
 * Reports the warnings of `inspectMapping` about the mapping of users.
 *
 * @param onWarning default: a process warning, once for each mapping
 */
export async function warnOfMapping(
  db: Kysely<unknown>,
  users: Mapping,
  dialect: Dialect,
  onWarning: (warning: string) => void = emitOnce(users),
): Promise<void> {
  // A table that cannot be inspected fails in the first statement.
  const warnings = await inspectMapping(db, users, { dialect }).catch(() => []);
  for (const warning of warnings) onWarning(warning);
}

const emitted = new WeakMap<Mapping, Set<string>>();

/** `createSideTables` and the store warn of the same. */
function emitOnce(mapping: Mapping): (warning: string) => void {
  const known = emitted.get(mapping) ?? new Set<string>();
  emitted.set(mapping, known);
  return (warning) => {
    if (known.has(warning)) return;
    known.add(warning);
    process.emitWarning(warning, { type: 'ExpressScimWarning', code: 'SCIM_MAPPING' });
  };
}
