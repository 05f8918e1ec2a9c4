import { atFirstUse } from '../../contract/at-first-use.js';
import type { UseQuirk } from '../../quirks/active-quirks.js';
import { InvalidFilterError } from '../../errors.js';
import type { Limits } from '../../limits.js';
import { hasLongMarkRun } from '../../schema/combining-marks.js';

/**
 * The first pass over a filter: reads the grammar of RFC 7644 3.4.2.2 (errata 4670, 4690, 7319, 8924 applied) and the
 * quirks, character by character, and enforces the limits.
 *
 * The result is the same filter with generated words for names and integers for literals, from which a parser builds
 * the tree. Names and literals are kept in tables, so nothing that a client wrote is parsed twice.
 */

/** The value of a comparison: a string is decoded, anything else is as the client wrote it. */
export interface Literal {
  readonly kind: 'string' | 'number' | 'boolean' | 'null' | 'bare';
  readonly text: string;
}

/** A filter whose attributes are `a0`, `a1`, ... and whose values are 0, 1, ... */
export interface Rewritten {
  readonly text: string;
  readonly names: readonly string[];
  readonly literals: readonly Literal[];
}

/** How a filter is read. */
export interface RewriteOptions {
  readonly limits: Limits;
  readonly useQuirk: UseQuirk;
}

const comparisons = new Set(['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le']);
const token = /[^ ()[\]"]+/y;
const negation = /not *\(/iy;
// Printable ASCII. The Kelvin sign, for example, would match k when names are compared without case.
const nameCharacters = /^[\x21-\x7e]+$/;
const number = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;

/** Standards reading 17: the characters of an unquoted string. Names have letters of any script and apostrophes. */
const bareToken = atFirstUse(() => /^[\p{L}\p{N}._@+-][\p{L}\p{M}\p{N}._@+'\u2019-]*$/u);

/** An unquoted string that holds a double quote: only where it ends the filter is it clear where it ends. */
const lastBareToken = atFirstUse(() => /[\p{L}\p{N}._@+-][\p{L}\p{M}\p{N}._@+'"\u2019-]*/uy);

/**
 * Reads a filter of a query.
 *
 * @throws InvalidFilterError naming the position and what is expected there, never what the client wrote there
 */
export function rewriteFilter(text: string, options: RewriteOptions): Rewritten {
  return new Rewriter(text, options, false).run();
}

/** Reads the filter in the brackets of a value path, which must not contain another value path. */
export function rewriteValueFilter(text: string, options: RewriteOptions): Rewritten {
  return new Rewriter(text, options, true).run();
}

class Rewriter {
  readonly #text: string;
  readonly #limits: Limits;
  readonly #useQuirk: UseQuirk;
  readonly #names: string[] = [];
  readonly #literals: Literal[] = [];
  /** The closing brackets that are expected, the innermost last. */
  readonly #closing: string[] = [];
  #inValuePath: boolean;
  #comparisons = 0;
  #at = 0;
  #written = '';

  constructor(text: string, options: RewriteOptions, inValuePath: boolean) {
    this.#text = text;
    this.#limits = options.limits;
    this.#useQuirk = options.useQuirk;
    this.#inValuePath = inValuePath;
  }

  run(): Rewritten {
    const { filterBytes } = this.#limits;
    if (this.#text.length > filterBytes || Buffer.byteLength(this.#text) > filterBytes) {
      throw new InvalidFilterError(`A filter may have at most ${filterBytes} bytes (limits.filterBytes).`);
    }
    this.#skipSpaces();
    do this.#readOperand();
    while (this.#readConnective());
    return { text: this.#written, names: this.#names, literals: this.#literals };
  }

  /** Reads opening brackets, and the comparison after them. */
  #readOperand(): void {
    for (;;) {
      if (this.#next('(')) this.#open('(', ')');
      else if (this.#match(negation) !== undefined) this.#open('not (', ')');
      else {
        const name = this.#readName();
        if (!this.#next('[')) {
          this.#readComparison(name);
          return;
        }
        // RFC 7644 3.4.2.2, Figure 1: a valFilter contains no valuePath (erratum 4690).
        if (this.#inValuePath) this.#fail('a value path cannot contain another value path');
        this.#inValuePath = true;
        this.#open(`${name}[(`, ']');
      }
    }
  }

  /** Reads closing brackets, then `and` or `or`; returns false at the end. */
  #readConnective(): boolean {
    for (;;) {
      const spaced = this.#skipSpaces();
      if (this.#at === this.#text.length) {
        if (this.#closing.length > 0) this.#fail('a closing bracket is missing');
        return false;
      }
      if (this.#next(')')) {
        this.#close(')');
        this.#written += ')';
      } else if (this.#next(']')) {
        this.#close(']');
        this.#inValuePath = false;
        this.#written += ')';
        if (this.#next('.')) this.#readSubAttribute();
        this.#written += ']';
      } else {
        const word = spaced ? this.#match(token)?.toLowerCase() : undefined;
        if (word !== 'and' && word !== 'or') return this.#fail('"and", "or" or the end is expected');
        this.#requireSpace();
        this.#written += ` ${word} `;
        return true;
      }
    }
  }

  /** `emails[type eq "work"].value eq "x"`, which the ABNF lacks (standards reading 16). */
  #readSubAttribute(): void {
    if (!this.#useQuirk('value-path-sub-attribute')) this.#fail('no sub-attribute may follow a value path');
    this.#written += ' and ';
    this.#readComparison(this.#readName());
  }

  #readName(): string {
    const name = this.#match(token);
    if (name === undefined || !nameCharacters.test(name)) return this.#fail('an attribute is expected');
    this.#names.push(name);
    return `a${this.#names.length - 1}`;
  }

  #readComparison(name: string): void {
    this.#comparisons++;
    if (this.#comparisons > this.#limits.filterTerms) {
      throw new InvalidFilterError(
        `A filter may have at most ${this.#limits.filterTerms} comparisons (limits.filterTerms).`,
      );
    }
    this.#requireSpace();
    const operator = this.#match(token)?.toLowerCase() ?? '';
    if (operator === 'pr') {
      this.#written += `${name} pr`;
      return;
    }
    if (!comparisons.has(operator)) {
      this.#fail('an operator is expected: eq, ne, co, sw, ew, gt, ge, lt, le or pr');
    }
    this.#requireSpace();
    this.#literals.push(this.#checkLength(this.#readLiteral()));
    this.#written += `${name} ${operator} ${this.#literals.length - 1}`;
  }

  /** Reads a JSON literal (RFC 7159), or an unquoted string. */
  #readLiteral(): Literal {
    if (this.#text[this.#at] === '"') return { kind: 'string', text: this.#readString() };
    const start = this.#at;
    const last = this.#match(lastBareToken());
    if (last?.includes('"') === true && this.#at === this.#text.length) return { kind: 'bare', text: last };
    this.#at = start;
    const text = this.#match(token);
    if (text !== undefined) {
      if (text === 'true' || text === 'false') return { kind: 'boolean', text };
      if (text === 'null') return { kind: 'null', text };
      if (number.test(text)) return { kind: 'number', text };
      if (bareToken().test(text)) return { kind: 'bare', text };
    }
    return this.#fail('a value is expected: a JSON string in double quotes, a number, true, false or null');
  }

  // Databases search for a value in time that grows with its length times that of the text.
  #checkLength(literal: Literal): Literal {
    const { filterValueCharacters } = this.#limits;
    if (literal.text.length <= filterValueCharacters) return literal;
    throw new InvalidFilterError(
      `A value in a filter may have at most ${filterValueCharacters} characters (limits.filterValueCharacters).`,
    );
  }

  #readString(): string {
    const start = this.#at;
    let end = start + 1;
    while (end < this.#text.length && this.#text[end] !== '"') end += this.#text[end] === '\\' ? 2 : 1;
    let value: unknown;
    try {
      value = JSON.parse(this.#text.slice(start, end + 1));
    } catch {
      // Reported below, because the message of the engine quotes the text.
    }
    if (typeof value !== 'string') return this.#fail('a JSON string is not closed, or has an invalid escape');
    const { combiningMarks } = this.#limits;
    if (hasLongMarkRun(value, combiningMarks)) {
      throw new InvalidFilterError(
        `A value in a filter may have at most ${combiningMarks} combining marks in a row (limits.combiningMarks).`,
      );
    }
    this.#at = end + 1;
    return value;
  }

  #open(written: string, closing: string): void {
    if (this.#closing.length >= this.#limits.filterDepth) {
      throw new InvalidFilterError(
        `Brackets in a filter may be nested at most ${this.#limits.filterDepth} deep (limits.filterDepth).`,
      );
    }
    this.#closing.push(closing);
    this.#written += written;
    this.#skipSpaces();
  }

  #close(bracket: string): void {
    if (this.#closing.pop() !== bracket) {
      this.#at--;
      this.#fail('this closing bracket has no matching opening bracket');
    }
  }

  #next(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #match(expression: RegExp): string | undefined {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  /** SP of the ABNF is %x20, nothing else. */
  #skipSpaces(): boolean {
    const start = this.#at;
    while (this.#text[this.#at] === ' ') this.#at++;
    return this.#at > start;
  }

  #requireSpace(): void {
    if (!this.#skipSpaces()) this.#fail('a space is expected');
  }

  #fail(sentence: string): never {
    throw new InvalidFilterError(`The filter cannot be read at character ${this.#at + 1}: ${sentence}.`);
  }
}
