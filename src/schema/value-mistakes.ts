import { InvalidSyntaxError, InvalidValueError, isScimError, type ValueMistake } from '../errors.js';

/** The error for one wrong attribute. @param message see `ValueMistakes.add` */
export function wrongValue(path: string, code: ValueMistake['code'], message: string): InvalidValueError {
  return new InvalidValueError(message, [{ path, code, message }]);
}

/** Most mistakes in the list of an error. */
const mostListed = 100;
/** Most mistakes in its message. */
const mostNamed = 20;

/**
 * Collects what is wrong with the values of a body, so that one error names it all.
 *
 * An attribute with several values is named once for each kind of mistake.
 */
export class ValueMistakes {
  readonly #found = new Map<string, ValueMistake>();
  #hasUnknown = false;
  readonly #operationOf: ((path: string) => number | undefined) | undefined;
  /** The operation of a PATCH that is read, by its index; undefined outside of one, or where there is only one. */
  operation: number | undefined;

  /** @param operationOf the operation of a PATCH that set an attribute, where `operation` does not say it */
  constructor(operationOf?: (path: string) => number | undefined) {
    this.#operationOf = operationOf;
  }

  get size(): number {
    return this.#found.size;
  }

  /** @param message a whole sentence, which says what would be right */
  add(path: string, code: ValueMistake['code'], message: string): void {
    if (this.#found.size >= mostListed) return;
    const operation = this.operation ?? this.#operationOf?.(path);
    this.#set(`${String(operation)} ${path} ${code}`, { path, code, message }, operation);
  }

  /**
   * Adds an attribute that the schema does not have.
   *
   * @param path of what it is in
   * @param message a whole sentence
   */
  addUnknown(path: string, message: string): void {
    this.#hasUnknown = true;
    if (this.#found.size >= mostListed) return;
    // Several unknown attributes have the same path.
    this.#set(
      `${String(this.operation)} ${path} unknown ${message}`,
      { path, code: 'unknown', message },
      this.operation,
    );
  }

  #set(key: string, mistake: ValueMistake, operation: number | undefined): void {
    if (this.#found.has(key)) return;
    this.#found.set(key, operation === undefined ? mistake : { ...mistake, operation });
  }

  /**
   * Adds what was thrown while an attribute was read, and throws it again where it is no InvalidValueError.
   *
   * @param path the attribute; empty where it is not known
   */
  addThrown(path: string, thrown: unknown): void {
    if (!isScimError(thrown) || thrown.code !== 'SCIM_INVALID_VALUE') throw thrown;
    if (thrown.errors.length === 0) this.add(path, 'value', thrown.message);
    for (const mistake of thrown.errors) this.add(mistake.path, mistake.code, mistake.message);
  }

  /** Whether an attribute, or part of it, has a wrong value. An unknown attribute in it says nothing about the others. */
  has(path: string): boolean {
    for (const mistake of this.#found.values()) {
      if (mistake.code === 'unknown') continue;
      if (mistake.path === path || mistake.path.startsWith(`${path}.`) || mistake.path.startsWith(`${path}:`))
        return true;
    }
    return false;
  }

  /**
   * Does nothing where there is no mistake.
   *
   * @throws InvalidSyntaxError that names every mistake, where an attribute is unknown (interoperability profile 5.3)
   * @throws InvalidValueError that names every mistake otherwise
   */
  throwIfAny(): void {
    if (this.#found.size === 0) return;
    const all = [...this.#found.values()];
    throw this.#hasUnknown ? new InvalidSyntaxError(this.#detail(), all) : new InvalidValueError(this.#detail(), all);
  }

  #detail(): string {
    const all = [...this.#found.values()];
    const sentences = all.slice(0, mostNamed).map(({ message, operation }) => {
      return operation === undefined ? message : `Operations[${String(operation)}]: ${message}`;
    });
    const others = all.length - sentences.length;
    if (others > 0) sentences.push(`${String(others)} more ${others === 1 ? 'value is' : 'values are'} wrong.`);
    return sentences.join(' ');
  }
}
