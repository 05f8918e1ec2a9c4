import { remedyFor } from '../../contract/option-mistakes.js';
import { endpointOf } from '../wire/check-target.js';
import { withoutTrailingSlashes } from '../wire/url.js';
import { messageOf } from './error-message.js';
import { type ParseArgsConfig, parseArgs } from 'node:util';

/** An invalid command line; the message says what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The environment of the process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Parses options and positional arguments. @throws UsageError */
export function readArguments<const Options extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: Options,
): ReturnType<typeof parseArgs<{ args: string[]; options: Options; allowPositionals: true }>> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    const unknown = /Unknown option '(--[^']+)'/.exec(messageOf(error) ?? '')?.[1];
    if (unknown !== undefined) {
      const known = Object.keys(options).map((name) => `--${name}`);
      throw new UsageError(`There is no option ${unknown}: ${remedyFor(unknown, known)}`);
    }
    // Node names the option, never its value.
    throw new UsageError(messageOf(error) ?? 'The options cannot be read.');
  }
}

/**
 * The base URL of a service as the only argument, without a trailing slash.
 *
 * @param command as on the command line, before the URL
 * @throws UsageError
 */
export function readOnlyUrl([url, ...more]: readonly string[], command: string): string {
  if (url === undefined) throw new UsageError(`The URL is missing: write express-scim ${command} URL.`);
  if (more.length > 0) {
    throw new UsageError(`Too many arguments: write express-scim ${command} URL, and options with -- in front.`);
  }
  return readUrl(url);
}

/** The base URL of a service, without a trailing slash. @throws UsageError */
export function readUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new UsageError('A URL must be absolute, such as https://app.example.com/scim/v2.');
  }
  if (url.username !== '' || url.password !== '') throw new UsageError('A URL must not contain a user or a password.');
  const endpoint = endpointOf(text);
  if (endpoint !== undefined) {
    throw new UsageError(`The URL must be the one that all endpoints begin with: leave out /${endpoint} at its end.`);
  }
  if (url.search !== '' || url.hash !== '') throw new UsageError('A URL must not have a query or a fragment.');
  return withoutTrailingSlashes(text);
}

/** A bearer key; undefined where the text is missing or empty. @throws UsageError */
export function readKey(key: string | undefined, name: string): string | undefined {
  if (key === undefined || key === '') return undefined;
  // `fetch` would repeat an invalid header value in its error message.
  if (!/^[\x21-\x7e]+$/.test(key))
    throw new UsageError(`The ${name} contains characters that a bearer key cannot have.`);
  return key;
}

/** The key that a command requires: the option, or SCIM_KEY of the environment. @throws UsageError */
export function requireKey(option: string | undefined, env: Environment): string {
  const key = readKey(option ?? env['SCIM_KEY'], 'key');
  if (key === undefined) throw new UsageError('The key is missing: set SCIM_KEY in the environment, or pass --key.');
  return key;
}
