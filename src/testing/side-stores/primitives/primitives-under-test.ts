import type { Awaitable } from '../../../contract/awaitable.js';
import { isObject } from '../../../contract/is-object.js';
import { nearest } from '../../../contract/nearest.js';
import { usageError } from '../../../contract/option-mistakes.js';
import type { StorePrimitives } from '../../../stores/over/primitives.js';
import { isOneOf, misspelledIn, of } from '../../check-options.js';

/**
 * New, empty primitives, and a second handle on the same storage. Return it from `create` of `testStorePrimitives`.
 *
 * @example
 * import type { StorePrimitives } from 'express-scim/stores';
 * import { type PrimitivesUnderTest, testStorePrimitives } from 'express-scim/testing';
 *
 * declare const openEmptyDatabase: () => Promise<string>;
 * declare const myPrimitives: (address: string) => StorePrimitives;
 *
 * async function create(): Promise<PrimitivesUnderTest> {
 *   const address = await openEmptyDatabase();
 *   return { primitives: myPrimitives(address), another: () => myPrimitives(address) };
 * }
 * testStorePrimitives({ name: 'my store', create });
 */
export interface PrimitivesUnderTest {
  readonly primitives: StorePrimitives;
  /**
   * Opens the same storage once more, as a second process does: with a connection of its own, and nothing in memory that
   * both share. Then the cases with concurrent calls alternate between both handles. Close both in `destroy`.
   */
  another?(): Awaitable<StorePrimitives>;
}

const page = 'testing-a-store.md#the-five-operations-under-storeover';

const operations: readonly (keyof StorePrimitives)[] = ['insert', 'find', 'replaceIf', 'remove', 'scan'];

/**
 * Checks what `create` of the suite of five operations returned, the operations alone or with `another`, and says which of
 * both it is.
 *
 * @throws TypeError that names every mistake
 */
export function primitivesUnderTestOf(created: unknown): PrimitivesUnderTest {
  if (!isObject(created)) throw usageError(of, 'create must return the five operations, or { primitives }', page);
  const isAlone = operations.some((name) => name in created);
  if (isAlone && !('primitives' in created)) {
    checkOperations(created, 'create returned');
    return { primitives: created as unknown as StorePrimitives };
  }
  const mistakes = misspelledIn(created, ['primitives', 'another']);
  if (created['breakAt'] !== undefined)
    mistakes.push('create returned breakAt, which only testUserStore uses: pass it there');
  if (created['primitives'] === undefined && mistakes.length === 0)
    mistakes.push('create must return the five operations, or { primitives }');
  if (created['another'] !== undefined && typeof created['another'] !== 'function')
    mistakes.push('create returned: another must be a function');
  if (mistakes.length > 0) throw usageError(of, mistakes, page);
  checkOperations(created['primitives'], 'create returned primitives');
  return created as unknown as PrimitivesUnderTest;
}

/**
 * Checks that all five operations are there.
 *
 * @param place what was returned: `another returned`
 * @throws TypeError that names those that are missing or misspelled
 */
export function checkOperations(value: unknown, place: string): void {
  const given: Readonly<Record<string, unknown>> = isObject(value) ? value : {};
  const names = isObject(value) ? Object.keys(value).filter((name) => !isOneOf(operations, name)) : [];
  const mistakes = operations
    .filter((name) => typeof given[name] !== 'function')
    .map((name) => {
      const written = names.find((each) => nearest(each, operations) === name);
      const instead = written === undefined ? '' : ` and with ${JSON.stringify(written)}: did you mean ${name}?`;
      return `${place} without the function ${name}${instead}`;
    });
  if (mistakes.length > 0) throw usageError(of, mistakes, page);
}
