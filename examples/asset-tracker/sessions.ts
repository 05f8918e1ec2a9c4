// Sessions, and the tokens that every form carries.
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Kysely } from 'kysely';
import { createAttempts } from './attempts.js';
import type { Role, Tables } from './database.js';
import { isPassword } from './passwords.js';
import { nameOf, withEmail } from './users.js';

/** Who is signed in. */
export interface Administrator {
  readonly id: number;
  readonly name: string;
  readonly role: Role;
  /** What a form of this session has to carry. */
  readonly csrf: string;
  /** Digest of the session's id. */
  readonly session: string;
}

/** Signed cookies over the table of sessions. */
export class Sessions {
  readonly #db: Kysely<Tables>;
  readonly #secret: string;
  readonly #hours: number;
  readonly #attempts = createAttempts();

  constructor(db: Kysely<Tables>, secret: string, hours: number) {
    this.#db = db;
    this.#secret = secret;
    this.#hours = hours;
  }

  /** @returns the cookie's value; undefined: e-mail and password do not fit; `'wait'`: too many attempts */
  async signIn(email: string, password: string, address: string): Promise<string | 'wait' | undefined> {
    if (!this.#attempts.take(address, email)) return 'wait';
    const row = await withEmail(this.#db, email)
      .innerJoin('credentials', 'credentials.member_id', 'members.id')
      .select(['members.id', 'members.role', 'members.may_sign_in', 'credentials.hash'])
      .executeTakeFirst();
    const right = await isPassword(password, row?.hash);
    if (!right || row === undefined || row.may_sign_in !== 1 || !isAdministrator(row.role)) return undefined;
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

  /** Who a request is from. A member who may no longer sign in is nobody, at once. */
  async who(req: IncomingMessage): Promise<Administrator | undefined> {
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

  /** What a signed cookie holds; undefined for one that was not signed here. */
  read(signed: string | undefined): string | undefined {
    const dot = signed?.lastIndexOf('.') ?? -1;
    if (signed === undefined || dot < 1) return undefined;
    const id = signed.slice(0, dot);
    return isSame(signed.slice(dot + 1), this.#mac(`cookie ${id}`)) ? id : undefined;
  }

  /** The token of the forms of a session, or of a visitor who is about to sign in. */
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
