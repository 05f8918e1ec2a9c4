// What a handler needs of a request: who is signed in, what the form says, what the page is to tell.
import type { Request, Response } from 'express';
import type { Database } from '../database.js';
import type { Administrator } from '../sessions.js';
import type { Frame } from './page.js';

/** Sentences that a redirect may ask the next page to say, by name: never a text out of the address. */
const messages = {
  saved: 'Saved.',
  created: 'Created.',
  'checked-out': 'Checked out.',
  'checked-in': 'Checked in. Nobody has it now.',
  flagged: 'Return asked for.',
  settled: 'Taken over. Off-boarding leaves it alone from now on.',
  'role-saved': 'The role of the team is saved, and its members have it.',
  'key-revoked': 'The key is revoked.',
} as const;

const problems = {
  taken: 'Somebody else has it already.',
  'may-not-hold': 'This member may not hold assets.',
  'email-taken': 'Another member has this e-mail address.',
  'email-needed': 'An e-mail address is needed.',
  'last-owner': 'Somebody has to be owner, and able to sign in. Make somebody else an owner first.',
  'owners-only': 'Only an owner can make owners, or change them.',
  'no-seat': 'No seat is left.',
  gone: 'It is not there any more.',
  'already-flagged': 'It is flagged already.',
} as const;

export type Message = keyof typeof messages;
export type Problem = keyof typeof problems;

/** Who is signed in. @throws Error outside the pages of administrators */
export function administratorOf(res: Response): Administrator {
  const { administrator } = res.locals as { readonly administrator?: Administrator };
  if (administrator === undefined) throw new Error('This page is for administrators.');
  return administrator;
}

export async function frameOf(req: Request, res: Response, { db }: Database, title: string): Promise<Frame> {
  const { n } = await db
    .selectFrom('flags')
    .select(({ fn }) => fn.countAll().as('n'))
    .where('cleared_at', 'is', null)
    .executeTakeFirstOrThrow();
  const { done, problem } = req.query;
  return {
    title,
    administrator: administratorOf(res),
    due: Number(n),
    at: req.baseUrl + req.path,
    message: typeof done === 'string' && Object.hasOwn(messages, done) ? messages[done as Message] : undefined,
    problem: typeof problem === 'string' && Object.hasOwn(problems, problem) ? problems[problem as Problem] : undefined,
  };
}

/** A field of a form or of a query, without spaces around; `''` where it is absent. */
export function field(source: unknown, name: string): string {
  const value = (source as Readonly<Record<string, unknown>> | undefined)?.[name];
  // PostgreSQL keeps no NUL in a text.
  return typeof value === 'string' ? value.replaceAll('\0', '').trim().slice(0, 500) : '';
}

/** A key in an address or a form: 0, which no row has, for anything else. */
export function key(text: unknown): number {
  return typeof text === 'string' && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : 0;
}

/** Answers a form: the page that shows what became of it. */
export function goTo(
  res: Response,
  path: string,
  said: { readonly done?: Message; readonly problem?: Problem } = {},
): void {
  const query = new URLSearchParams(said as Record<string, string>).toString();
  res.redirect(303, query === '' ? path : `${path}?${query}`);
}
