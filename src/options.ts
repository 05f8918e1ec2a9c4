import type { IncomingMessage } from 'node:http';
import type { Authenticate, Authenticator } from './auth/authenticate.js';
import type { QuirkId } from './quirks/quirks.js';
import { defaultLimits, type Limits } from './limits.js';
import type { Adopt } from './lifecycle/adoption/adoption.js';
import type { Access, ResponseRecord, AppliedQuirk, Exchange, ProposedChange } from './hooks.js';
import type { SchemaDefinition } from './schema/definition.js';
import type { Attributes } from './contract/attribute.js';
import type { Awaitable } from './contract/awaitable.js';
import type { ChangeEvent } from './contract/event.js';
import type { ResourceStore } from './contract/store.js';
import type { ScimContext } from './contract/context.js';

/** An extension of a resource type (RFC 7643 3.3). */
export interface Extension {
  readonly schema: SchemaDefinition;
  /** True: a resource without it is refused. Default false. */
  readonly required?: boolean | undefined;
}

/** A resource type beside User and Group (RFC 7643 3.2). */
export interface ResourceTypeOption {
  readonly name: string;
  /** Default: the plural of the name, `/Devices`. */
  readonly endpoint?: string | undefined;
  readonly description?: string | undefined;
  readonly schema: SchemaDefinition;
  readonly extensions?: readonly Extension[] | undefined;
  /** Typed by the schema: `ResourceStore<ResourceOf<typeof schema>>`. */
  readonly store: ResourceStore<Attributes>;
}

/** How groups are served. */
export interface GroupOptions {
  /** Of an added member that is no resource here: keep it until it appears, or refuse with 400. Default `'keep'`. */
  readonly pendingMembers?: 'keep' | 'reject' | undefined;
  /** Status of a PATCH that asks for no attributes. Default 204. */
  readonly patchStatus?: 200 | 204 | undefined;
}

/** Options of `createScimRouter`. Unknown and contradictory ones are errors at creation. */
export interface ScimRouterOptions<Req extends IncomingMessage = IncomingMessage> {
  /** Required: `connectorKeys(...)`, `anyOf(...)` or your own. */
  readonly authenticate: Authenticate<Req> | Authenticator<Req>;
  /** Tenant that the URL names; must equal the actor's, else the 401 of an unknown key. Default: the URL names none. */
  readonly tenantOf?: ((req: Req) => string | undefined) | undefined;
  /** Asked before every store call; false is 403. Default: the actor's scopes decide. */
  readonly authorize?: ((access: Access, ctx: ScimContext) => Awaitable<boolean>) | undefined;
  /** Public URL of the mount point, no trailing slash. Default: from the request, as Express trusts it. */
  readonly baseUrl?: string | ((ctx: ScimContext) => string) | undefined;
  /** Extensions by resource type name. Default: the enterprise extension of User. */
  readonly extensions?: { readonly [resourceType: string]: readonly Extension[] } | undefined;
  /** Further resource types. */
  readonly resourceTypes?: readonly ResourceTypeOption[] | undefined;
  readonly groups?: GroupOptions | undefined;
  /** Id of the user that the client is: offers /Me as an alias. Default: /Me is answered 501. */
  readonly me?: ((ctx: ScimContext) => Awaitable<string | undefined>) | undefined;
  /** `active` of a user created without it. Default true. */
  readonly activeByDefault?: boolean | undefined;
  /** Whether `password` is handed to the store. Default false: accepted, dropped, and not in /Schemas. */
  readonly password?: boolean | undefined;
  /**
   * Asked before a user with an externalId is created: may link an account that was there before provisioning, see
   * `adoptBy`. Default: off; POST never touches an existing account.
   */
  readonly adopt?: Adopt | undefined;
  /** Runs after authorization and before each write, retries included; throw a ScimError to refuse. */
  readonly beforeChange?: ((change: ProposedChange, ctx: ScimContext) => Awaitable<void>) | undefined;
  /** After the write (at least once, from the outbox, where the store has one). A throw reaches onError, not the client. */
  readonly onChange?: ((event: ChangeEvent) => Awaitable<void>) | undefined;
  /** The cause behind every 5xx: give it to your logger. Default: console.error. */
  readonly onError?: ((error: unknown, ctx: ScimContext | undefined) => void) | undefined;
  /** Once for each answer, after it is sent: status, duration, operation, quirks. No personal data. */
  readonly onResponse?: ((record: ResponseRecord) => void) | undefined;
  /** Before `onAnswer`: what went over the wire. Take out what you must not keep, as `provisioningLog` does. */
  readonly onExchange?: ((exchange: Exchange) => void) | undefined;
  /** Each entry of the quirk ledger that was applied to a request, after its answer is sent. No personal data. */
  readonly onQuirk?: ((applied: AppliedQuirk) => void) | undefined;
  /**
   * Encrypts cursors: 32 bytes or more; the first writes, all read; the same on every process.
   * Default: random, so cursors end with the process.
   */
  readonly secret?: string | readonly string[] | undefined;
  /** Every tolerance off, the interoperability profile's readings on. Default false. */
  readonly strict?: boolean | undefined;
  /** Single entries of the quirk ledger on or off. */
  readonly quirks?: { readonly [quirk in QuirkId]?: boolean } | undefined;
  readonly limits?: Partial<Limits> | undefined;
  /** A page about this service, announced in ServiceProviderConfig. */
  readonly documentationUri?: string | undefined;
}

const known: Readonly<Record<keyof ScimRouterOptions, string>> = {
  authenticate: 'function or object',
  tenantOf: 'function',
  authorize: 'function',
  baseUrl: 'string or function',
  extensions: 'object',
  resourceTypes: 'object',
  groups: 'object',
  me: 'function',
  activeByDefault: 'boolean',
  password: 'boolean',
  adopt: 'function',
  beforeChange: 'function',
  onChange: 'function',
  onError: 'function',
  onResponse: 'function',
  onExchange: 'function',
  onQuirk: 'function',
  secret: 'string or object',
  strict: 'boolean',
  quirks: 'object',
  limits: 'object',
  documentationUri: 'string',
};

/**
 * Names every mistake in the options at once.
 *
 * @throws TypeError whose message says, line by line, what to write instead
 */
export function checkOptions(options: unknown): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError('createScimRouter(store, options): options must be an object with at least `authenticate`.');
  }
  const problems: string[] = [];
  const given = options as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(given)) {
    const expected = Object.hasOwn(known, name) ? known[name as keyof ScimRouterOptions] : undefined;
    if (expected === undefined) problems.push(`there is no option ${JSON.stringify(name)}${didYouMean(name)}`);
    else if (given[name] !== undefined && !expected.split(' or ').includes(kindOf(given[name]))) {
      problems.push(`${name} must be a ${expected}`);
    }
  }
  problems.push(...authenticateProblems(given['authenticate']), ...baseUrlProblems(given['baseUrl']));
  problems.push(
    ...limitProblems(given['limits']),
    ...secretProblems(given['secret']),
    ...groupProblems(given['groups']),
  );
  if (problems.length > 0) {
    throw new TypeError(
      `createScimRouter: ${problems.length === 1 ? '' : 'several options are wrong:\n- '}${problems.join('\n- ')}.`,
    );
  }
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : typeof value;
}

function didYouMean(name: string): string {
  const near = Object.keys(known).find((option) => option.toLowerCase() === name.toLowerCase());
  return near === undefined ? `: the options are ${Object.keys(known).join(', ')}` : `: write ${near}`;
}

function* authenticateProblems(value: unknown): Iterable<string> {
  if (value === undefined) {
    yield 'authenticate is required: write authenticate: connectorKeys([{ key: process.env.SCIM_KEY }]), or a function';
  } else if (
    typeof value === 'object' &&
    typeof (value as { authenticate?: unknown } | null)?.authenticate !== 'function'
  ) {
    yield 'authenticate must be a function, or an object with a function `authenticate`';
  }
}

function* baseUrlProblems(value: unknown): Iterable<string> {
  if (typeof value !== 'string') return;
  if (!URL.canParse(value) || !/^https?:\/\//i.test(value)) {
    yield 'baseUrl must be the absolute public URL of the mount point, such as https://app.example.com/scim/v2';
  } else if (value.endsWith('/')) yield 'baseUrl must not end in a slash';
  else if (/[?#]/.test(value)) yield 'baseUrl must have no query and no fragment';
}

function* limitProblems(value: unknown): Iterable<string> {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, limit] of Object.entries(value)) {
    if (!Object.hasOwn(defaultLimits, name)) {
      yield `there is no limit ${JSON.stringify(name)}: the limits are ${Object.keys(defaultLimits).join(', ')}`;
    } else if (limit !== undefined && (!Number.isSafeInteger(limit) || (limit as number) < 1)) {
      yield `limits.${name} must be a whole number above 0`;
    }
  }
  const { defaultResults, maxResults } = { ...defaultLimits, ...(value as Partial<Limits>) };
  if (defaultResults > maxResults) yield 'limits.defaultResults must not be above limits.maxResults';
}

function* secretProblems(value: unknown): Iterable<string> {
  if (value === undefined) return;
  const secrets: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (
    secrets.length === 0 ||
    !secrets.every((secret) => typeof secret === 'string' && Buffer.byteLength(secret) >= 32)
  ) {
    yield 'secret must be a string of 32 bytes or more, or a list of such strings';
  }
}

function* groupProblems(value: unknown): Iterable<string> {
  if (typeof value !== 'object' || value === null) return;
  const { pendingMembers, patchStatus, ...others } = value as Readonly<Record<string, unknown>>;
  if (pendingMembers !== undefined && pendingMembers !== 'keep' && pendingMembers !== 'reject') {
    yield "groups.unknownMembers must be 'keep' or 'reject'";
  }
  if (patchStatus !== undefined && patchStatus !== 200 && patchStatus !== 204) {
    yield 'groups.patchAnswer must be 200 or 204';
  }
  for (const name of Object.keys(others))
    yield `there is no option groups.${name}: write unknownMembers or patchAnswer`;
}
