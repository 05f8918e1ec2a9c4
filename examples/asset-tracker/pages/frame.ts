// What a request handler needs: the administrator, the form fields, and the message to show.
import type { Request, Response } from 'express';
import type { Database } from '../database.js';
import type { Administrator } from '../sessions.js';
import type { Frame } from './page.js';

/** Messages that a redirect can show on the next page, by name. The text itself is never part of the URL. */
const messages = {
  saved: 'Saved.',
  created: 'Created.',
  'checked-out': 'Checked out.',
  'checked-in': 'Checked in.',
  flagged: 'Return requested.',
  settled: 'The flag is cleared. Off-boarding does not set it again.',
  'key-revoked': 'The key is revoked.',
} as const;

const problems = {
  taken: 'Somebody else has it already.',
  'may-not-hold': 'This member may not hold assets.',
  'email-taken': 'Another member has this e-mail address.',
  'email-needed': 'Enter an e-mail address.',
  'last-owner': 'There must be an owner who may sign in. Make another member an owner first.',
  'owners-only': 'Only an owner can add or change owners.',
  'no-seat': 'All seats are taken.',
  gone: 'It no longer exists.',
  'already-flagged': 'It is already flagged, or nobody has it.',
} as const;

export type Message = keyof typeof messages;
export type Problem = keyof typeof problems;

/** The administrator who is signed in. @throws Error outside the pages that require one */
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

/** A trimmed field of a form or of a query; `''` if it is absent. */
export function field(source: unknown, name: string): string {
  const value = (source as Readonly<Record<string, unknown>> | undefined)?.[name];
  // PostgreSQL cannot store NUL in a text.
  return typeof value === 'string' ? value.replaceAll('\0', '').trim().slice(0, 500) : '';
}

/** A primary key in a URL or a form; 0, which no row has, for any other text. */
export function key(text: unknown): number {
  return typeof text === 'string' && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : 0;
}

/** Redirects after a form, with a message for the next page. */
export function goTo(
  res: Response,
  path: string,
  outcome: { readonly done?: Message; readonly problem?: Problem } = {},
): void {
  const query = new URLSearchParams(outcome as Record<string, string>).toString();
  res.redirect(303, query === '' ? path : `${path}?${query}`);
}
