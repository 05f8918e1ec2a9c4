import type { Express, NextFunction, Request, Response } from 'express';
import type { Generated, Kysely } from 'kysely';
import type pg from 'pg';
import type { Authenticate, UserStore } from 'express-scim';

// What examples in the documentation and in doc comments may use without declaring it: the reader's own app.
// Everything else an example imports, declares, or gets from an earlier block of its page.
declare global {
  interface Database {
    members: {
      id: Generated<number>;
      organization_id: string;
      email: string;
      first_name: string | null;
      last_name: string;
      status: 'active' | 'invited' | 'suspended';
      phone: string | null;
      department_id: number | null;
      manager_id: number | null;
      badge_number: string | null;
    };
    departments: { id: Generated<number>; organization_id: string; title: string };
    teams: { id: Generated<number>; organization_id: string; title: string };
    team_members: { team_id: number; member_id: number };
    member_emails: { member_id: number; address: string; kind: string };
  }
  const app: Express;
  const authenticate: Authenticate;
  const db: Kysely<Database>;
  const pool: pg.Pool;
  const connectionString: string;
  const store: UserStore;
  const key: string;
  const baseUrl: string;
  const report: (error: unknown) => void;
  const queue: { send(event: object): Promise<void> };
  const sessions: { endAll(userId: string): Promise<void> };
  const requireLogin: (req: Request, res: Response, next: NextFunction) => void;
}
