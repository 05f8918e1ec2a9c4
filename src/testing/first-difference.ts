/** Where two JSON values differ first, for a message: `[0].name.familyName is "a"; expected "b"`. */
export function firstDifference(actual: unknown, expected: unknown, display: (value: unknown) => string): string {
  const found = differenceAt(actual, expected, '');
  if (found === undefined) return 'is the same';
  const where = found.path === '' ? '' : `${found.path} `;
  return `${where}is ${display(found.actual)}; expected ${display(found.expected)}`;
}

interface Difference {
  readonly path: string;
  readonly actual: unknown;
  readonly expected: unknown;
}

function differenceAt(actual: unknown, expected: unknown, path: string): Difference | undefined {
  if (Object.is(actual, expected)) return undefined;
  const difference = { path, actual, expected };
  if (typeof actual !== 'object' || typeof expected !== 'object' || actual === null || expected === null) {
    return difference;
  }
  if (Array.isArray(actual) !== Array.isArray(expected)) return difference;
  const [left, right] = [actual as Readonly<Record<string, unknown>>, expected as Readonly<Record<string, unknown>>];
  const isList = Array.isArray(actual);
  for (const name of new Set([...Object.keys(right), ...Object.keys(left)])) {
    const found = differenceAt(
      left[name],
      right[name],
      isList ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`,
    );
    if (found !== undefined) return found;
  }
  return undefined;
}
