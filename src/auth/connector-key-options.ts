import type { Awaitable } from '../contract/awaitable.js';
import { checkOptions, type OptionRules } from '../contract/option-mistakes.js';

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
   * How many lookups a second may find no key; above it, after a burst of ten seconds, a key that was not seen before
   * gets 429 with Retry-After, so that invented keys do not cause a query for each request. Default 20.
   */
  readonly missesPerSecond?: number | undefined;
  /** Called when a key is used, at most once a minute for each key. `onError` gets what it throws. */
  readonly onUsed?: ((keyId: string, time: Date) => Awaitable<void>) | undefined;
  /**
   * Called once for each key that cannot be used, with what is wrong with it, and for each key that was refused because of
   * its networks. Default: a process warning with the code
   * SCIM_KEY_UNUSABLE.
   */
  readonly onError?: ((error: unknown) => void) | undefined;
}

const rules: OptionRules<keyof ConnectorKeyOptions> = {
  of: 'connectorKeys',
  page: 'options.md#authenticate',
  kinds: {
    maxAgeMilliseconds: 'number',
    size: 'number',
    missesPerSecond: 'number',
    onUsed: 'function',
    onError: 'function',
  },
};

/** @throws TypeError that names every wrong option */
export function checkConnectorKeyOptions(options: unknown): void {
  checkOptions(options, rules);
}
