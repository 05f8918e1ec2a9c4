/** Splits a comma-separated list of attribute names, `userName, emails.value`; empty items are dropped. */
export function splitAttributeNames(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
