import { textUnits, type Work } from '../contract/work.js';
import { InvalidSyntaxError, InvalidValueError } from '../errors.js';
import type { Limits } from '../limits.js';
import { hasLongMarkRun } from './combining-marks.js';

/** The limits of the values in a body. */
type ValueLimits = Pick<Limits, 'nesting' | 'stringCharacters' | 'combiningMarks' | 'objectKeys'>;

/** How values are checked. */
export interface ValueCheck {
  readonly limits: ValueLimits;
  readonly work: Work;
  /** True where no string is stored, as in a search: NUL and lone surrogates are then allowed. Default false. */
  readonly anyText?: boolean | undefined;
  /** True where the text of the body shows that no string has a NUL, a lone surrogate or a combining mark. */
  readonly plain?: boolean | undefined;
}

/**
 * Checks JSON values that a client sent, once, so that everything behind may trust them: the depth, the number of keys
 * of each object, and each string, keys included.
 *
 * @throws InvalidSyntaxError for too many levels or keys, NUL and lone surrogates
 * @throws InvalidValueError for a string that is too long, or has too many combining marks in a row
 */
export function checkValues(value: unknown, check: ValueCheck, depth = 0): void {
  for (const inner of checkContainer(value, check, depth)) checkValues(inner, check, depth + 1);
}

/** Values that are checked without a pause: a few milliseconds of work. */
const valuesInPart = 5_000;

/** As `checkValues`, with pauses. */
export async function checkValuesInParts(value: unknown, check: ValueCheck): Promise<void> {
  // The values whose own values are being checked, from the outermost one.
  const open = [checkContainer(value, check, 0).values()];
  let handled = 0;
  for (let last = open.at(-1); last !== undefined; last = open.at(-1)) {
    const next = last.next();
    if (next.done === true) {
      open.pop();
      continue;
    }
    const inner = checkContainer(next.value, check, open.length);
    if (inner.length > 0) open.push(inner.values());
    if (++handled % valuesInPart === 0) await check.work.pause();
  }
}

/** Checks one value, and returns the values in it. */
function checkContainer(value: unknown, check: ValueCheck, depth: number): readonly unknown[] {
  if (typeof value === 'string') checkText(value, check);
  if (typeof value !== 'object' || value === null) return none;
  const { limits, work } = check;
  if (depth >= limits.nesting) {
    throw new InvalidSyntaxError(`The body is nested deeper than ${String(limits.nesting)} levels (limits.nesting).`);
  }
  if (Array.isArray(value)) {
    work.spend(value.length);
    return value;
  }
  const names = Object.keys(value);
  if (names.length > limits.objectKeys) {
    throw new InvalidSyntaxError(`An object may have at most ${String(limits.objectKeys)} keys (limits.objectKeys).`);
  }
  work.spend(names.length);
  for (const name of names) checkText(name, check);
  return Object.values(value);
}

const none: readonly unknown[] = [];

// With the u flag, only a lone surrogate matches.
const loneSurrogate = /\p{Surrogate}/u;

/** Checks one string of a body. @throws as `checkValues` */
export function checkText(text: string, { limits, work, anyText, plain }: ValueCheck): void {
  work.spend(textUnits(text));
  if (text.length > limits.stringCharacters) {
    const most = String(limits.stringCharacters);
    throw new InvalidValueError(`A string of the body is longer than ${most} characters (limits.stringCharacters).`);
  }
  if (plain === true) return;
  if (anyText !== true && (text.includes('\0') || loneSurrogate.test(text))) {
    throw new InvalidSyntaxError('A string of the body contains a NUL or a lone surrogate.');
  }
  if (hasLongMarkRun(text, limits.combiningMarks)) {
    const most = String(limits.combiningMarks);
    throw new InvalidValueError(
      `A string of the body has more than ${most} combining marks in a row (limits.combiningMarks).`,
    );
  }
}
