import type { Awaitable } from '../contract/awaitable.js';
import type { Supports, UserStore } from '../contract/store.js';
import { isKept } from '../contract/supports.js';
import { Bench, ContractViolation, type Need, type StoreCase, type StoreUnderTest } from './case.js';
import { allCases } from './cases/index.js';
import { SkippedCase } from './skipped.js';

/** What `testUserStore` and `runStoreCases` are given. */
export interface StoreTestOptions {
  /** What the store is called in the report. */
  readonly name: string;
  /** Makes a new, EMPTY store for each case: the store, or the store with what the cases may do to it. */
  create(): Awaitable<UserStore | StoreUnderTest>;
  /** Takes it away again. */
  destroy?: ((store: UserStore) => Awaitable<void>) | undefined;
  /** What of the store cannot be read from `supports`; the same as beside the store in what `create` gives. */
  readonly capabilities?: Partial<Omit<StoreUnderTest, 'store'>> | undefined;
  /** How many random filters are compared with the library's own evaluator, where fast-check is installed. Default 100. */
  readonly randomRuns?: number | undefined;
  /** Ids of cases, or beginnings of ids. Default: all. */
  readonly only?: readonly string[] | undefined;
}

/** What became of one case. */
export interface CaseResult {
  readonly case: StoreCase;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** What the store did, what the contract says, why it matters. Of a skipped case: what it lacks; of a passed one: what the card says. */
  readonly message?: string | undefined;
  readonly milliseconds: number;
}

/** The cases that were asked for. */
export function chosenCases({
  only,
  randomRuns = 100,
}: Pick<StoreTestOptions, 'only' | 'randomRuns'>): readonly StoreCase[] {
  return allCases(randomRuns).filter(({ id }) => only === undefined || only.some((each) => id.startsWith(each)));
}

/**
 * Runs one case over a new store, and answers what the card is to say of it.
 *
 * @throws SkippedCase where the store lacks what the case needs
 * @throws ContractViolation whose message says what the store did, what the contract says, and why it matters
 */
export async function runCase(one: StoreCase, options: StoreTestOptions): Promise<string | undefined> {
  const made = await options.create();
  const given: StoreUnderTest = { ...options.capabilities, ...('store' in made ? made : { store: made }) };
  try {
    const missing = one.needs.filter((need) => !has(given, need));
    if (missing.length > 0) throw new SkippedCase(`the store has no ${missing.join(', no ')}`);
    const bench = new Bench(given);
    await one.run(bench);
    return bench.note;
  } catch (error) {
    if (error instanceof SkippedCase) throw error;
    const did = error instanceof Error ? error.message : String(error);
    const violation = new ContractViolation(
      `${one.id}\n  What the store did:     ${did}\n  What the contract says: ${one.title}\n  Why it matters:         ${one.why}`,
    );
    if (!(error instanceof ContractViolation)) violation.cause = error;
    throw violation;
  } finally {
    await options.destroy?.(given.store);
  }
}

function isAttribute(need: Need): need is `attribute:${string}` {
  return need.startsWith('attribute:');
}

function has(given: StoreUnderTest, need: Need): boolean {
  const { store } = given;
  const supports: Supports = store.supports ?? {};
  if (isAttribute(need)) return isKept(supports, need.slice('attribute:'.length));
  switch (need) {
    case 'groups':
      return store.groups !== undefined;
    case 'tenants':
      return supports.tenants !== 'one';
    case 'sort':
      return supports.sort !== false;
    case 'cursor':
      return supports.cursor !== false;
    case 'filter':
      return supports.filter !== 'equals';
    case 'pendingMembers':
      return store.groups !== undefined && (store.groups.supports ?? supports).pendingMembers !== false;
    case 'outbox':
      return supports.outbox === true;
    case 'exactText':
    case 'longText':
    case 'nestedGroups':
      return given[need] !== false;
    case 'databaseText':
      return given.exactText === false;
    case 'anyAttribute':
      return given.anyAttribute === true;
    default:
      return given[need] !== undefined;
  }
}

/** A case bound to a store: each `run` makes a new store and takes it away. */
export interface BoundCase extends Omit<StoreCase, 'run'> {
  /**
   * @throws SkippedCase where the store lacks what the case needs
   * @throws ContractViolation where the contract is not kept
   */
  run(): Promise<void>;
}

/** The cases as plain objects, for a program that runs them in its own way. */
export function userStoreCases(options: StoreTestOptions): readonly BoundCase[] {
  return chosenCases(options).map((one) => ({
    ...one,
    run: async () => {
      await runCase(one, options);
    },
  }));
}

/** Runs cases without a test runner, one after the other. */
export async function runStoreCases(options: StoreTestOptions): Promise<readonly CaseResult[]> {
  const results: CaseResult[] = [];
  for (const one of chosenCases(options)) {
    const began = performance.now();
    const done = (status: CaseResult['status'], message?: string): void => {
      results.push({ case: one, status, message, milliseconds: performance.now() - began });
    };
    try {
      done('passed', await runCase(one, options));
    } catch (error) {
      done(error instanceof SkippedCase ? 'skipped' : 'failed', (error as Error).message);
    }
  }
  return results;
}
