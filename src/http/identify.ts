import type { IncomingMessage } from 'node:http';
import type { Authenticator } from '../auth/authenticate.js';
import { type Awaitable, isThenable } from '../contract/awaitable.js';
import { describe } from '../contract/describe.js';
import type { Actor, ScimContext } from '../contract/context.js';
import { parseActor } from '../auth/parse-actor.js';
import { callHook, noteSource } from '../contract/hook-source.js';
import { ForbiddenError, UnauthorizedError, UnavailableError, isScimError } from '../errors.js';
import { type ReportOnce, wrongResult } from '../operations/faults.js';
import { RequestContext } from '../operations/request-context.js';
import type { ActiveQuirks } from '../quirks/active-quirks.js';
import { baseUrlOf } from './base-url.js';

/**
 * Authenticates the client of a request.
 *
 * @throws UnauthorizedError for a client that is not known, and for anything that is no actor
 * @throws UnavailableError where the authenticator itself fails, with its error as the cause
 */
export function authenticate<Req extends IncomingMessage>(
  authenticator: Authenticator<Req>,
  req: Req,
  reportOnce: ReportOnce,
): Awaitable<Actor> {
  const requireActor = (value: unknown): Actor => {
    const { actor, problem } = parseActor(value);
    if (problem !== undefined) {
      const remedy = 'Return an object with a non-empty string id, or undefined for 401.';
      reportOnce(`authenticate returned ${problem}; the response was 401. ${remedy}`, 'authenticate');
    }
    if (actor === undefined) throw new UnauthorizedError();
    return actor;
  };
  let returned: Awaitable<unknown>;
  try {
    returned = authenticator.authenticate(req);
    // A promise of another library may resolve to one more promise, or throw where it should reject.
    if (isThenable(returned)) return Promise.resolve(returned).then(requireActor, failAuthentication);
  } catch (error) {
    return failAuthentication(error);
  }
  return requireActor(returned);
}

function failAuthentication(error: unknown): never {
  noteSource(error, 'authenticate');
  throw isScimError(error) ? error : new UnavailableError(5, undefined, error);
}

/** What a context depends on beside its request. */
export interface ContextOptions<Req extends IncomingMessage> {
  readonly activeQuirks: ActiveQuirks;
  readonly tenantOf: ((req: Req) => string | null | undefined) | undefined;
  readonly baseUrl: string | ((ctx: ScimContext) => string) | undefined;
  /** How long a request may take, milliseconds. */
  readonly requestMilliseconds: number;
  readonly reportOnce: ReportOnce;
  /** How many units of work a request may cause. */
  readonly workUnits: number;
}

/**
 * The context of a request of an authenticated client.
 *
 * @throws UnauthorizedError where the URL names another tenant than that of the client: its key is unknown there
 */
export function contextOf<Req extends IncomingMessage>(
  req: Req,
  actor: Actor,
  { requestId, startedAt }: { readonly requestId: string; readonly startedAt: number },
  options: ContextOptions<Req>,
): RequestContext {
  const { activeQuirks, baseUrl, workUnits } = options;
  const tenant = actor.tenant ?? 'default';
  checkTenantOfUrl(
    callHook('tenantOf', () => options.tenantOf?.(req)),
    tenant,
    options.reportOnce,
  );
  const deadline = startedAt + options.requestMilliseconds;
  const make = (base: string): RequestContext =>
    new RequestContext({ tenant, actor, requestId, deadline, activeQuirks, base, workUnits });
  return typeof baseUrl === 'function'
    ? make(checkedBase(callHook('baseUrl', () => baseUrl(make('')))))
    : make(baseUrl ?? baseUrlOf(req));
}

function checkTenantOfUrl(named: unknown, tenant: string, reportOnce: ReportOnce): void {
  if (named === undefined || named === null || named === tenant) return;
  if (typeof named !== 'string') {
    const remedy = 'Return the tenant as a string, or undefined where the URL names none.';
    reportOnce(`tenantOf returned ${describe(named)}; the response was 401. ${remedy}`, 'tenantOf');
  }
  throw new UnauthorizedError();
}

/** The URL that `options.baseUrl` returned. It never falls back to the Host header, which the client chooses. */
function checkedBase(url: unknown): string {
  if (typeof url === 'string' && /^https?:\/\/[^?#]+$/i.test(url) && URL.canParse(url))
    return withoutTrailingSlashes(url);
  const example = 'https://app.example.com/scim/v2';
  throw wrongResult('baseUrl', url, `Return the absolute public URL of the mount point, such as ${example}.`);
}

function withoutTrailingSlashes(url: string): string {
  let end = url.length;
  while (url.endsWith('/', end)) end--;
  return url.slice(0, end);
}

/**
 * Checks that the tenant of the client is served.
 *
 * @param oneTenant true where the store keeps the data of one tenant only
 * @throws ForbiddenError
 */
export function checkTenant({ actor, tenant }: RequestContext, oneTenant: boolean): void {
  if (actor.enabled === false) throw new ForbiddenError('Provisioning is switched off for this tenant.');
  if (oneTenant && tenant !== 'default') throw new ForbiddenError('This service has one tenant only.');
}
