// The sessions of express-session, in the database of the product.
import { Store, type SessionData } from 'express-session';
import type { Kysely } from 'kysely';
import type { Tables } from './database.js';
import { digest } from './digest.js';

declare module 'express-session' {
  interface SessionData {
    /** The administrator who has signed in. */
    memberId: number;
  }
}

/**
 * Keeps sessions of members who have signed in, by the digest of their ID: a copy of the table opens no session. It has the
 * member in a column of its own, so that off-boarding finds and ends the sessions of a member.
 */
export class SessionStore extends Store {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    super();
    this.#db = db;
  }

  override get(id: string, callback: (error: unknown, session?: SessionData | null) => void): void {
    const read = async (): Promise<SessionData | null> => {
      const row = await this.#db
        .selectFrom('sessions')
        .select(['member_id', 'created_at', 'expires_at'])
        .where('digest', '=', digest(id))
        .where('expires_at', '>', new Date().toISOString())
        .executeTakeFirst();
      if (row === undefined) return null;
      const expires = new Date(row.expires_at);
      const originalMaxAge = expires.getTime() - new Date(row.created_at).getTime();
      return { cookie: { originalMaxAge, expires }, memberId: row.member_id };
    };
    read().then((session) => callback(null, session), callback);
  }

  override set(id: string, { cookie, memberId }: SessionData, callback: (error?: unknown) => void = () => {}): void {
    const write = async (): Promise<void> => {
      const now = new Date().toISOString();
      const expires_at = new Date(cookie.expires ?? now).toISOString();
      await this.#db.deleteFrom('sessions').where('expires_at', '<', now).execute();
      await this.#db
        .insertInto('sessions')
        .values({ digest: digest(id), member_id: memberId, created_at: now, expires_at })
        .onConflict((conflict) => conflict.column('digest').doUpdateSet({ expires_at }))
        .execute();
    };
    write().then(() => callback(), callback);
  }

  override destroy(id: string, callback: (error?: unknown) => void = () => {}): void {
    const remove = this.#db.deleteFrom('sessions').where('digest', '=', digest(id)).execute();
    remove.then(() => callback(), callback);
  }
}
