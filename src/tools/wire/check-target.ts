import { isObject } from '../../contract/is-object.js';
import { nearest } from '../../contract/nearest.js';
import {
  checkOptions,
  found,
  mistakesIn,
  type NamedKinds,
  type OptionKind,
  type OptionRules,
} from '../../contract/option-mistakes.js';

/** The page that explains the tools. */
export const toolsPage = 'troubleshooting.md';

/**
 * Checks the server that a tool is to be run against, and the options in the same object.
 *
 * @param of name of the function, which begins the message
 * @param kinds the options beside `baseUrl` and `key`
 * @throws TypeError that names every mistake
 */
export function checkTarget(
  of: string,
  target: unknown,
  kinds: Readonly<Record<string, OptionKind | readonly OptionKind[]>>,
  required: readonly string[] = [],
): void {
  const rules: OptionRules<string> = {
    of,
    page: toolsPage,
    required: ['baseUrl', 'key', ...required],
    kinds: { baseUrl: 'string', key: 'string', ...kinds },
  };
  checkOptions(optionsIn(target, Object.keys(rules.kinds)), rules, ({ baseUrl }) => [
    mistakeInBaseUrl(baseUrl, 'baseUrl'),
  ]);
}

/** The object without names that have nothing to do with an option: a server to be tested is often an object of its own. */
function optionsIn(target: unknown, known: readonly string[]): unknown {
  if (!isObject(target)) return target;
  return Object.fromEntries(
    Object.entries(target).filter(([name]) => known.includes(name) || nearest(name, known) !== undefined),
  );
}

/** What is wrong with a second server in the options. */
export function mistakesInEndpoint(value: unknown, place: string): readonly (string | undefined)[] {
  const kinds: NamedKinds<'baseUrl' | 'key'> = {
    required: ['baseUrl', 'key'],
    kinds: { baseUrl: 'string', key: 'string' },
  };
  if (value === undefined) return [];
  if (typeof value !== 'object' || value === null) return [`${place} must be an object; got ${found(value)}`];
  const given = value as Readonly<Record<string, unknown>>;
  return [...mistakesIn(given, kinds, `${place}.`), mistakeInBaseUrl(given['baseUrl'], `${place}.baseUrl`)];
}

/** What is wrong with the text of a base URL; undefined where nothing is, or where it is no text. */
function mistakeInBaseUrl(text: unknown, place: string): string | undefined {
  if (typeof text !== 'string' || text === '') return undefined;
  if (!URL.canParse(text) || !/^https?:\/\//i.test(text)) {
    return `${place} must be an absolute URL, such as https://app.example.com/scim/v2`;
  }
  const endpoint = endpointOf(text);
  return endpoint === undefined
    ? undefined
    : `${place} must be the URL that all endpoints begin with: leave out /${endpoint} at its end`;
}

/** The endpoint that somebody has left at the end of a base URL. */
export function endpointOf(url: string): string | undefined {
  const { pathname } = new URL(url);
  return /\/(Users|Groups|ServiceProviderConfig|ResourceTypes|Schemas|Bulk|Me)\/?$/i.exec(pathname)?.[1];
}
