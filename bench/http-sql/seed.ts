// Fills the tables by requests, so that it works whatever their columns are.
import { bulkBody, groupSchema } from './data.js';
import { load, openConnections, sendOnce, type Target } from './load.js';
import type { Data } from './work.js';

/** Creates the users 0 to `size - 1` by bulk requests, some at a time. */
export async function seedUsers(target: Target, size: number): Promise<Data> {
  const ids: string[] = Array.from({ length: size }, () => '');
  const perRequest = 200;
  let next = 0;
  const connections = await openConnections(target, 4);
  await load(connections, {
    milliseconds: Infinity,
    most: Math.ceil(size / perRequest),
    next: () => {
      const first = next;
      next += perRequest;
      const numbers = Array.from({ length: Math.min(perRequest, size - first) }, (_, i) => first + i);
      return { method: 'POST', path: '/Bulk', body: bulkBody(numbers), onResponse: (body) => readIds(body, ids) };
    },
  }).finally(connections.close);
  return { size, ids, groups: new Map(), counts: new Map() };
}

/** Creates a group of the first users. @returns its ID */
export async function seedGroup(target: Target, { ids }: Data, count: number): Promise<string> {
  const members = ids.slice(0, count).map((value) => ({ value }));
  const body = JSON.stringify({ schemas: [groupSchema], displayName: `Group of ${String(count)}`, members });
  const text = await sendOnce(target, { method: 'POST', path: '/Groups?excludedAttributes=members', body });
  return (JSON.parse(text) as { readonly id: string }).id;
}

function readIds(body: string, ids: string[]): void {
  const { Operations } = JSON.parse(body) as {
    readonly Operations: readonly { readonly bulkId: string; readonly location?: string; readonly status: string }[];
  };
  for (const { bulkId, location = '', status } of Operations) {
    if (status !== '201') throw new Error(`A creation of the seed returned ${status}: ${body.slice(0, 500)}`);
    ids[Number(bulkId)] = location.slice(location.lastIndexOf('/') + 1);
  }
}
