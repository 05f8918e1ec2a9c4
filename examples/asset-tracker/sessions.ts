// Signing in, who is signed in, and CSRF tokens.
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Request, RequestHandler } from 'express';
import type { ProvisioningStatus } from 'express-scim/lifecycle';
import session from 'express-session';
import type { Kysely } from 'kysely';
import type { Attempts } from './attempts.js';
import type { Role, Tables } from './database.js';
import { digest } from './digest.js';
import { isPassword } from './passwords.js';
import { SessionStore } from './session-store.js';
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

/** What sessions depend on beside the database. */
export interface SessionOptions {
  /** Signs cookies and CSRF tokens. */
  readonly secret: string;
  readonly hours: number;
  /** True where browsers use HTTPS. */
  readonly secure: boolean;
  readonly attempts: Attempts;
  /** Whether a member may sign in, and why not. */
  readonly statusOf: (email: string) => Promise<ProvisioningStatus>;
}

/**
 * Who is signed in, by the sessions of express-session.
 *
 * CSRF tokens are an HMAC of the session ID. A library of them would need a parser of cookies and a cookie of its own for each
 * token, and would not be shorter.
 */
export class Sessions {
  /** Reads the session of a request; mount it before everything that asks for the administrator. */
  readonly middleware: RequestHandler;
  readonly #db: Kysely<Tables>;
  readonly #secret: string;
  readonly #statusOf: SessionOptions['statusOf'];
  readonly #attempts: Attempts;

  constructor(db: Kysely<Tables>, { secret, hours, secure, attempts, statusOf }: SessionOptions) {
    this.#statusOf = statusOf;
    this.#db = db;
    this.#secret = secret;
    this.#attempts = attempts;
    this.middleware = session({
      name: 'session',
      secret,
      store: new SessionStore(db),
      // Only a sign-in makes a session: visitors leave no rows.
      saveUninitialized: false,
      resave: false,
      cookie: { httpOnly: true, sameSite: 'strict', secure, path: '/', maxAge: hours * 3_600_000 },
    });
  }

  /** @returns the ID of the member; undefined for a wrong email or password; `'wait'` after too many attempts */
  async signIn(email: string, password: string, address: string): Promise<number | 'wait' | undefined> {
    if (!(await this.#attempts.take(address, email))) return 'wait';
    const row = await withEmail(this.#db, email)
      .innerJoin('credentials', 'credentials.member_id', 'members.id')
      .select(['members.id', 'members.role', 'credentials.hash'])
      .executeTakeFirst();
    const isCorrect = await isPassword(password, row?.hash);
    if (!isCorrect || row === undefined || !isAdministrator(row.role)) return undefined;
    // Only now: who does not know the password learns nothing about the member.
    if (!(await this.#statusOf(email)).maySignIn) return undefined;
    await this.#attempts.forgive(address, email);
    return row.id;
  }

  /** Starts the session of a member, under a new ID. */
  async start(req: Request, memberId: number): Promise<void> {
    await settled((done) => req.session.regenerate(done));
    req.session.memberId = memberId;
    await settled((done) => req.session.save(done));
  }

  /** The administrator who sent a request. The right to sign in is checked for each request. */
  async administrator(req: IncomingMessage): Promise<Administrator | undefined> {
    const id = this.idOf(req);
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

  async signOut(req: Request): Promise<void> {
    await settled((done) => req.session.destroy(done));
  }

  /** The session ID of a member who has signed in. */
  idOf(req: IncomingMessage): string | undefined {
    // The middleware adds both; a request that has not passed it has no session.
    const { session: data, sessionID } = req as Partial<Pick<Request, 'session' | 'sessionID'>>;
    return data?.memberId === undefined ? undefined : sessionID;
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

export function isAdministrator(role: Role): boolean {
  return role === 'admin' || role === 'owner';
}

function settled(run: (done: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    run((error) => {
      if (error === undefined || error === null) resolve();
      else reject(error instanceof Error ? error : new Error('The session could not be kept.', { cause: error }));
    });
  });
}
