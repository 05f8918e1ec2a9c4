import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RequestWork } from '../../src/operations/request-work.js';
import { quotedReferences, readBulk, type BulkOperation } from '../../src/protocol/bulk.js';
import { BulkOrder } from '../../src/protocol/bulk-order.js';
import { random } from '../random.js';

const ids = (text: string): string[] => quotedReferences(text).map(({ bulkId }) => bulkId);

describe('references in a text', () => {
  it('are those that the grammar of JSON strings gives', () => {
    const piece = fc.constantFrom('"bulkId:', '"', '\\', '\\"', 'a', 'bulkId:', ' ');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const text = pieces.join('');
        const expected = [...text.matchAll(/"bulkId:((?:[^"\\]|\\[^])*)"/g)].map(([, bulkId]) => bulkId);
        expect(ids(text)).toEqual(expected);
      }),
      random(500),
    );
  });

  it('are found in one pass over strings that are never closed', () => {
    expect(ids('\\"bulkId:'.repeat(100_000))).toEqual([]);
  });

  it('are charged by the length of the texts', async () => {
    const work = new RequestWork(10_000, Number.POSITIVE_INFINITY);
    const operation = { method: 'POST', path: '/Users', bulkId: 'a', data: { title: 'x'.repeat(100_000) } };
    const body = { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations: [operation] };
    await expect(readBulk(body, 10, { useQuirk: () => true, work })).rejects.toMatchObject({ scimType: 'tooMany' });
  });
});

it('may pause before each operation is read', async () => {
  let pauses = 0;
  const work = { spend: () => undefined, pause: () => void pauses++ };
  const Operations = Array.from({ length: 5 }, (_, i) => ({ method: 'DELETE', path: `/Users/${String(i)}` }));
  const body = { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations };
  const { operations } = await readBulk(body, 10, { useQuirk: () => true, work });
  expect(operations.map(({ path }) => path)).toEqual(Operations.map(({ path }) => path));
  expect(pauses).toBe(5);
});

describe('the order of a bulk request', () => {
  const operation = (bulkId: string, ...references: string[]): BulkOperation => ({
    method: 'POST',
    path: '/Groups',
    bulkId,
    version: undefined,
    data: {},
    references: new Set(references),
    problem: undefined,
  });
  /** The order in which the operations run; those that run without their references are in brackets. */
  const run = (...operations: readonly BulkOperation[]): string => {
    const order = new BulkOrder(operations, new Set(operations.map(({ bulkId }) => bulkId ?? '')));
    const done: string[] = [];
    for (;;) {
      const [next] = order.peek(1);
      if (next !== undefined) order.take(1);
      const index = next ?? order.takeWaiting();
      const bulkId = index === undefined ? undefined : operations[index]?.bulkId;
      if (bulkId === undefined) return done.join(' ');
      done.push(next === undefined ? `[${bulkId}]` : bulkId);
      order.finish(bulkId);
    }
  };

  it('is that of the request where nothing waits', () =>
    expect(run(operation('a'), operation('b'), operation('c', 'a'))).toBe('a b c'));

  it('comes back to what has waited after the rest of the request', () =>
    expect(run(operation('a', 'c'), operation('b', 'a'), operation('c'), operation('d'))).toBe('c d a b'));

  it('reverses a reverse chain', () =>
    expect(run(operation('a', 'b'), operation('b', 'c'), operation('c'))).toBe('c b a'));

  it('breaks a ring at its first creation', () =>
    expect(run(operation('a', 'b'), operation('b', 'c'), operation('c', 'a'))).toBe('[a] c b'));

  it('looks at each reference of a complete graph once', () => {
    const names = Array.from({ length: 400 }, (_, i) => `g${String(i)}`);
    let looks = 0;
    const operations = names.map((name) => {
      const references = new Set(names.filter((other) => other !== name));
      const iterate = references[Symbol.iterator].bind(references);
      references[Symbol.iterator] = () => {
        looks += references.size;
        return iterate();
      };
      return { ...operation(name), references };
    });
    expect(run(...operations).split(' ')).toHaveLength(400);
    expect(looks).toBe(400 * 399);
  });
});
