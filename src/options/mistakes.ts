import { isObject } from '../contract/is-object.js';
import { nearest } from '../contract/nearest.js';
import { found } from '../contract/option-mistakes.js';
import { documentationPage } from '../documentation.js';

/** What an option may be. */
export type Kind = 'function' | 'object' | 'list' | 'string' | 'boolean';

const named: Readonly<Record<Kind, string>> = {
  function: 'a function',
  object: 'an object',
  list: 'a list',
  string: 'a string',
  boolean: 'true or false',
};

/** Collects what is wrong with a store and the options of a router, so that one error names it all. */
export class Mistakes {
  readonly #of: string;
  readonly #sentences: string[] = [];

  /** @param of the function that was called, which begins the message */
  constructor(of = 'createScimRouter') {
    this.#of = of;
  }

  get none(): boolean {
    return this.#sentences.length === 0;
  }

  /**
   * @param sentence what is wrong, where, and what to write instead
   * @param page the page of the documentation that explains it
   */
  add(sentence: string, page: string): void {
    this.#sentences.push(`${sentence} See ${documentationPage(page)}`);
  }

  /** Adds a mistake unless the value is undefined or of one of the kinds; true where it is fine. */
  expectKind(value: unknown, place: string, kinds: readonly Kind[], page: string): boolean {
    if (value === undefined || kinds.some((kind) => isOfKind(value, kind))) return true;
    this.add(`${place} must be ${kinds.map((kind) => named[kind]).join(' or ')}; got ${found(value)}.`, page);
    return false;
  }

  /**
   * Adds a mistake for each name that is not known.
   *
   * @param place what the names belong to, as a prefix: `groups.`; empty for the options themselves
   */
  expectNames(names: Iterable<string>, known: readonly string[], place: string, page: string): void {
    for (const name of names) {
      if (known.includes(name)) continue;
      const near = nearest(name, known);
      const remedy = near === undefined ? `Write one of ${known.join(', ')}.` : `Did you mean ${place}${near}?`;
      this.add(`There is no option ${JSON.stringify(place + name)}. ${remedy}`, page);
    }
  }

  /** One error with every mistake, one a line. */
  toError(): TypeError {
    const [first = ''] = this.#sentences;
    return new TypeError(
      this.#sentences.length === 1
        ? `${this.#of}: ${first}`
        : `${this.#of}: ${String(this.#sentences.length)} mistakes:\n- ${this.#sentences.join('\n- ')}`,
    );
  }
}

function isOfKind(value: unknown, kind: Kind): boolean {
  if (kind === 'list') return Array.isArray(value);
  return kind === 'object' ? isObject(value) : typeof value === kind;
}
