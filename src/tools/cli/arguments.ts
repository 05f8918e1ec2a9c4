import { messageOf } from './error-message.js';
import { type ParseArgsConfig, parseArgs } from 'node:util';

/** A command line that cannot be followed; the message says what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The environment of the process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads options and what stands between them. @throws UsageError */
export function readArguments<const Options extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: Options,
): ReturnType<typeof parseArgs<{ args: string[]; options: Options; allowPositionals: true }>> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    // Node names the option, never its value.
    throw new UsageError(messageOf(error) ?? 'The options cannot be read.');
  }
}

/** The base URL of a service, without a slash at its end. @throws UsageError */
export function readUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new UsageError('A URL must be absolute, such as https://app.example.com/scim/v2.');
  }
  if (url.username !== '' || url.password !== '') throw new UsageError('A URL must hold no user and no password.');
  if (url.search !== '' || url.hash !== '') throw new UsageError('A URL must have no query and no fragment.');
  return text.replace(/\/+$/, '');
}

/** A bearer key, or undefined where none is given. @throws UsageError */
export function readKey(key: string | undefined, name: string): string | undefined {
  if (key === undefined || key === '') return undefined;
  // What cannot stand in a header would come back in the error of whoever tries.
  if (!/^[\x21-\x7e]+$/.test(key)) throw new UsageError(`The ${name} has characters that no bearer key can have.`);
  return key;
}

/** The key that a command cannot do without: of the option, else SCIM_KEY of the environment. @throws UsageError */
export function requireKey(option: string | undefined, env: Environment): string {
  const key = readKey(option ?? env['SCIM_KEY'], 'key');
  if (key === undefined) throw new UsageError('The key is missing: set SCIM_KEY in the environment, or give --key.');
  return key;
}
