import type { UseQuirk } from '../../quirks/active-quirks.js';
import { InvalidFilterError } from '../../errors.js';
import type { Limits } from '../../limits.js';

/**
 * The first reading of a filter: the grammar of RFC 7644 3.4.2.2 (errata 4670, 4690, 7319, 8924 applied) and the
 * tolerated forms, character by character, under limits.
 *
 * What comes out is the same filter over plain words and whole numbers, from which the tree is built: names and
 * literals stand in tables, so nothing that a client wrote is read twice.
 */

/** A value of a comparison: a string decoded, all else as it was written. */
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

/** What is needed to read a filter. */
export interface RewriteOptions {
  readonly limits: Limits;
  readonly useQuirk: UseQuirk;
}

const comparisons = new Set(['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le']);
const token = /[^ ()[\]"]+/y;
const negation = /not *\(/iy;
// Printable ASCII. The Kelvin sign, for one, would be taken for a k when names are compared without case.
const nameCharacters = /^[\x21-\x7e]+$/;
const number = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;

/** Standards reading 17: what a string without quotes may consist of. */
const bareToken = /^[A-Za-z0-9._@+-]+$/;

/**
 * Reads a filter of a query.
 *
 * @throws InvalidFilterError naming the place and what is expected there; never what stands there
 */
export function rewriteFilter(text: string, options: RewriteOptions): Rewritten {
  return new Rewriter(text, options, false).run();
}

/** Reads what stands between the brackets of a value path, where no other value path may be. */
export function rewriteValueFilter(text: string, options: RewriteOptions): Rewritten {
  return new Rewriter(text, options, true).run();
}

class Rewriter {
  readonly #text: string;
  readonly #limits: Limits;
  readonly #useQuirk: UseQuirk;
  readonly #names: string[] = [];
  readonly #literals: Literal[] = [];
  /** Closing brackets that are due, the innermost last. */
  readonly #due: string[] = [];
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
      throw new InvalidFilterError(`A filter may have at most ${filterBytes} bytes.`);
    }
    this.#skipSpaces();
    do this.#readOperand();
    while (this.#readConnective());
    return { text: this.#written, names: this.#names, literals: this.#literals };
  }

  /** Opening brackets, and the comparison behind them. */
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
        // RFC 7644 3.4.2.2, Figure 1: a valFilter has no valuePath in it (erratum 4690).
        if (this.#inValuePath) this.#fail('a value path cannot stand in a value path');
        this.#inValuePath = true;
        this.#open(`${name}[(`, ']');
      }
    }
  }

  /** Closing brackets, then `and` or `or`; false at the end. */
  #readConnective(): boolean {
    for (;;) {
      const spaced = this.#skipSpaces();
      if (this.#at === this.#text.length) {
        if (this.#due.length > 0) this.#fail('a closing bracket is missing');
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
    if (!this.#useQuirk('value-path-sub-attribute')) this.#fail('nothing may follow the bracket of a value path');
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
      throw new InvalidFilterError(`A filter may have at most ${this.#limits.filterTerms} comparisons.`);
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
    this.#literals.push(this.#readLiteral());
    this.#written += `${name} ${operator} ${this.#literals.length - 1}`;
  }

  /** A JSON literal (RFC 7159), or a token without quotes. */
  #readLiteral(): Literal {
    if (this.#text[this.#at] === '"') return { kind: 'string', text: this.#readString() };
    const text = this.#match(token);
    if (text !== undefined) {
      if (text === 'true' || text === 'false') return { kind: 'boolean', text };
      if (text === 'null') return { kind: 'null', text };
      if (number.test(text)) return { kind: 'number', text };
      if (bareToken.test(text)) return { kind: 'bare', text };
    }
    return this.#fail('a value is expected: a JSON string in double quotes, a number, true, false or null');
  }

  #readString(): string {
    const start = this.#at;
    let end = start + 1;
    while (end < this.#text.length && this.#text[end] !== '"') end += this.#text[end] === '\\' ? 2 : 1;
    let value: unknown;
    try {
      value = JSON.parse(this.#text.slice(start, end + 1));
    } catch {
      // Reported below, without what the engine quotes in its message.
    }
    if (typeof value !== 'string') return this.#fail('a JSON string is not closed, or has a wrong escape');
    this.#at = end + 1;
    return value;
  }

  #open(written: string, due: string): void {
    if (this.#due.length >= this.#limits.filterDepth) {
      throw new InvalidFilterError(`Brackets in a filter may be ${this.#limits.filterDepth} deep.`);
    }
    this.#due.push(due);
    this.#written += written;
    this.#skipSpaces();
  }

  #close(bracket: string): void {
    if (this.#due.pop() !== bracket) {
      this.#at--;
      this.#fail('this closing bracket has no opening one');
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
