import type { Awaitable } from '../contract/awaitable.js';
import { isObject } from '../contract/is-object.js';
import { documentationPage } from '../documentation.js';

/**
 * Options of `connectorKeys`: how lookups are cached and limited, and where their use is reported.
 *
 * @example
 * import type { ConnectorKeyOptions } from 'express-scim';
 *
 * export const options: ConnectorKeyOptions = { maxAgeMilliseconds: 5_000, onError: (error) => console.error(error) };
 */
export interface ConnectorKeyOptions {
  /** How long a lookup, hit or miss, is cached. Default 10,000. */
  readonly maxAgeMilliseconds?: number | undefined;
  /** How many lookups are cached. Default 1,000. */
  readonly size?: number | undefined;
  /**
   * How many lookups a second may find no key; beyond it, and a reserve of ten seconds, a key that was not seen before
   * gets 429 with Retry-After. So a stranger who invents keys cannot make each request a query. Default 20.
   */
  readonly missesPerSecond?: number | undefined;
  /** Called when a key is used, at most once a minute for each key. What it throws goes to `onError`. */
  readonly onUsed?: ((keyId: string, time: Date) => Awaitable<void>) | undefined;
  /**
   * Called once for each key that cannot be used, with what is wrong with it, and for each that was refused because of its
   * networks. Default: a process warning with the code
   * SCIM_KEY_UNUSABLE.
   */
  readonly onError?: ((error: unknown) => void) | undefined;
}

const page = documentationPage('options.md#authenticate');

const optionNames: Readonly<Record<keyof ConnectorKeyOptions, 'number' | 'function'>> = {
  maxAgeMilliseconds: 'number',
  size: 'number',
  missesPerSecond: 'number',
  onUsed: 'function',
  onError: 'function',
};

/** @throws TypeError for an unknown option, or a value of another type */
export function checkConnectorKeyOptions(options: unknown): void {
  const names = Object.keys(optionNames).join(', ');
  if (!isObject(options)) throw new TypeError(`connectorKeys: options must be an object with ${names}. See ${page}`);
  for (const [name, value] of Object.entries(options)) {
    if (!isOptionName(name)) {
      throw new TypeError(`connectorKeys: there is no option ${JSON.stringify(name)}: write ${names}. See ${page}`);
    }
    if (value === undefined) continue;
    if (optionNames[name] === 'function' ? typeof value !== 'function' : !isNumberFromZero(value)) {
      const expected = optionNames[name] === 'function' ? 'a function' : 'a number, 0 or more';
      throw new TypeError(`connectorKeys: ${name} must be ${expected}. See ${page}`);
    }
  }
}

function isOptionName(name: string): name is keyof ConnectorKeyOptions {
  return Object.hasOwn(optionNames, name);
}

function isNumberFromZero(value: unknown): boolean {
  return typeof value === 'number' && value >= 0;
}
