import { isObject } from '../contract/is-object.js';
import { nearest } from '../contract/nearest.js';
import {
  checkOptions,
  mistakesIn,
  type NamedKinds,
  type OptionKind,
  type OptionRules,
  usageError,
} from '../contract/option-mistakes.js';
import type { StorePrimitives } from '../stores/over/primitives.js';
import type { PrimitivesUnderTest } from './side-stores/primitives/primitives-context.js';
import type { StoreUnderTest } from './store-under-test.js';
import type { SuiteOptions } from './suite.js';

const of = 'store test suite';
const page = 'testing-a-store.md';
const anchor = `${page}#the-five-operations-under-storeover`;

/** The names of further options of a suite, each with what its value may be. */
export type FurtherKinds = Readonly<Record<string, OptionKind | readonly OptionKind[]>>;

const commonKinds: Readonly<Record<keyof SuiteOptions<unknown> | 'runner', OptionKind>> = {
  name: 'string',
  create: 'function',
  destroy: 'function',
  only: 'list of strings',
  timeoutMilliseconds: 'positive number',
  runner: { methods: ['describe', 'it'] },
};

const capabilityKinds: NamedKinds<keyof Omit<StoreUnderTest, 'store'>> = {
  kinds: {
    another: 'function',
    anyAttribute: 'boolean',
    breakAt: 'function',
    contentVersions: 'boolean',
    exactText: 'boolean',
    foreignWrite: 'function',
    longText: 'boolean',
    nestedGroups: 'boolean',
    outbox: 'function',
    valueOrder: 'boolean',
  },
};
const capabilityNames = Object.keys(capabilityKinds.kinds);

/**
 * Checks the options of a suite. A misspelled one would leave cases out, and the suite would pass.
 *
 * @throws TypeError that names every mistake
 */
export function checkSuiteOptions(
  options: unknown,
  further: FurtherKinds = {},
  required: readonly string[] = [],
): void {
  const rules: OptionRules<string> = {
    of,
    page,
    required: ['name', 'create', ...required],
    kinds: { ...commonKinds, ...further },
  };
  checkOptions(options, rules, ({ capabilities }) =>
    isObject(capabilities) ? mistakesIn(capabilities, capabilityKinds, 'capabilities.') : [],
  );
}

/**
 * Checks what `create` returned with a store. Other members belong to the app, unless they look like a capability that is
 * misspelled.
 *
 * @throws TypeError that names every mistake
 */
export function checkUnderTest(created: object): void {
  const known = Object.entries(created).filter(([name]) => capabilityNames.includes(name));
  const mistakes = [
    ...misspelledIn(created, capabilityNames, ['store']),
    ...mistakesIn(Object.fromEntries(known), capabilityKinds, 'create returned: '),
  ];
  if (mistakes.length > 0) throw usageError(of, mistakes, page);
}

const operations: readonly (keyof StorePrimitives)[] = ['insert', 'find', 'replaceIf', 'remove', 'scan'];

/**
 * Checks what `create` of the suite of five operations returned, the operations alone or with `another`, and says which of
 * both it is.
 *
 * @throws TypeError that names every mistake
 */
export function primitivesUnderTestOf(created: unknown): PrimitivesUnderTest {
  if (!isObject(created)) throw usageError(of, 'create must return the five operations, or { primitives }', anchor);
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
  if (mistakes.length > 0) throw usageError(of, mistakes, anchor);
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
  if (mistakes.length > 0) throw usageError(of, mistakes, anchor);
}

/** Members that look like a known one. Others belong to the app. */
function misspelledIn(created: object, known: readonly string[], others: readonly string[] = []): string[] {
  return Object.keys(created).flatMap((name) => {
    if (name.length < shortestName || isOneOf(known, name) || isOneOf(others, name)) return [];
    const meant = nearest(name, known);
    return meant === undefined ? [] : [`create returned ${JSON.stringify(name)}: did you mean ${meant}?`];
  });
}

function isOneOf(names: readonly string[], name: string): boolean {
  return names.includes(name);
}

// The fewest letters of a capability.
const shortestName = 6;

/**
 * Checks that each text in `only` selects a case. A misspelled one would leave cases out, and the suite would pass.
 *
 * @throws TypeError that names those that select none
 */
export function checkOnly(only: readonly string[] | undefined, ids: readonly string[]): void {
  if (only === undefined) return;
  const unknown = only.filter((begin) => !ids.some((id) => id.startsWith(begin)));
  if (unknown.length === 0 && only.length > 0) return;
  const what = unknown.length === 0 ? 'an empty list' : unknown.map((each) => JSON.stringify(each)).join(', ');
  throw usageError(of, `only selects no case with ${what}: write IDs of cases, or how they begin`, page);
}
