import type { IncomingMessage } from 'node:http';
import {
  type Authenticate,
  type Authenticator,
  isSchemes,
  mistakeInFunction,
  mistakeInOwner,
  toAuthenticator,
} from '../auth/authenticate.js';
import { isObject } from '../contract/is-object.js';
import { found } from '../contract/option-mistakes.js';
import { isThenable } from '../contract/awaitable.js';
import type { ScimContext } from '../contract/context.js';
import type { GroupStore, UserStore } from '../contract/store.js';
import { defaultLimits, type Limits } from '../limits.js';
import type { GroupOptions, ScimRouterOptions } from '../options.js';
import { type ActiveQuirks, chooseQuirks } from '../quirks/active-quirks.js';
import type { CustomQuirk } from '../quirks/custom-quirk.js';
import { quirks, type QuirkId } from '../quirks/quirks.js';
import { readCustomQuirks } from './custom-quirks.js';
import { type Kind, Mistakes } from './mistakes.js';
import { isStore } from './store.js';
import { readResourceTypes, type StoredType } from './resource-types.js';
import { type ParsedTenantOptions, readTenants } from './tenants.js';

/** Options that are passed on as they are: functions and texts for which undefined is a meaning of its own. */
type PassedOn =
  | 'tenantOf'
  | 'authorize'
  | 'access'
  | 'baseUrl'
  | 'me'
  | 'adopt'
  | 'beforeChange'
  | 'withinWrite'
  | 'onChange'
  | 'onResponse'
  | 'onExchange'
  | 'onQuirk'
  | 'documentationUri';

/** The arguments of `createScimRouter`, checked, with every default filled in. */
export type ParsedOptions<Req extends IncomingMessage> = {
  readonly [option in PassedOn]: ScimRouterOptions<Req>[option];
} & {
  readonly authenticator: Authenticator<Req>;
  /** In the order of /ResourceTypes. */
  readonly resourceTypes: readonly StoredType[];
  /** Where User.groups comes from; undefined where it is not announced. */
  readonly groupsOf: NonNullable<GroupStore['groupsOf']> | undefined;
  /** True where the store keeps the data of one tenant only. */
  readonly oneTenant: boolean;
  readonly pendingMembers: 'keep' | 'reject' | 'ignore';
  readonly patchStatus: 200 | 204;
  readonly activeByDefault: boolean;
  readonly publicDiscovery: boolean;
  readonly securityEvents: readonly string[];
  /** None: cursors are encrypted with a random secret. */
  readonly secrets: readonly string[];
  readonly strict: boolean;
  readonly activeQuirks: ActiveQuirks;
  readonly customQuirks: readonly CustomQuirk[];
  readonly limits: Limits;
  readonly onError: NonNullable<ScimRouterOptions['onError']>;
  /** Undefined where all tenants have the same configuration. */
  readonly tenants: ParsedTenantOptions | undefined;
};

const kinds: Readonly<Record<keyof ScimRouterOptions, readonly Kind[]>> = {
  authenticate: ['function', 'object'],
  tenantOf: ['function'],
  authorize: ['function'],
  access: ['function'],
  baseUrl: ['string', 'function'],
  extensions: ['object'],
  resourceTypes: ['list'],
  users: ['object'],
  groups: ['object'],
  me: ['function'],
  activeByDefault: ['boolean'],
  password: ['boolean'],
  adopt: ['function'],
  beforeChange: ['function'],
  withinWrite: ['function'],
  onChange: ['function'],
  onError: ['function'],
  onResponse: ['function'],
  onExchange: ['function'],
  onQuirk: ['function'],
  secret: ['string', 'list'],
  strict: ['boolean'],
  quirks: ['object'],
  limits: ['object'],
  tenants: ['object'],
  documentationUri: ['string'],
  securityEvents: ['list'],
  publicDiscovery: ['boolean'],
};

/** Every option of `createScimRouter`. */
export const optionNames: readonly string[] = Object.keys(kinds);

/** The heading of `docs/options.md` that explains an option. */
function pageOf(option: keyof ScimRouterOptions): string {
  return `options.md#${option.toLowerCase()}`;
}

/**
 * Checks the arguments of `createScimRouter` and fills in the defaults. Nothing of them is checked anywhere else.
 *
 * @param of the function that was called
 * @throws TypeError that names every mistake at once, with what to write instead
 */
export function parseOptions<Req extends IncomingMessage>(
  store: UserStore,
  options: ScimRouterOptions<Req>,
  of = 'createScimRouter',
): ParsedOptions<Req> {
  const mistakes = new Mistakes(of);
  checkArguments(store, options, mistakes);
  mistakes.expectNames(Object.keys(options), optionNames, '', 'options.md');
  for (const [name, value] of Object.entries(options)) {
    if (isOption(name)) mistakes.expectKind(value, name, kinds[name], pageOf(name));
  }
  const authenticator = readAuthenticator(options.authenticate, mistakes);
  checkBaseUrl(options.baseUrl, mistakes);
  const { pendingMembers, patchStatus } = readGroups(options.groups, options.quirks, mistakes);
  const secrets = readSecrets(options.secret, mistakes);
  const limits = readLimits(options.limits, mistakes);
  const securityEvents = readSecurityEvents(options.securityEvents, mistakes);
  const strict = options.strict ?? false;
  const chosen = new Map(readQuirks(options.quirks, mistakes));
  if (options.groups?.pendingMembers !== undefined) chosen.set('unknown-member', pendingMembers === 'ignore');
  const activeQuirks = chooseQuirks(strict, chosen);
  const customQuirks = readCustomQuirks(options.quirks?.custom, mistakes);
  const tenants = readTenants(options.tenants, mistakes);
  const resourceTypes = readResourceTypes(store, options, mistakes);
  if (options.withinWrite !== undefined) checkChecks(resourceTypes, mistakes);
  checkOnChange(options.onChange, resourceTypes, mistakes);
  if (!mistakes.none) throw mistakes.toError();
  return {
    authenticator,
    resourceTypes,
    groupsOf: store.groups?.groupsOf?.bind(store.groups),
    oneTenant: store.supports?.tenants === 'one',
    pendingMembers:
      pendingMembers === 'keep' && store.groups?.supports?.pendingMembers === false ? 'reject' : pendingMembers,
    patchStatus,
    activeByDefault: options.activeByDefault ?? true,
    publicDiscovery: options.publicDiscovery ?? false,
    securityEvents,
    secrets,
    strict,
    activeQuirks,
    customQuirks,
    limits,
    tenants,
    tenantOf: options.tenantOf,
    authorize: options.authorize,
    access: options.access,
    baseUrl: options.baseUrl,
    me: options.me,
    adopt: options.adopt,
    beforeChange: options.beforeChange,
    withinWrite: options.withinWrite,
    onChange: options.onChange,
    onError: options.onError ?? reportOnConsole,
    onResponse: options.onResponse,
    onExchange: options.onExchange,
    onQuirk: options.onQuirk,
    documentationUri: options.documentationUri,
  };
}

/** @throws TypeError where the arguments are not a store and options: what else is wrong would only mislead */
function checkArguments(store: unknown, options: unknown, mistakes: Mistakes): void {
  if (isObject(store) && 'httpVersion' in store) {
    mistakes.add(
      'It was passed to app.use without being called: write app.use(path, createScimRouter(store, options)).',
      'hosts.md',
    );
  } else if (isStore(options) && !isStore(store)) {
    mistakes.add('The arguments are (store, options): did you swap store and options?', 'options.md');
  } else if (!isObject(options)) {
    mistakes.add('The second argument, the options, must be an object with `authenticate`.', 'options.md');
  } else if (isThenable(options)) mistakes.add('The options are a promise: await it.', 'options.md');
  if (!mistakes.none) throw mistakes.toError();
}

/** `withinWrite` would lose its promise where a store has no transaction for it. */
function checkChecks(resourceTypes: readonly StoredType[], mistakes: Mistakes): void {
  const without = resourceTypes.filter(({ store }) => store.supports?.checks !== true).map(({ type }) => type.name);
  if (without.length === 0) return;
  mistakes.add(
    `withinWrite needs stores with \`supports.checks: true\`, and the store of ${without.join(' and ')} does not declare it: implement \`Write.check\` there, or leave withinWrite out.`,
    pageOf('withinWrite'),
  );
}

function isOption(name: string): name is keyof ScimRouterOptions {
  return Object.hasOwn(kinds, name);
}

function readAuthenticator<Req extends IncomingMessage>(
  value: Authenticate<Req> | Authenticator<Req>,
  mistakes: Mistakes,
): Authenticator<Req> {
  const page = pageOf('authenticate');
  if ((value as unknown) === undefined) {
    const example = "authenticate: connectorKeys([{ key: process.env['SCIM_KEY'] ?? '' }])";
    mistakes.add(`authenticate is required: write ${example}, or a function.`, page);
  } else if (typeof value === 'function') {
    const mistake = mistakeInFunction(value);
    if (mistake !== undefined) mistakes.add(`authenticate ${mistake}.`, page);
  } else if (isObject(value)) {
    const mistake = mistakeInOwner(value);
    if (mistake !== undefined) mistakes.add(`authenticate ${mistake}.`, page);
    else if (typeof value.authenticate !== 'function') {
      mistakes.add('authenticate.authenticate must be a function: (req) => the client, or undefined.', page);
    }
    if (mistake === undefined && !isSchemes(value.schemes)) {
      mistakes.add('authenticate.schemes must be a list of authentication schemes, such as [bearerScheme].', page);
    }
  }
  return toAuthenticator(value);
}

function checkBaseUrl(value: unknown, mistakes: Mistakes): void {
  if (typeof value !== 'string') return;
  const page = pageOf('baseUrl');
  if (!URL.canParse(value) || !/^https?:\/\//i.test(value)) {
    const example = 'https://app.example.com/scim/v2';
    mistakes.add(`baseUrl must be the absolute public URL of the mount point, such as ${example}.`, page);
  } else if (value.endsWith('/')) mistakes.add('baseUrl must not end in a slash: leave it out.', page);
  else if (/[?#]/.test(value)) mistakes.add('baseUrl must have no query and no fragment: leave them out.', page);
}

/** A store with an outbox delivers its events itself: `onChange` would never be called, which nobody would notice. */
function checkOnChange(onChange: unknown, types: readonly StoredType[], mistakes: Mistakes): void {
  if (onChange === undefined || types.length === 0) return;
  if (!types.every(({ store }) => store.supports?.outbox === true)) return;
  const remedy = 'Leave onChange out, and pass the function to dispatchOutbox(db, deliver) of express-scim/sql.';
  mistakes.add(`onChange is never called: the store saves its events in an outbox. ${remedy}`, pageOf('onChange'));
}

const groupOptions: Readonly<Record<keyof GroupOptions, true>> = {
  pendingMembers: true,
  patchStatus: true,
  operations: true,
  unique: true,
};

function readGroups(
  value: GroupOptions | undefined,
  chosenQuirks: ScimRouterOptions['quirks'],
  mistakes: Mistakes,
): Pick<ParsedOptions<IncomingMessage>, 'pendingMembers' | 'patchStatus'> {
  const page = pageOf('groups');
  const ignores = chosenQuirks?.['unknown-member'];
  const { pendingMembers = ignores === true ? 'ignore' : 'keep', patchStatus = 204 } = value ?? {};
  if (isObject(value)) mistakes.expectNames(Object.keys(value), Object.keys(groupOptions), 'groups.', page);
  if (!['keep', 'reject', 'ignore'].includes(pendingMembers)) {
    mistakes.add("groups.pendingMembers must be 'keep', 'reject' or 'ignore'.", page);
  } else if (typeof ignores === 'boolean' && ignores !== (pendingMembers === 'ignore')) {
    const both = `groups.pendingMembers ('${pendingMembers}') and quirks['unknown-member'] (${String(ignores)})`;
    mistakes.add(`${both} contradict each other: write only the first.`, page);
  }
  if (![200, 204].includes(patchStatus)) mistakes.add('groups.patchStatus must be 200 or 204.', page);
  return { pendingMembers, patchStatus };
}

function readSecrets(value: ScimRouterOptions['secret'], mistakes: Mistakes): readonly string[] {
  if (value === undefined) return [];
  const secrets = [value].flat();
  const isLong = (secret: unknown): boolean => typeof secret === 'string' && Buffer.byteLength(secret) >= 32;
  if (secrets.length === 0 || !secrets.every(isLong)) {
    mistakes.add('secret must be a string of 32 bytes or more, or a list of such strings.', pageOf('secret'));
  }
  return secrets;
}

/** URIs of the registry of RFC 9967 7.3. */
function readSecurityEvents(value: unknown, mistakes: Mistakes): readonly string[] {
  if (!Array.isArray(value)) return [];
  const uris = value.filter(
    (uri) => typeof uri === 'string' && /^urn:ietf:params:scim:event:(?:feed|prov|misc)(?::[a-z]+){1,2}$/.test(uri),
  );
  if (uris.length < value.length) {
    const example = 'urn:ietf:params:scim:event:prov:create:notice';
    mistakes.add(`securityEvents must be a list of event URIs, such as ${example}.`, pageOf('securityEvents'));
  }
  return uris.map(String);
}

function readLimits(value: ScimRouterOptions['limits'], mistakes: Mistakes): Limits {
  const page = pageOf('limits');
  if (!isObject(value)) return defaultLimits;
  const names = Object.keys(value).filter((name) => name !== 'bodyBytes');
  if (Object.hasOwn(value, 'bodyBytes')) {
    mistakes.add('limits.bodyBytes is replaced: write limits.resourceBytes, groupBytes and bulkBytes.', page);
  }
  mistakes.expectNames(names, Object.keys(defaultLimits), 'limits.', page);
  const limits: Record<keyof Limits, number> = { ...defaultLimits };
  for (const [name, limit] of Object.entries(value)) {
    if (limit === undefined || !isLimit(name)) continue;
    if (Number.isSafeInteger(limit) && limit >= 1) limits[name] = limit;
    else {
      mistakes.add(
        `limits.${name} must be a positive integer; got ${found(limit)}. The default is ${defaultLimits[name]}.`,
        page,
      );
    }
  }
  if (limits.defaultResults > limits.maxResults) {
    const { defaultResults, maxResults } = limits;
    const values = `limits.defaultResults (${String(defaultResults)}) and limits.maxResults (${String(maxResults)})`;
    mistakes.add(`${values} contradict each other: the default must not be above the maximum. Write both.`, page);
  }
  return limits;
}

function isLimit(name: string): name is keyof Limits {
  return Object.hasOwn(defaultLimits, name);
}

function readQuirks(value: ScimRouterOptions['quirks'], mistakes: Mistakes): ReadonlyMap<QuirkId, boolean> {
  const chosen = new Map<QuirkId, boolean>();
  if (!isObject(value)) return chosen;
  const ids = quirks.map(({ id }) => id);
  mistakes.expectNames(Object.keys(value), [...ids, 'custom'], 'quirks.', 'quirks.md');
  for (const id of ids) {
    const on = value[id];
    if (mistakes.expectKind(on, `quirks[${JSON.stringify(id)}]`, ['boolean'], pageOf('quirks')) && on !== undefined) {
      chosen.set(id, on);
    }
  }
  return chosen;
}

function reportOnConsole(
  error: unknown,
  _: ScimContext | undefined,
  requestId: string | undefined,
  hook: string | undefined,
): void {
  const request = requestId === undefined ? '' : `request ${requestId}`;
  const place =
    hook === undefined
      ? `${request === '' ? 'an operation' : request} failed`
      : `error in ${hook}${request === '' ? '' : ` (${request})`}`;
  // eslint-disable-next-line no-console -- where the host names no logger, a fault must still be seen
  console.error('express-scim: %s:', place, error);
}
