import { InvalidSyntaxError } from '../errors.js';
import type { AttributeTable } from './attribute.js';
import type { Reading } from './reading.js';

/**
 * Skips an attribute that the schema does not have, as a quirk.
 *
 * @throws InvalidSyntaxError in strict mode, where mistakes are not collected
 */
export function ignoreUnknown(table: AttributeTable, key: string, reading: Reading): void {
  const { type, useQuirk } = reading;
  const prefix = pathPrefix(table);
  if (type.unsupported.has((prefix + key).toLowerCase())) {
    if (useQuirk('unsupported-attribute')) return;
  } else if (table === type.attributes && key.includes(':')) {
    if (useQuirk('unknown-schema')) return;
  } else if (useQuirk('unknown-attribute')) {
    return;
  }
  refuseUnknown(prefix.slice(0, -1), key, reading);
}

/** A name (RFC 7643 2.1), or one with the URN of a schema. Only these are repeated in messages, to clients and in logs. */
const repeatable = /^[a-z$][\w$:.-]{0,99}$/i;

/**
 * Notes an attribute that no schema of the type has, so that the others are read too.
 *
 * @param parent path of what it is in; empty for the resource
 * @throws InvalidSyntaxError where mistakes are not collected
 */
export function refuseUnknown(parent: string, name: string, { type, mistakes }: Reading): void {
  const which = repeatable.test(name) ? `the attribute ${name}, which` : 'an attribute that';
  const message = `${parent === '' ? 'The body' : parent} has ${which} ${type.name} does not have.`;
  const path = parent === '' ? type.schema.id : parent;
  if (mistakes === undefined) throw new InvalidSyntaxError(message, [{ path, code: 'unknown', message }]);
  mistakes.addUnknown(path, message);
}

/** The path of what the attributes of a table are in, with the separator behind it. */
export function pathPrefix(table: AttributeTable): string {
  for (const attribute of table) return attribute.path.slice(0, attribute.path.length - attribute.name.length);
  return '';
}
