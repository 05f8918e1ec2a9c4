import { randomBytes } from 'node:crypto';
import { isTenant } from '../auth/parse-actor.js';
import { checkOptions as checkKinds, usageError } from '../contract/option-mistakes.js';
import { setupLinkSigner } from './setup-link-signer.js';
import type { SetupLink, SetupLinkStore } from './setup-link-store.js';

/**
 * Options of `setupLinks`.
 *
 * @example
 * import { memorySetupLinkStore, type SetupLinksOptions } from 'express-scim/admin';
 *
 * export const options: SetupLinksOptions = {
 *   secret: process.env['SETUP_SECRET'] ?? '',
 *   store: memorySetupLinkStore(),
 *   url: 'https://app.example.com/provisioning-setup',
 * };
 */
export interface SetupLinksOptions {
  /**
   * Signs links and sessions: 32 bytes or more, the same in every process. A list rotates it: the first signs, all are
   * accepted.
   */
  readonly secret: string | readonly string[];
  /** `memorySetupLinkStore()`, or `sqlSetupLinkStore(db)` of `express-scim/sql`. */
  readonly store: SetupLinkStore;
  /**
   * Public URL of the panel at a path that needs no sign-in to your app, without a trailing slash; or a function of the
   * tenant.
   */
  readonly url: string | ((tenant: string) => string);
  /** How long the session of a used link lasts. Default 60. */
  readonly sessionMinutes?: number | undefined;
  /** Current time in milliseconds since 1970. Default `Date.now`. */
  readonly clock?: (() => number) | undefined;
}

/**
 * Which connection a new set-up link is for.
 *
 * @example
 * import type { NewSetupLink } from 'express-scim/admin';
 *
 * export const link: NewSetupLink = { tenant: 'acme', connection: 'default', by: 'ada@example.com', hours: 72 };
 */
export interface NewSetupLink {
  readonly tenant: string;
  readonly connection: string;
  /** Name of the connection, shown in the panel. Default: the stored name. */
  readonly name?: string | undefined;
  /** Who creates it. */
  readonly by: string;
  /** How long it can be used: 1 to 720. */
  readonly hours: number;
}

/** Why a set-up link is refused. `invalid`: altered, incomplete, of another secret, or unknown. */
export type SetupLinkProblem = 'invalid' | 'expired' | 'used' | 'revoked' | 'other-tenant';

/**
 * Options of `SetupLinks.open`.
 *
 * @example
 * import type { OpenSetupLinkOptions } from 'express-scim/admin';
 *
 * export const options: OpenSetupLinkOptions = { tenant: 'acme' };
 */
export interface OpenSetupLinkOptions {
  /** The tenant that the URL of the panel names: a link for another one is refused, and stays unused. Default: none. */
  readonly tenant?: string | undefined;
  /** Called when the link is valid, before it is used. If it throws, the link stays unused. Default: nothing is called. */
  readonly beforeUse?: ((link: SetupLink) => Promise<void>) | undefined;
}

/** Result of opening a set-up link. `session` is the value of a cookie. */
export type OpenedSetupLink =
  | { readonly link: SetupLink; readonly session: string; readonly problem?: undefined }
  | {
      readonly problem: SetupLinkProblem;
      /** Present where the signature is right. */
      readonly link?: Pick<SetupLink, 'tenant' | 'connection' | 'id'> | undefined;
    };

/**
 * The object that `setupLinks` returns.
 *
 * @example
 * import type { SetupLinks } from 'express-scim/admin';
 *
 * export async function invite(links: SetupLinks, tenant: string, by: string): Promise<string> {
 *   const { url } = await links.create({ tenant, connection: 'default', by, hours: 72 });
 *   return url;
 * }
 */
export interface SetupLinks {
  readonly sessionMinutes: number;
  /** @throws TypeError for an invalid tenant, connection or number of hours */
  create(link: NewSetupLink): Promise<{ readonly id: string; readonly url: string; readonly expiresAt: Date }>;
  /** The newest links of a connection, newest first. */
  list(tenant: string, connection: string): Promise<readonly SetupLink[]>;
  /** Revokes all links of a connection, and ends their sessions. */
  revoke(tenant: string, connection: string): Promise<void>;
  /**
   * Uses a link, this one time.
   *
   * @param code what follows `#` in the URL
   */
  open(code: string, options?: OpenSetupLinkOptions): Promise<OpenedSetupLink>;
  /** The link of a session; undefined for an invalid, expired or revoked one. */
  session(session: string): Promise<SetupLink | undefined>;
}

const maxHours = 720;
const maxListed = 10;

/**
 * Creates set-up links: signed URLs with which an administrator of your customer, who has no account in your app,
 * configures one connection in the panel.
 *
 * A link expires, and works once: it is exchanged for a session cookie that is limited to the pages of that connection. Its
 * secret part is behind the `#` of the URL, which browsers do not send, so no server or proxy logs it.
 *
 * @throws TypeError for an invalid option
 * @example
 * import { memorySetupLinkStore, setupLinks } from 'express-scim/admin';
 *
 * const links = setupLinks({
 *   secret: process.env['SETUP_SECRET'] ?? '',
 *   store: memorySetupLinkStore(),
 *   url: 'https://app.example.com/provisioning-setup',
 * });
 * const { url } = await links.create({ tenant: 'acme', connection: 'default', by: 'ada@example.com', hours: 72 });
 */
export function setupLinks(options: SetupLinksOptions): SetupLinks {
  checkOptions(options);
  const { store, sessionMinutes = 60, clock = Date.now } = options;
  const urlOf = (tenant: string): string =>
    typeof options.url === 'string' ? options.url : checkUrl(options.url(tenant));
  const signer = setupLinkSigner([options.secret].flat());
  return {
    sessionMinutes,
    async create({ tenant, connection, name = '', by, hours }) {
      const mistakes: string[] = [];
      if (!isTenant(tenant) || connection === '') mistakes.push('tenant and connection are required');
      if (!Number.isInteger(hours) || hours < 1 || hours > maxHours) {
        mistakes.push(`hours must be an integer from 1 to ${String(maxHours)}`);
      }
      if (mistakes.length > 0) throw usageError('setupLinks', mistakes, page);
      const id = randomBytes(16).toString('hex');
      const createdAt = new Date(clock());
      const expiresAt = new Date(clock() + hours * 3_600_000);
      await store.add({ id, tenant, connection, name, createdBy: by, createdAt, expiresAt });
      return { id, expiresAt, url: `${urlOf(tenant)}/setup#${signer.sign('link', [tenant, id, expiresAt.getTime()])}` };
    },
    list: async (tenant, connection) => store.list(tenant, connection, maxListed),
    revoke: async (tenant, connection) => store.revoke(tenant, connection, new Date(clock())),
    async open(code, { tenant: expectedTenant, beforeUse } = {}) {
      const signed = signer.read('link', code);
      const stored = signed && (await store.get(signed.tenant, signed.id));
      if (signed === undefined || stored === undefined) return { problem: 'invalid' };
      const { tenant, connection, id } = stored;
      const refused = (problem: SetupLinkProblem): OpenedSetupLink => ({ problem, link: { tenant, connection, id } });
      if (expectedTenant !== undefined && expectedTenant !== tenant) return refused('other-tenant');
      if (stored.revokedAt !== undefined) return refused('revoked');
      if (stored.usedAt !== undefined) return refused('used');
      // Both: the row may have been changed to an earlier time.
      if (clock() >= Math.min(signed.expires, stored.expiresAt.getTime())) return refused('expired');
      await beforeUse?.(stored);
      if (!(await store.use(tenant, id, new Date(clock())))) return refused('used');
      const expires = clock() + sessionMinutes * 60_000;
      return { link: stored, session: signer.sign('session', [tenant, id, expires]) };
    },
    async session(session) {
      const signed = signer.read('session', session);
      if (signed === undefined || clock() >= signed.expires) return undefined;
      const link = await store.get(signed.tenant, signed.id);
      return link?.usedAt === undefined || link.revokedAt !== undefined ? undefined : link;
    },
  };
}

const page = 'connections.md#set-up-links';
const urlMistake = 'url must be an absolute URL without a trailing slash';

function checkOptions(options: SetupLinksOptions): void {
  checkKinds(
    options,
    {
      of: 'setupLinks',
      page,
      required: ['secret', 'store', 'url'],
      kinds: {
        secret: ['string', 'list'],
        store: { methods: ['add', 'get', 'list', 'use', 'revoke'] },
        url: ['string', 'function'],
        sessionMinutes: 'positive number',
        clock: 'function',
      },
    },
    ({ secret, url }) => [
      secret === undefined || isSecret(secret)
        ? undefined
        : 'secret must be a string of 32 bytes or more, or a list of such strings',
      url === undefined || typeof url === 'function' || isUrl(url) ? undefined : urlMistake,
    ],
  );
}

function isSecret(secret: unknown): boolean {
  const secrets: readonly unknown[] = [secret].flat();
  return secrets.length > 0 && secrets.every((each) => typeof each === 'string' && Buffer.byteLength(each) >= 32);
}

function isUrl(url: unknown): url is string {
  return typeof url === 'string' && URL.canParse(url) && /^https?:\/\/[^?#]*[^/?#]$/i.test(url);
}

function checkUrl(url: unknown): string {
  if (!isUrl(url)) throw usageError('setupLinks', urlMistake, page);
  return url;
}
