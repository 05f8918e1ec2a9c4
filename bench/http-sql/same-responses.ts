// The baseline is only one if it returns what ours returns: a few responses are compared before anything is measured.
import { sendOnce } from './load.js';
import type { Data } from './work.js';

interface Side {
  readonly name: string;
  readonly port: number;
  readonly data: Data;
}

/** @throws Error with both texts, when a response differs in more than IDs, times, versions and addresses */
export async function compareResponses(baseline: Side, ours: Side, key: string): Promise<void> {
  const i = baseline.data.size - 1;
  const paths: readonly ((data: Data) => string)[] = [
    ({ ids }) => `/Users/${ids[i] ?? ''}`,
    () => `/Users?filter=${encodeURIComponent(`userName eq "user.${String(i)}@example.com"`)}`,
    () => `/Users?filter=${encodeURIComponent(`emails[type eq "work" and value eq "user.${String(i)}@example.com"]`)}`,
  ];
  for (const path of paths) {
    const [expected, actual] = await Promise.all(
      [baseline, ours].map(async ({ port, data }) =>
        comparable(await sendOnce({ port, key }, { method: 'GET', path: path(data) })),
      ),
    );
    if (expected !== actual) {
      throw new Error(`${ours.name} and the hand-written app differ:\n${String(actual)}\n${String(expected)}`);
    }
  }
}

/** The JSON without what differs from server to server, and with its keys in order. */
function comparable(text: string): string {
  const plain = text
    .replace(/http:\/\/[\d.:]+/g, '')
    .replace(/[\da-f]{8}-[\da-f]{4}-[1-8][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}/g, (id) =>
      id.startsWith('00000000') ? id : 'id',
    )
    .replace(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"time"')
    .replace(/W\/\\"[^"\\]*\\"/g, 'version');
  return JSON.stringify(sorted(JSON.parse(plain)), undefined, 1);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, each]) => [name, sorted(each)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
