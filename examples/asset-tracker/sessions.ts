// Sessions and CSRF tokens.
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { ProvisioningStatus } from 'express-scim/lifecycle';
import type { Kysely } from 'kysely';
import { createAttempts } from './attempts.js';
import type { Role, Tables } from './database.js';
import { isPassword } from './passwords.js';
import { nameOf, withEmail } from './users.js';

/** The administrator who is signed in. */
export interface Administrator {
  readonly id: number;
  readonly name: string;
  readonly role: Role;
  /** CSRF token for the forms of this session. */
  readonly csrf: string;
  /** Digest of the session ID. */
  readonly session: string;
}

/** Signed session cookies, with the sessions in the database. */
export class Sessions {
  readonly #db: Kysely<Tables>;
  readonly #secret: string;
  readonly #hours: number;
  readonly #statusOf: (email: string) => Promise<ProvisioningStatus>;
  readonly #attempts = createAttempts();

  /** @param statusOf whether a member may sign in, and why not */
  constructor(
    db: Kysely<Tables>,
    secret: string,
    hours: number,
    statusOf: (email: string) => Promise<ProvisioningStatus>,
  ) {
    this.#statusOf = statusOf;
    this.#db = db;
    this.#secret = secret;
    this.#hours = hours;
  }

  /** @returns the value of the cookie; undefined for a wrong email or password; `'wait'` after too many attempts */
  async signIn(email: string, password: string, address: string): Promise<string | 'wait' | undefined> {
    if (!this.#attempts.take(address, email)) return 'wait';
    const row = await withEmail(this.#db, email)
      .innerJoin('credentials', 'credentials.member_id', 'members.id')
      .select(['members.id', 'members.role', 'credentials.hash'])
      .executeTakeFirst();
    const isCorrect = await isPassword(password, row?.hash);
    if (!isCorrect || row === undefined || !isAdministrator(row.role)) return undefined;
    // Only now: who does not know the password learns nothing about the member.
    if (!(await this.#statusOf(email)).maySignIn) return undefined;
    this.#attempts.forgive(address, email);
    const id = randomBytes(32).toString('base64url');
    const now = Date.now();
    await this.#db.deleteFrom('sessions').where('expires_at', '<', new Date(now).toISOString()).execute();
    await this.#db
      .insertInto('sessions')
      .values({
        digest: digest(id),
        member_id: row.id,
        created_at: new Date(now).toISOString(),
        expires_at: new Date(now + this.#hours * 3_600_000).toISOString(),
      })
      .execute();
    return this.sign(id);
  }

  /** The administrator who sent a request. The right to sign in is checked for each request. */
  async administrator(req: IncomingMessage): Promise<Administrator | undefined> {
    const id = this.read(cookie(req, 'session'));
    if (id === undefined) return undefined;
    const row = await this.#db
      .selectFrom('sessions')
      .innerJoin('members', 'members.id', 'sessions.member_id')
      .selectAll('members')
      .where('sessions.digest', '=', digest(id))
      .where('sessions.expires_at', '>', new Date().toISOString())
      .where('members.may_sign_in', '=', 1)
      .where('members.deleted_at', 'is', null)
      .executeTakeFirst();
    if (row === undefined || !isAdministrator(row.role)) return undefined;
    return { id: row.id, name: nameOf(row), role: row.role, csrf: this.csrf(id), session: digest(id) };
  }

  async signOut(session: string): Promise<void> {
    await this.#db.deleteFrom('sessions').where('digest', '=', session).execute();
  }

  sign(id: string): string {
    return `${id}.${this.#mac(`cookie ${id}`)}`;
  }

  /** The value of a signed cookie; undefined if the signature is invalid. */
  read(signed: string | undefined): string | undefined {
    const dot = signed?.lastIndexOf('.') ?? -1;
    if (signed === undefined || dot < 1) return undefined;
    const id = signed.slice(0, dot);
    return isSame(signed.slice(dot + 1), this.#mac(`cookie ${id}`)) ? id : undefined;
  }

  /** CSRF token for a session, or for a visitor of the sign-in page. */
  csrf(id: string): string {
    return this.#mac(`csrf ${id}`);
  }

  #mac(text: string): string {
    return createHmac('sha256', this.#secret).update(text).digest('base64url');
  }
}

export function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

export function cookie(req: IncomingMessage, name: string): string | undefined {
  for (const part of (req.headers.cookie ?? '').split(';')) {
    const [key, ...value] = part.split('=');
    if (key?.trim() === name) return value.join('=').trim();
  }
  return undefined;
}

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function isAdministrator(role: Role): boolean {
  return role === 'admin' || role === 'owner';
}
