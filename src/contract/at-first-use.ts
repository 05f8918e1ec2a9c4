/**
 * Makes a value when it is used for the first time, and keeps it: for what few requests need and the start of the app
 * should not wait for, such as a regular expression with Unicode properties.
 */
export function atFirstUse<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
