import { isScimError } from '../errors.js';
import { isObject } from '../contract/is-object.js';
import type { Awaitable } from '../contract/awaitable.js';
import { isSameJson } from '../schema/equal.js';
import { ContractViolation } from './contract-violation.js';
import { firstDifference } from './first-difference.js';
import { SkippedCase } from './skipped-case.js';

/** What a refusal of a store has to be: an error of the library. */
export interface Refusal {
  readonly status: number;
  readonly attribute?: string;
  readonly ids?: readonly string[];
}

/** The checks of test cases. Each throws a `ContractViolation` that says what the store did. */
export class Checks {
  /** What the capability report says about the case. */
  note: string | undefined;

  ok(condition: boolean, violation: string): void {
    if (!condition) throw new ContractViolation(violation);
  }

  /** Both are the same JSON; the order of properties does not matter, and undefined counts as absent. */
  same(actual: unknown, expected: unknown, what: string): void {
    if (isSameJson(asJson(actual), asJson(expected))) return;
    const isLong = [actual, expected].some((value) => isCut(value));
    if (!isLong) throw new ContractViolation(`${what} is ${display(actual)}; expected ${display(expected)}`);
    // The beginnings of two long values are usually the same.
    throw new ContractViolation(`${what}: ${firstDifference(asJson(actual), asJson(expected), display)}`);
  }

  /** Nothing has changed. The message names the first difference alone. @param when for example `after a refused write` */
  unchanged(now: unknown, before: unknown, when: string): void {
    const [actual, expected] = [asJson(now), asJson(before)];
    if (isSameJson(actual, expected)) return;
    throw new ContractViolation(`${when}, something has changed: ${firstDifference(actual, expected, display)}`);
  }

  /** A resource has at least these attributes. */
  holds(actual: object | undefined, expected: object, what: string): void {
    for (const [name, value] of Object.entries(expected)) {
      this.same((actual as Readonly<Record<string, unknown>> | undefined)?.[name], value, `${name} of ${what}`);
    }
  }

  /** The store refuses a call with an error of the library. */
  async refused(call: () => Awaitable<unknown>, expected: Refusal, what: string): Promise<void> {
    const error = await this.thrownBy(call, `${what} was not refused`);
    const expectation = `expected ${names[expected.status] ?? `an error with status ${String(expected.status)}`}`;
    if (!isScimError(error)) throw new ContractViolation(`${what} threw ${display(error)}; ${expectation}`);
    this.ok(error.status === expected.status, `${what} threw ${error.name} (${String(error.status)}); ${expectation}`);
    const { attribute, ids } = error as { readonly attribute?: unknown; readonly ids?: unknown };
    if (expected.attribute !== undefined)
      this.same(attribute, expected.attribute, `the attribute in the error of ${what}`);
    if (expected.ids !== undefined) this.same(ids, expected.ids, `the ids in the error of ${what}`);
  }

  /** What a call throws. @param otherwise the violation when it throws nothing */
  async thrownBy(call: () => Awaitable<unknown>, otherwise: string): Promise<unknown> {
    let response: unknown;
    try {
      response = await call();
    } catch (thrown) {
      if (thrown instanceof ContractViolation || thrown instanceof SkippedCase) throw thrown;
      return thrown;
    }
    throw new ContractViolation(`${otherwise}: it returned ${display(response)}`);
  }

  /** Skips the case. @param reason what the store lacks */
  skip(reason: string): never {
    throw new SkippedCase(reason);
  }
}

const names: Readonly<Record<number, string>> = {
  409: 'ConflictError',
  412: 'VersionMismatchError',
  400: 'UnknownReferenceError',
};

/** The value as JSON: dates become texts, undefined members are absent. */
function asJson(value: unknown): unknown {
  return value === undefined ? undefined : (JSON.parse(JSON.stringify(value, withoutSets)) as unknown);
}

function withoutSets(_key: string, value: unknown): unknown {
  return value instanceof Set || value instanceof Map ? [...(value as Iterable<unknown>)] : value;
}

const mostCharacters = 300;

/** A value for a message, at most 300 characters. */
export function display(value: unknown): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  const text = textOf(value);
  return text.length <= mostCharacters ? text : `${text.slice(0, mostCharacters)}...`;
}

function isCut(value: unknown): boolean {
  return textOf(value).length > mostCharacters;
}

function textOf(value: unknown): string {
  return JSON.stringify(isObject(value) || Array.isArray(value) ? asJson(value) : value) ?? 'undefined';
}
