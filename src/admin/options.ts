import type { IncomingMessage } from 'node:http';
import type { ConflictStore } from '../lifecycle/conflicts/conflicts.js';
import type { Awaitable } from '../contract/awaitable.js';
import type { Connection, ConnectionStore, LogStore } from './contract.js';
import type { MappingRow } from './mapping-rows.js';

/** Who uses the panel, as the host knows them. */
export interface Administrator {
  /** Names them where they decide something, as in a settled conflict. */
  readonly user: string;
  /** `view` shows everything and changes nothing. */
  readonly may: 'manage' | 'view';
  /** False: names, addresses and all other values of users are hidden, and nobody can be linked. */
  readonly seePersonalData: boolean;
  /** Id of their session: the CSRF token ends with it. Default: the user. */
  readonly session?: string | undefined;
}

/** Which connection an administrator manages. It is made when the first setting is saved. */
export interface ManagedConnection {
  readonly tenant: string;
  /** Default `'default'`. */
  readonly id?: string | undefined;
  /** Shown where a tenant has several. */
  readonly name?: string | undefined;
}

/** A page for the host's own frame. */
export interface AdminPage {
  readonly title: string;
  /** Markup of the page, in one `<div>`. */
  readonly body: string;
  /** Markup for `<head>`: style sheet and script. */
  readonly head: string;
  /** Give it to scripts and styles of your own; nothing else runs. */
  readonly nonce: string;
}

/** A step on the way to the panel. */
export interface Breadcrumb {
  readonly label: string;
  readonly href?: string | undefined;
}

/** Options of `createScimAdmin`. */
export interface ScimAdminOptions<Req extends IncomingMessage = IncomingMessage> {
  /** `memoryConnectionStore()`, or `sqlConnectionStore(db)` of express-scim/sql. */
  readonly connections: ConnectionStore;
  /** `memoryLogStore()`, or `sqlLogStore(db)` of express-scim/sql. */
  readonly log: LogStore;
  /** Asked for each request. undefined: 403. Send users to your login before the panel, if that is what you want. */
  readonly authorize: (req: Req) => Awaitable<Administrator | undefined>;
  /** Public URL of the SCIM router, as the identity provider reaches it; no trailing slash. */
  readonly baseUrl: string | ((connection: Connection) => string);
  /** Default: the connection `default` of the tenant `default`. */
  readonly connectionOf?: ((req: Req) => Awaitable<ManagedConnection>) | undefined;
  /** What waits for an administrator: the store that `adoptBy` and `massDeactivationBreaker` were given. */
  readonly conflicts?: ConflictStore | undefined;
  /** What becomes of each attribute, for reading: rows of your own, or `mappingRows(mapping)`. */
  readonly mapping?: readonly MappingRow[] | undefined;
  /** Signs CSRF tokens: 32 bytes or more, the same on every process. Default: random, so forms end with the process. */
  readonly secret?: string | undefined;
  /** Default: Settings, Add-ons. */
  readonly breadcrumbs?: readonly Breadcrumb[] | undefined;
  /** Puts a page in the host's own frame: gives the whole HTML document. Default: a page of its own. */
  readonly layout?: ((page: AdminPage) => string) | undefined;
  /** What new keys begin with. Default `scim`. */
  readonly keyPrefix?: string | undefined;
  /** For the connection test. Default: the `fetch` of Node. */
  readonly fetch?: typeof fetch | undefined;
}

const known: Readonly<Record<keyof ScimAdminOptions, string>> = {
  connections: 'object',
  log: 'object',
  authorize: 'function',
  baseUrl: 'string or function',
  connectionOf: 'function',
  conflicts: 'object',
  mapping: 'object',
  secret: 'string',
  breadcrumbs: 'object',
  layout: 'function',
  keyPrefix: 'string',
  fetch: 'function',
};

/** @throws TypeError that names every mistake and says what to write instead */
export function checkAdminOptions(options: unknown): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError('createScimAdmin(options): write { connections, log, authorize, baseUrl }.');
  }
  const given = options as Readonly<Record<string, unknown>>;
  const problems: string[] = [];
  for (const name of ['connections', 'log', 'authorize', 'baseUrl']) {
    if (given[name] === undefined) problems.push(`${name} is required`);
  }
  for (const [name, value] of Object.entries(given)) {
    const expected = Object.hasOwn(known, name) ? known[name as keyof ScimAdminOptions] : undefined;
    if (expected === undefined) {
      problems.push(`there is no option ${JSON.stringify(name)}: the options are ${Object.keys(known).join(', ')}`);
    } else if (value !== undefined && !expected.split(' or ').includes(typeof value)) {
      problems.push(`${name} must be a ${expected}`);
    }
  }
  const { baseUrl, secret, keyPrefix } = given;
  if (typeof baseUrl === 'string' && (!URL.canParse(baseUrl) || !/^https?:\/\/[^?#]*[^/?#]$/i.test(baseUrl))) {
    problems.push('baseUrl must be an absolute URL without trailing slash, such as https://app.example.com/scim/v2');
  }
  if (typeof secret === 'string' && Buffer.byteLength(secret) < 32) problems.push('secret must be 32 bytes or more');
  if (typeof keyPrefix === 'string' && !/^[a-z][a-z0-9]{0,15}$/.test(keyPrefix)) {
    problems.push('keyPrefix must be 1 to 16 lower-case letters and digits, a letter first');
  }
  if (problems.length > 0) throw new TypeError(`createScimAdmin: ${problems.join('; ')}.`);
}
