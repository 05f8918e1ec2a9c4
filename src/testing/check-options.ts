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
import type { SuiteOptions } from './suite.js';

const of = 'store test suite';
const page = 'testing-a-store.md';

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
  const members = Object.entries(created);
  const known = members.filter(([name]) => capabilityNames.includes(name));
  const misspelled = members.flatMap(([name]) => {
    if (name === 'store' || name.length < shortestName || capabilityNames.includes(name)) return [];
    const meant = nearest(name, capabilityNames);
    return meant === undefined ? [] : [`create returned ${JSON.stringify(name)}: did you mean ${meant}?`];
  });
  const mistakes = [...misspelled, ...mistakesIn(Object.fromEntries(known), capabilityKinds, 'create returned: ')];
  if (mistakes.length > 0) throw usageError(of, mistakes, page);
}

// The fewest letters of a capability.
const shortestName = 6;
