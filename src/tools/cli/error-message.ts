/** What an error says; not by `instanceof`, since errors of other realms, such as a test runner's, count too. */
export function messageOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { message, code } = error as { readonly message?: unknown; readonly code?: unknown };
  // Several failed connections in one have a code only.
  return [message, code].find((text): text is string => typeof text === 'string' && text !== '');
}
