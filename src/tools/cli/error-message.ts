/** The message of an error; not by `instanceof`, which fails for errors of other realms, such as a test runner's. */
export function messageOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { message, code } = error as { readonly message?: unknown; readonly code?: unknown };
  // An AggregateError of several failed connections has a code only.
  return [message, code].find((text): text is string => typeof text === 'string' && text !== '');
}
