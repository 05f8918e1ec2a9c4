// Sign-in of the administrator.
import { randomBytes } from 'node:crypto';
import { type Request, type Response, Router } from 'express';
import { renderToString } from 'preact-render-to-string';
import type { Services } from '../services.js';
import { cookie } from '../sessions.js';
import { administratorOf, field } from './frame.js';
import { Icon } from './icons.js';
import { Csrf, Document, sendPage } from './page.js';

function SignIn({
  csrf,
  email,
  to,
  problem,
}: {
  readonly csrf: string;
  readonly email: string;
  readonly to: string;
  readonly problem?: string;
}) {
  return (
    <Document title="Sign in">
      <main class="door" id="main">
        <div class="card">
          <p class="brand">
            <Icon name="brand" /> Stockroom
          </p>
          <h1>Sign in</h1>
          <p class="hint">For administrators. Everything that Fernhill lends, and who has it.</p>
          {problem !== undefined && (
            <p class="problem" role="alert">
              <Icon name="alert" /> {problem}
            </p>
          )}
          <form method="post" action="/sign-in" class="stack">
            <Csrf token={csrf} />
            <input type="hidden" name="to" value={to} />
            <label>
              E-mail
              <input
                type="email"
                name="email"
                value={email}
                autocomplete="username"
                required
                autofocus={email === ''}
              />
            </label>
            <label>
              Password
              <input
                type="password"
                name="password"
                autocomplete="current-password"
                required
                autofocus={email !== ''}
              />
            </label>
            <button class="primary">Sign in</button>
          </form>
        </div>
      </main>
    </Document>
  );
}

/** A path of ours to go to after the sign-in; never an address of somebody else. */
export function ownPath(asked: unknown): string {
  if (typeof asked !== 'string' || asked.length > 500 || !/^\/[\x21-\x7e]*$/.test(asked)) return '/';
  const here = 'http://here.invalid';
  const url = URL.canParse(asked, here) ? new URL(asked, here) : undefined;
  if (url?.origin !== here || /^\/(?:[/\\]|sign-in|sign-out|changes|public)/.test(url.pathname)) return '/';
  return url.pathname + url.search;
}

/**
 * Sends strangers to the door. Who comes from another site has left the cookie there, which is `SameSite=Strict`: the
 * second step begins here, and brings it along.
 */
export function toSignIn(req: Request, res: Response): void {
  const wanted = req.method === 'GET' ? ownPath(req.originalUrl) : '/';
  const door = wanted === '/' ? '/sign-in' : `/sign-in?to=${encodeURIComponent(wanted)}`;
  if (req.get('sec-fetch-site') !== 'cross-site') {
    res.redirect(303, door);
    return;
  }
  const step = <meta http-equiv="refresh" content={`0;url=${door}`} />;
  sendPage(
    res,
    <Document title="Stockroom" head={renderToString(step)}>
      <a href={door}>Go on to Stockroom</a>
    </Document>,
  );
}

/** The door; it stands before the check of sessions. */
export function signIn({ sessions, configuration, log }: Services): Router {
  const router = Router();
  const secure = configuration.publicUrl?.startsWith('https:') === true;
  const options = { httpOnly: true, sameSite: 'strict', path: '/', secure } as const;
  router.get('/sign-in', async (req, res) => {
    const to = ownPath(req.query['to']);
    if ((await sessions.who(req)) !== undefined) {
      res.redirect(303, to);
      return;
    }
    const visitor = sessions.read(cookie(req, 'visitor')) ?? randomBytes(16).toString('hex');
    res.cookie('visitor', sessions.sign(visitor), options);
    sendPage(res, <SignIn csrf={sessions.csrf(visitor)} email="" to={to} />);
  });
  router.post('/sign-in', async (req, res) => {
    const email = field(req.body, 'email');
    const to = ownPath(field(req.body, 'to'));
    const session = await sessions.signIn(
      email,
      String((req.body as { password?: unknown }).password ?? ''),
      req.ip ?? '',
    );
    if (session !== undefined && session !== 'wait') {
      log.info('signed in', { ip: req.ip });
      res.cookie('session', session, { ...options, maxAge: configuration.sessionHours * 3_600_000 });
      res.clearCookie('visitor', options);
      res.redirect(303, to);
      return;
    }
    log.warn('sign-in refused', { ip: req.ip });
    const problem =
      session === 'wait'
        ? 'Too many attempts. Wait a quarter of an hour and try again.'
        : 'E-mail and password do not fit, or this member may not sign in here.';
    const csrf = sessions.csrf(sessions.read(cookie(req, 'visitor')) ?? '');
    sendPage(res, <SignIn csrf={csrf} email={email} to={to} problem={problem} />, session === 'wait' ? 429 : 401);
  });
  return router;
}

/** The way out; behind the check of sessions. */
export function signOut({ sessions }: Services): Router {
  const router = Router();
  router.post('/sign-out', async (_req, res) => {
    await sessions.signOut(administratorOf(res).session);
    res.clearCookie('session', { httpOnly: true, sameSite: 'strict', path: '/' });
    res.redirect(303, '/sign-in');
  });
  return router;
}
