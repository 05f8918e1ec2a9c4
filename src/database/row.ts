/** A row as a driver returns it: what a column holds is read with one of the functions below. */
export type Row<Column extends string> = Readonly<Record<Column, unknown>>;

/** The text of a column. MySQL and MariaDB return the values of binary columns as bytes. */
export function textOf(value: unknown): string {
  return Buffer.isBuffer(value) ? value.toString('utf8') : String(value);
}

/** The time of a column that holds milliseconds since 1970, which PostgreSQL returns as digits. */
export function dateOf(value: unknown): Date {
  return new Date(Number(value));
}
