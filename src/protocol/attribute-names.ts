/** `userName, emails.value` as a list of attribute names (RFC 7644 3.9), without empty ones. */
export function splitAttributeNames(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
