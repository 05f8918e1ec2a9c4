/** A value of a driver as plain JSON; undefined for null. */
export function plainValue(value: unknown): unknown {
  if (value === null) return undefined;
  if (value instanceof Date) return value.toISOString();
  if (Buffer.isBuffer(value)) return value.toString('utf8');
  return typeof value === 'bigint' ? Number(value) : value;
}

/** Whether the value of a driver is the one in the mapping. Drivers differ in how they return numbers and booleans. */
export function isSame(mapped: unknown, value: unknown): boolean {
  return (
    mapped === value || (mapped !== null && value !== null && value !== undefined && textOf(mapped) === textOf(value))
  );
}

/**
 * A boolean as drivers return it: SQLite and MySQL store 1 and 0, a text column of theirs holds '1' and '0', and a bit is a
 * byte. Undefined for anything else.
 */
export function readBoolean(value: unknown): boolean | undefined {
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'bigint':
      return value !== 0n;
    case 'number':
      return Number.isNaN(value) ? undefined : value !== 0;
    case 'string':
      return /^\d+(?:\.\d+)?$/.test(value) ? Number(value) !== 0 : undefined;
    default:
      return Buffer.isBuffer(value) && value.length === 1 && (value[0] === 0 || value[0] === 1)
        ? value[0] === 1
        : undefined;
  }
}

/** A value of a driver as a text. */
export function textOf(value: unknown): string {
  if (Buffer.isBuffer(value)) return value.toString('utf8');
  if (value instanceof Date) return value.toISOString();
  // Arrays and JSON, as pg returns them.
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return String(typeof value === 'boolean' ? Number(value) : value);
}
