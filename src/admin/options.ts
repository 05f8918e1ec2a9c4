import type { IncomingMessage } from 'node:http';
import type { ConflictStore } from '../lifecycle/conflicts/conflicts.js';
import type { AuditTrailStore } from '../lifecycle/connections/audit-trail.js';
import type { ConnectionEnding } from '../lifecycle/connections/connection-ending.js';
import type { RoleMappingAdministration } from '../lifecycle/access-rights/role-mapping-administration.js';
import type { Awaitable } from '../contract/awaitable.js';
import type { DeliveryAdministration } from '../contract/deliveries.js';
import type { SchemaDefinition } from '../schema/definition.js';
import type { Connection, ConnectionStore, LogStore } from './contract.js';
import type { MappingRow } from './mapping-rows.js';
import type { ProviderId } from './providers.js';
import type { SetupLinks } from './setup-links.js';
import { usageError } from '../contract/option-mistakes.js';

/** The user of the panel: what `authorize` returns. */
export interface Administrator {
  /** Name or ID, saved with the decisions that they make. */
  readonly user: string;
  /** `manage`: see and change all settings. `view`: see them only. */
  readonly may: 'manage' | 'view';
  /** False: names, addresses and all other values of users are hidden, and accounts cannot be linked. */
  readonly seePersonalData: boolean;
  /** ID of the session. CSRF tokens are valid in this session only. Default: the value of `user`. */
  readonly session?: string | undefined;
}

/** The connection that an administrator manages. It is created when its first setting is saved. */
export interface ManagedConnection {
  readonly tenant: string;
  /** Default `'default'`. */
  readonly id?: string | undefined;
  /** Shown below the title of the panel. Default: the stored name. */
  readonly name?: string | undefined;
}

/** A page of the panel, to be placed in the layout of your app. */
export interface AdminPage {
  readonly title: string;
  /** HTML of the page: one `<div>`. */
  readonly body: string;
  /** HTML for `<head>`: style sheet and script. */
  readonly head: string;
  /** The nonce of the Content-Security-Policy: scripts and style sheets of your app need it as an attribute. */
  readonly nonce: string;
}

/** A breadcrumb above the panel. */
export interface Breadcrumb {
  readonly label: string;
  /** Default: text without a link. */
  readonly href?: string | undefined;
}

/** Options of `createScimAdmin`. */
export interface ScimAdminOptions<Req extends IncomingMessage = IncomingMessage> {
  /** `memoryConnectionStore()`, or `sqlConnectionStore(db)` of express-scim/sql. */
  readonly connections: ConnectionStore;
  /** `memoryLogStore()`, or `sqlLogStore(db)` of express-scim/sql. */
  readonly log: LogStore;
  /**
   * Called for each request, except for the style sheet and the script, and every few seconds for an open live log: read
   * the session from its store, so that a stream ends when the administrator signs out. Return undefined to respond with
   * 403. Any other value that is not an Administrator also returns 403. To send users to your sign-in page instead, mount a
   * middleware in front of the panel.
   */
  readonly authorize: (req: Req) => Awaitable<Administrator | undefined>;
  /** Public URL of the SCIM router, as the identity provider reaches it; without a trailing slash. */
  readonly baseUrl: string | ((connection: Connection) => string);
  /**
   * Selects the connection of a request; without one the response is 403. Default: the connection `default` of the tenant
   * `default`.
   */
  readonly connectionOf?: ((req: Req) => Awaitable<ManagedConnection>) | undefined;
  /** The store that `adoptBy` and `massDeactivationBreaker` use. Default: the panel shows no conflicts. */
  readonly conflicts?: ConflictStore | undefined;
  /**
   * Records what administrators do, before they do it: if an entry cannot be written, nothing is changed.
   * `memoryAuditTrailStore()` of express-scim/lifecycle, or `sqlAuditTrailStore(db)` of express-scim/sql. Default: nothing
   * is recorded, and the panel has no page for it.
   */
  readonly auditTrail?: AuditTrailStore | undefined;
  /** Ends connections: `connectionEnding(...)` of express-scim/lifecycle. Default: the panel does not offer it. */
  readonly endings?: ConnectionEnding | undefined;
  /** Lets an administrator without an account configure one connection: `setupLinks(...)`. Default: not offered. */
  readonly setupLinks?: SetupLinks | undefined;
  /**
   * The tenant that the URL of the panel names: a set-up link for another tenant is refused there. Default: the URL names
   * none.
   */
  readonly setupTenantOf?: ((req: Req) => string | null | undefined) | undefined;
  /** How many keys of a connection may be usable at a time, 2 to 100: a rotation takes two. Default 20. */
  readonly maxKeys?: number | undefined;
  /** `eventDelivery(...)` of express-scim/events: its endpoints and deliveries. Default: the panel has no such page. */
  readonly deliveries?: DeliveryAdministration | undefined;
  /**
   * Which groups give which roles: `roleMappingAdministration(...)` of express-scim/lifecycle. Names and IDs of groups are
   * shown to every administrator of the panel. Default: the panel has no such page.
   */
  readonly roleMappings?: RoleMappingAdministration | undefined;
  /**
   * URL of your set-up guide for an identity provider: `https:`, or a path of your app. Default: the panel shows its own
   * steps only.
   */
  readonly guideOf?: ((provider: ProviderId) => string | undefined) | undefined;
  /** The attribute mapping to show: your own rows, or `mappingRows(mapping)`. Default: none. */
  readonly mapping?: readonly MappingRow[] | undefined;
  /**
   * Signs CSRF tokens: 32 bytes or more, the same in every process. Default: random, so that forms expire when the
   * process ends.
   */
  readonly secret?: string | undefined;
  /** Default: Settings and Add-ons, without links. */
  readonly breadcrumbs?: readonly Breadcrumb[] | undefined;
  /** Places a page in the layout of your app: returns the whole HTML document. Default: a plain page. */
  readonly layout?: ((page: AdminPage) => string) | undefined;
  /** Prefix of new keys: 1 to 16 lowercase letters and digits, a letter first. Default `scim`. */
  readonly keyPrefix?: string | undefined;
  /** Used by the connection test. Default: the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
  /**
   * Schemas of your app besides those of RFC 7643: administrators without access to personal data see the names of their
   * attributes in the log. Default: none, so that these names are hidden from them.
   */
  readonly schemas?: readonly SchemaDefinition[] | undefined;
  /** Called when `authorize` or `connectionOf` returns an invalid value. Default: the error is ignored. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

const types: Readonly<Record<keyof ScimAdminOptions, string>> = {
  connections: 'object',
  log: 'object',
  authorize: 'function',
  baseUrl: 'string or function',
  connectionOf: 'function',
  conflicts: 'object',
  auditTrail: 'object',
  endings: 'object',
  setupLinks: 'object',
  setupTenantOf: 'function',
  maxKeys: 'number',
  deliveries: 'object',
  roleMappings: 'object',
  guideOf: 'function',
  mapping: 'object',
  secret: 'string',
  breadcrumbs: 'object',
  layout: 'function',
  keyPrefix: 'string',
  fetch: 'function',
  schemas: 'object',
  onError: 'function',
};

/** @throws TypeError that lists every invalid option and what to write instead */
export function checkAdminOptions(options: unknown): void {
  if (typeof options !== 'object' || options === null) {
    const mistake = 'the options must be an object: write { connections, log, authorize, baseUrl }';
    throw usageError('createScimAdmin', mistake, 'admin.md#options');
  }
  const values = options as Readonly<Record<string, unknown>>;
  const problems: string[] = [];
  for (const name of ['connections', 'log', 'authorize', 'baseUrl']) {
    if (values[name] === undefined) problems.push(`${name} is required`);
  }
  for (const [name, value] of Object.entries(values)) {
    const expected = Object.hasOwn(types, name) ? types[name as keyof ScimAdminOptions] : undefined;
    if (expected === undefined) {
      problems.push(`there is no option ${JSON.stringify(name)}: the options are ${Object.keys(types).join(', ')}`);
    } else if (value !== undefined && !expected.split(' or ').includes(typeof value)) {
      problems.push(`${name} must be ${expected === 'object' ? 'an' : 'a'} ${expected}`);
    }
  }
  const { baseUrl, secret, keyPrefix } = values;
  if (typeof baseUrl === 'string' && (!URL.canParse(baseUrl) || !/^https?:\/\/[^?#]*[^/?#]$/i.test(baseUrl))) {
    problems.push('baseUrl must be an absolute URL without a trailing slash, such as https://app.example.com/scim/v2');
  }
  if (typeof secret === 'string' && Buffer.byteLength(secret) < 32) problems.push('secret must be 32 bytes or more');
  if (typeof keyPrefix === 'string' && !/^[a-z][a-z0-9]{0,15}$/.test(keyPrefix)) {
    problems.push('keyPrefix must be 1 to 16 lowercase letters and digits, a letter first');
  }
  const { maxKeys } = values;
  if (typeof maxKeys === 'number' && !(Number.isInteger(maxKeys) && maxKeys >= 2 && maxKeys <= 100)) {
    problems.push('maxKeys must be an integer from 2 to 100');
  }
  if (problems.length > 0) throw usageError('createScimAdmin', problems, 'admin.md#options');
}
