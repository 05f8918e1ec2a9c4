// The sign-in page, and signing out.
import { randomBytes } from 'node:crypto';
import { type Request, type Response, Router } from 'express';
import { renderToString } from 'preact-render-to-string';
import type { Services } from '../services.js';
import { cookie } from '../sessions.js';
import { field } from './frame.js';
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
      <main class="sign-in" id="main">
        <div class="card">
          <p class="brand">
            <Icon name="brand" /> Stockroom
          </p>
          <h1>Sign in</h1>
          <p class="hint">For administrators. All assets of Fernhill, and who has them.</p>
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

/** A path of this application to redirect to after the sign-in; never another origin. */
export function localPath(path: unknown): string {
  if (typeof path !== 'string' || path.length > 500 || !/^\/[\x21-\x7e]*$/.test(path)) return '/';
  const here = 'http://here.invalid';
  const url = URL.canParse(path, here) ? new URL(path, here) : undefined;
  if (url?.origin !== here || /^\/(?:[/\\]|sign-in|sign-out|changes|public)/.test(url.pathname)) return '/';
  return url.pathname + url.search;
}

/**
 * Redirects to the sign-in page. After a link from another site, the browser has not sent the session cookie, because it is
 * `SameSite=Strict`. In that case a page that reloads itself starts a second request, which does send it.
 */
export function toSignIn(req: Request, res: Response): void {
  const requested = req.method === 'GET' ? localPath(req.originalUrl) : '/';
  const signInPath = requested === '/' ? '/sign-in' : `/sign-in?to=${encodeURIComponent(requested)}`;
  if (req.get('sec-fetch-site') !== 'cross-site') {
    res.redirect(303, signInPath);
    return;
  }
  const refresh = <meta http-equiv="refresh" content={`0;url=${signInPath}`} />;
  sendPage(
    res,
    <Document title="Stockroom" head={renderToString(refresh)}>
      <a href={signInPath}>Continue to Stockroom</a>
    </Document>,
  );
}

/** The sign-in page, mounted before the session is required. */
export function signIn({ sessions, configuration, log }: Services): Router {
  const router = Router();
  const secure = configuration.publicUrl?.startsWith('https:') === true;
  const options = { httpOnly: true, sameSite: 'strict', path: '/', secure } as const;
  router.get('/sign-in', async (req, res) => {
    const to = localPath(req.query['to']);
    if ((await sessions.administrator(req)) !== undefined) {
      res.redirect(303, to);
      return;
    }
    const visitor = sessions.read(cookie(req, 'visitor')) ?? randomBytes(16).toString('hex');
    res.cookie('visitor', sessions.sign(visitor), options);
    sendPage(res, <SignIn csrf={sessions.csrf(visitor)} email="" to={to} />);
  });
  router.post('/sign-in', async (req, res) => {
    const email = field(req.body, 'email');
    const to = localPath(field(req.body, 'to'));
    const signedIn = await sessions.signIn(
      email,
      String((req.body as { password?: unknown }).password ?? ''),
      req.ip ?? '',
    );
    if (signedIn !== undefined && signedIn !== 'wait') {
      await sessions.start(req, signedIn);
      log.info('signed in', { ip: req.ip });
      res.clearCookie('visitor', options);
      res.redirect(303, to);
      return;
    }
    log.warn('sign-in refused', { ip: req.ip });
    const problem =
      signedIn === 'wait'
        ? 'Too many attempts. Wait 15 minutes and try again.'
        : 'Wrong e-mail or password, or this member may not sign in here.';
    const csrf = sessions.csrf(sessions.read(cookie(req, 'visitor')) ?? '');
    sendPage(res, <SignIn csrf={csrf} email={email} to={to} problem={problem} />, signedIn === 'wait' ? 429 : 401);
  });
  return router;
}

/** Signing out, mounted after the session is required. */
export function signOut({ sessions }: Services): Router {
  const router = Router();
  router.post('/sign-out', async (req, res) => {
    await sessions.signOut(req);
    res.clearCookie('session', { httpOnly: true, sameSite: 'strict', path: '/' });
    res.redirect(303, '/sign-in');
  });
  return router;
}
