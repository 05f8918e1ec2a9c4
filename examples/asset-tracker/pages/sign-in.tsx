// Sign-in of the administrator.
import { randomBytes } from 'node:crypto';
import { Router } from 'express';
import type { Services } from '../services.js';
import { cookie } from '../sessions.js';
import { administratorOf, field } from './frame.js';
import { Icon } from './icons.js';
import { Csrf, Document, sendPage } from './page.js';

function SignIn({
  csrf,
  email,
  problem,
}: {
  readonly csrf: string;
  readonly email: string;
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
            <label>
              E-mail
              <input type="email" name="email" value={email} autocomplete="username" required autofocus />
            </label>
            <label>
              Password
              <input type="password" name="password" autocomplete="current-password" required />
            </label>
            <button class="primary">Sign in</button>
          </form>
        </div>
      </main>
    </Document>
  );
}

/** The door; it stands before the check of sessions. */
export function signIn({ sessions, configuration, log }: Services): Router {
  const router = Router();
  const secure = configuration.publicUrl?.startsWith('https:') === true;
  const options = { httpOnly: true, sameSite: 'lax', path: '/', secure } as const;
  router.get('/sign-in', (req, res) => {
    const visitor = sessions.read(cookie(req, 'visitor')) ?? randomBytes(16).toString('hex');
    res.cookie('visitor', sessions.sign(visitor), options);
    sendPage(res, <SignIn csrf={sessions.csrf(visitor)} email="" />);
  });
  router.post('/sign-in', async (req, res) => {
    const email = field(req.body, 'email');
    const session = await sessions.signIn(
      email,
      String((req.body as { password?: unknown }).password ?? ''),
      req.ip ?? '',
    );
    if (session !== undefined && session !== 'wait') {
      log.info('signed in', { ip: req.ip });
      res.cookie('session', session, { ...options, maxAge: configuration.sessionHours * 3_600_000 });
      res.clearCookie('visitor', options);
      res.redirect(303, '/');
      return;
    }
    log.warn('sign-in refused', { ip: req.ip });
    const problem =
      session === 'wait'
        ? 'Too many attempts. Wait a quarter of an hour and try again.'
        : 'E-mail and password do not fit, or this member may not sign in here.';
    const csrf = sessions.csrf(sessions.read(cookie(req, 'visitor')) ?? '');
    sendPage(res, <SignIn csrf={csrf} email={email} problem={problem} />, session === 'wait' ? 429 : 401);
  });
  return router;
}

/** The way out; behind the check of sessions. */
export function signOut({ sessions }: Services): Router {
  const router = Router();
  router.post('/sign-out', async (_req, res) => {
    await sessions.signOut(administratorOf(res).session);
    res.clearCookie('session', { path: '/' });
    res.redirect(303, '/sign-in');
  });
  return router;
}
