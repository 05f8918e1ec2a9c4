/** The options of `createScimRouter`, as types. `options/parse.ts` checks them and fills in the defaults. */

import type { IncomingMessage } from 'node:http';
import type { Authenticate, Authenticator } from './auth/authenticate.js';
import type { Attributes } from './contract/attribute.js';
import type { Awaitable } from './contract/awaitable.js';
import type { Actor, ScimContext } from './contract/context.js';
import type { ChangeEvent } from './contract/event.js';
import type { ResourceStore, WriteResult, WriteTransaction } from './contract/store.js';
import type {
  Access,
  AppliedQuirk,
  ChangeCheck,
  Exchange,
  ProposedChange,
  RequestedChange,
  ResponseRecord,
} from './hooks.js';
import type { Adopt } from './lifecycle/adoption/adoption.js';
import type { Limits } from './limits.js';
import type { CustomQuirk } from './quirks/custom-quirk.js';
import type { QuirkId } from './quirks/quirks.js';
import type { SchemaDefinition } from './schema/definition.js';

/**
 * An extension of a resource type (RFC 7643 3.3).
 *
 * @example
 * import { defineSchema, enterpriseUserSchema, type Extension } from 'express-scim';
 *
 * const badge = defineSchema({
 *   id: 'urn:example:params:scim:schemas:extension:2.0:Badge',
 *   attributes: [{ name: 'number', required: true }],
 * });
 * export const extensions: { User: readonly Extension[] } = {
 *   User: [{ schema: enterpriseUserSchema }, { schema: badge }],
 * };
 */
export interface Extension {
  /** Its schema: `id` is the URN under which its values are in a resource. */
  readonly schema: SchemaDefinition;
  /** True: a resource without it is refused with 400. Default false. */
  readonly required?: boolean | undefined;
}

/** What clients can do with a resource type, and what is unique in it. */
export interface TypeRules {
  /**
   * What clients can do: a list of `create`, `read`, `query`, `replace`, `patch` and `delete`. Anything else returns 405,
   * or 501 for a PATCH that no type offers; a type with `read` and `query` only is announced as read-only. Default: all.
   */
  readonly operations?: readonly Access['operation'][] | undefined;
  /**
   * Names of top-level attributes that are unique in addition to those of the schema, such as `externalId`, or
   * `displayName` of groups. An index of the store decides: a value that is taken gets 409 uniqueness. Default: none.
   */
  readonly unique?: readonly string[] | undefined;
}

/**
 * A resource type in addition to User and Group (RFC 7643 3.2).
 *
 * @example
 * import { defineSchema, MemoryStore, type ResourceTypeOption } from 'express-scim';
 *
 * const schema = defineSchema({
 *   id: 'urn:example:params:scim:schemas:2.0:Device',
 *   attributes: [{ name: 'displayName', required: true }],
 * });
 * export const device: ResourceTypeOption = { name: 'Device', schema, store: new MemoryStore().resources('Device') };
 */
export interface ResourceTypeOption extends TypeRules {
  /** Name of the type, as `meta.resourceType` shows it. */
  readonly name: string;
  /** A slash and one path segment. Default: the name and an s, `/Devices`. */
  readonly endpoint?: string | undefined;
  /** Shown in /ResourceTypes. Default: the description of the schema. */
  readonly description?: string | undefined;
  /** The core schema of the type. */
  readonly schema: SchemaDefinition;
  /** Extensions of the type. Default: none. */
  readonly extensions?: readonly Extension[] | undefined;
  /** Typed by the schema: `ResourceStore<ResourceOf<typeof schema>>`. */
  readonly store: ResourceStore<Attributes>;
}

/** How groups are served. */
export interface GroupOptions extends TypeRules {
  /**
   * An added member that does not exist yet: keep it until it does, refuse the request with 400, or ignore the member and
   * report it as quirk `unknown-member`. Default `'keep'`, or `'reject'` where the store cannot keep it.
   */
  readonly pendingMembers?: 'keep' | 'reject' | 'ignore' | undefined;
  /** Status of a PATCH response where the client asked for no attributes (RFC 7644 3.5.2). Default 204. */
  readonly patchStatus?: 200 | 204 | undefined;
}

/**
 * What a tenant has of its own. What is left out is that of the router.
 *
 * `extensions` replaces those of each resource type that it names. `quirks` and `limits` are added to those of the router.
 */
export type TenantConfiguration = Pick<ScimRouterOptions, 'extensions' | 'quirks' | 'limits' | 'strict' | 'access'>;

/** Where the configuration of each tenant comes from. */
export interface TenantOptions {
  /**
   * Called for the tenant of an authenticated request. Undefined or null: the tenant has none of its own. Several tenants
   * may have the same object; it is then compiled once. Return a new object when something has changed.
   */
  readonly configurationOf: (tenant: string) => Awaitable<TenantConfiguration | undefined | null>;
  /** How many tenants are cached at most; the least recently used is dropped. Default 200. */
  readonly size?: number | undefined;
  /** After how long `configurationOf` is called again, milliseconds. Default 60,000. */
  readonly maxAgeMilliseconds?: number | undefined;
}

/**
 * Options of `createScimRouter`. `Req` is the type of the requests that your app passes on, such as Express's `Request`.
 *
 * @example
 * import type { Request } from 'express';
 * import { connectorKeys, type ScimRouterOptions } from 'express-scim';
 *
 * export const options: ScimRouterOptions<Request> = {
 *   authenticate: connectorKeys([{ key: process.env['SCIM_KEY'] ?? '' }]),
 *   baseUrl: 'https://app.example.com/scim/v2',
 *   onError: (error, ctx) => console.error(ctx?.requestId, error),
 * };
 */
export interface ScimRouterOptions<Req extends IncomingMessage = IncomingMessage> {
  /** Required: `connectorKeys(...)`, `anyAuthenticator(...)` or your own function. */
  readonly authenticate: Authenticate<Req> | Authenticator<Req>;
  /**
   * The tenant that the URL names. If it differs from the client's, the response is 401, as for an unknown key.
   * Default: the URL names none.
   */
  readonly tenantOf?: ((req: Req) => string | null | undefined) | undefined;
  /** Called before every store call; anything but `true` is 403. Default: the scopes of the client decide. */
  readonly authorize?: ((access: Access, ctx: ScimContext) => Awaitable<boolean>) | undefined;
  /**
   * Which attributes a client sees and writes: lists of paths, such as `roles`, `name.familyName` or
   * `urn:...:enterprise:2.0:User:department`. A path without the URN of a core schema counts for every resource type that
   * has the attribute. A hidden attribute is one that the client's service does not have; a read-only one is ignored in a
   * body and refused in a PATCH path. With `visible` the client sees only what it lists. `{}` restricts nothing; anything
   * but such an object is a 500. Default: no client is restricted.
   */
  readonly access?:
    | ((
        actor: Actor,
        ctx: ScimContext,
      ) => Awaitable<{
        readonly visible?: readonly string[] | undefined;
        readonly hidden?: readonly string[] | undefined;
        readonly readOnly?: readonly string[] | undefined;
      }>)
    | undefined;
  /** Public URL of the mount point, without a trailing slash. Default: from the request, as Express trusts it. */
  readonly baseUrl?: string | ((ctx: ScimContext) => string) | undefined;
  /** Extensions of User and Group, by name. Default: the enterprise extension of User (RFC 7643 4.3). */
  readonly extensions?: { readonly [resourceType: string]: readonly Extension[] } | undefined;
  /** Further resource types. Default: none. */
  readonly resourceTypes?: readonly ResourceTypeOption[] | undefined;
  /** How users are served. */
  readonly users?: TypeRules | undefined;
  /** How groups are served, and what happens to members that do not exist. */
  readonly groups?: GroupOptions | undefined;
  /**
   * ID of the user that the client represents. It makes /Me an alias of that user (RFC 7644 3.11). Default: /Me returns 501.
   */
  readonly me?: ((ctx: ScimContext) => Awaitable<string | null | undefined>) | undefined;
  /** `active` of a user that is created without it. Default true. */
  readonly activeByDefault?: boolean | undefined;
  /** Whether `password` is passed to the store. Default false: accepted, dropped, and not in /Schemas. */
  readonly password?: boolean | undefined;
  /**
   * Called before a user with an externalId is created. It may link the user to an account that existed before
   * provisioning, see `adoptBy`. Default: POST never touches an existing account.
   */
  readonly adopt?: Adopt | undefined;
  /**
   * Called after authorization and before each write, retries included; throw a ScimError to refuse the write. To decide
   * while no other write can run, return a `ChangeCheck`.
   */
  readonly beforeChange?:
    ((change: ProposedChange, ctx: ScimContext) => Awaitable<ChangeCheck | undefined | void>) | undefined;
  /**
   * Called inside the transaction of each write, after the write: what your app changes through `transaction.handle` is
   * committed with the resource, or neither is. A throw rolls both back. Not called for a write that changed nothing.
   * Default: none. It needs a store with `supports.checks`.
   */
  readonly withinWrite?:
    | ((
        change: RequestedChange,
        result: WriteResult<Attributes>,
        transaction: WriteTransaction,
        ctx: ScimContext,
      ) => Awaitable<void>)
    | undefined;
  /**
   * Called after each write. `onError` gets what it throws, and the client does not. Several hooks: `combineHooks`. A store
   * with an outbox delivers events itself, at least once, and `onChange` is then an error: see `dispatchOutbox`.
   */
  readonly onChange?: ((event: ChangeEvent) => Awaitable<void>) | undefined;
  /**
   * Called with the cause of every 5xx except 501: pass it to your logger. `requestId` is there also if the client was
   * not authenticated, so that there is no `ctx`. `hook` names the function of your app that failed, such as `onChange`; a
   * function inside it follows, as in `onChange > onEvents["user.deleted"]`. Default: console.error.
   */
  readonly onError?:
    | ((error: unknown, ctx: ScimContext | undefined, requestId: string | undefined, hook: string | undefined) => void)
    | undefined;
  /** Called once for each response, after it is sent: status, duration, operation, quirks. No personal data. */
  readonly onResponse?: ((record: ResponseRecord) => void) | undefined;
  /**
   * Called before `onResponse`, with both bodies: personal data. Remove what you must not store, as `provisioningLog` does.
   */
  readonly onExchange?: ((exchange: Exchange) => void) | undefined;
  /** Called for each quirk that was applied to a request, after its response is sent. No personal data. */
  readonly onQuirk?: ((applied: AppliedQuirk) => void) | undefined;
  /**
   * Encrypts cursors (RFC 9865). Each is 32 bytes or longer and the same in every process; the first encrypts, all
   * decrypt. Default: a random one, so cursors end with the process.
   */
  readonly secret?: string | readonly string[] | undefined;
  /** Turns every quirk off, and follows the interoperability profile. Default false. */
  readonly strict?: boolean | undefined;
  /**
   * Turns single quirks on or off, by ID. Default: what the quirk itself says, and off with `strict`. `custom` lists
   * quirks of your own, see `defineQuirk`.
   */
  readonly quirks?:
    | ({ readonly [quirk in QuirkId]?: boolean | undefined } & { readonly custom?: readonly CustomQuirk[] | undefined })
    | undefined;
  /** Default: `defaultLimits`. */
  readonly limits?: { readonly [limit in keyof Limits]?: Limits[limit] | undefined } | undefined;
  /**
   * Extensions, quirks, limits, `strict` and `access` by tenant, see `TenantOptions`. If a configuration cannot be loaded or has a
   * mistake, the requests of that tenant return 500. `forgetTenant` of the router drops a cached one. Default: all tenants
   * have the same.
   */
  readonly tenants?: TenantOptions | undefined;
  /** A page about this service, shown in ServiceProviderConfig (RFC 7643 5). Default: none. */
  readonly documentationUri?: string | undefined;
  /**
   * URIs of the security events that your app sends, shown in ServiceProviderConfig (RFC 9967 4): `securityEventUris` of
   * express-scim/events lists them. Default: none.
   */
  readonly securityEvents?: readonly string[] | undefined;
  /**
   * True: /ServiceProviderConfig, /ResourceTypes and /Schemas need no credentials (RFC 7643 5). Credentials that a
   * request has are still checked. Default false.
   */
  readonly publicDiscovery?: boolean | undefined;
}
