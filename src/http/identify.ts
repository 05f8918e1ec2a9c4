import type { IncomingMessage } from 'node:http';
import type { Authenticator } from '../auth/authenticate.js';
import { type Awaitable, isThenable } from '../contract/awaitable.js';
import type { Actor, ScimContext } from '../contract/context.js';
import { ForbiddenError, UnauthorizedError, UnavailableError, isScimError } from '../errors.js';
import { RequestContext } from '../operations/request-context.js';
import type { ActiveQuirks } from '../quirks/active-quirks.js';
import { baseUrlOf } from './base-url.js';

/**
 * Authenticates the client of a request.
 *
 * @throws UnauthorizedError for a client that is not known
 * @throws UnavailableError where the authenticator itself fails, with its error as the cause
 */
export function authenticate<Req extends IncomingMessage>(
  authenticator: Authenticator<Req>,
  req: Req,
): Awaitable<Actor> {
  try {
    const actor = authenticator.authenticate(req);
    return isThenable(actor) ? actor.then(requireActor, failAuthentication) : requireActor(actor);
  } catch (error) {
    return failAuthentication(error);
  }
}

function requireActor(actor: Actor | undefined): Actor {
  if (actor === undefined) throw new UnauthorizedError();
  return actor;
}

function failAuthentication(error: unknown): never {
  throw isScimError(error) ? error : new UnavailableError(5, undefined, error);
}

/** What a context depends on beside its request. */
export interface ContextOptions<Req extends IncomingMessage> {
  readonly activeQuirks: ActiveQuirks;
  readonly tenantOf: ((req: Req) => string | undefined) | undefined;
  readonly baseUrl: string | ((ctx: ScimContext) => string) | undefined;
  /** How long a request may take, milliseconds. */
  readonly requestMilliseconds: number;
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
  const tenantOfUrl = options.tenantOf?.(req);
  if (tenantOfUrl !== undefined && tenantOfUrl !== tenant) throw new UnauthorizedError();
  const deadline = startedAt + options.requestMilliseconds;
  const make = (base: string): RequestContext =>
    new RequestContext({ tenant, actor, requestId, deadline, activeQuirks, base, workUnits });
  return typeof baseUrl === 'function' ? make(baseUrl(make('')).replace(/\/+$/, '')) : make(baseUrl ?? baseUrlOf(req));
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
