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
import type { StoreUnderTest } from './store-under-test.js';

/** What the mistakes are in. */
export const of = 'store test suite';
const page = 'testing-a-store.md';

/** The names of further options of a suite, each with what its value may be. */
export type FurtherKinds = Readonly<Record<string, OptionKind | readonly OptionKind[]>>;

// Those of SuiteOptions, whose file imports this one, and the runner.
const commonKinds: FurtherKinds = {
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

/** Members that look like a known one. Others belong to the app. */
export function misspelledIn(created: object, known: readonly string[], others: readonly string[] = []): string[] {
  return Object.keys(created).flatMap((name) => {
    if (name.length < shortestName || isOneOf(known, name) || isOneOf(others, name)) return [];
    const meant = nearest(name, known);
    return meant === undefined ? [] : [`create returned ${JSON.stringify(name)}: did you mean ${meant}?`];
  });
}

export function isOneOf(names: readonly string[], name: string): boolean {
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
