// The Express application: SCIM, health, and the pages behind the sign-in.
import { fileURLToPath } from 'node:url';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import { sql } from 'kysely';
import { setupPath } from './connections.js';
import { logRequests } from './log.js';
import { api } from './pages/api.js';
import { assets } from './pages/assets.js';
import { changes } from './pages/changes.js';
import { handOver } from './pages/hand-over.js';
import { member } from './pages/member.js';
import { members } from './pages/members.js';
import { sendMessage, sendMissing } from './pages/message.js';
import { receivedWebhooks, receivedWebhooksPath } from './pages/received-webhooks.js';
import { settings } from './pages/settings.js';
import { signIn, signOut, toSignIn } from './pages/sign-in.js';
import { teams } from './pages/teams.js';
import { panelPath } from './provisioning.js';
import { createScim } from './scim.js';
import type { Services } from './services.js';
import { cookie, isSame, type Sessions } from './sessions.js';
import { receiverPath } from './webhooks.js';

/** Allows scripts, styles, images and forms of this origin only, and no embedding in frames. */
const contentSecurityPolicy = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'"],
    connectSrc: ["'self'"],
    formAction: ["'self'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
  },
};

/** @param isStopping whether the server is shutting down */
export function createApplication(services: Services, cursorSecret: string, isStopping: () => boolean): Express {
  const { configuration, database, log, provisioning, sessions, events, webhooks } = services;
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', configuration.trustProxy);

  app.use(logRequests(log));
  app.use(
    helmet({
      contentSecurityPolicy,
      referrerPolicy: { policy: 'same-origin' },
      strictTransportSecurity: configuration.publicUrl?.startsWith('https:') === true && {
        maxAge: 31_536_000,
        includeSubDomains: false,
      },
    }),
  );
  app.use(
    '/scim/v2',
    createScim({
      ...services,
      secret: cursorSecret,
      onResponded({ requestId, operation, resourceType, status, actor, milliseconds }) {
        log.info('scim', { requestId, operation, resourceType, status, actor, ms: Math.round(milliseconds) });
        events.nudge();
      },
    }),
  );

  app.get('/health', async (_req, res) => {
    try {
      await sql`select 1`.execute(database.db);
      res.status(isStopping() ? 503 : 200).json({ status: isStopping() ? 'stopping' : 'ok', database: 'ok' });
    } catch (error) {
      log.error('the database does not respond', { error });
      res.status(503).json({ status: 'failing', database: 'away' });
    }
  });

  app.use('/public', express.static(fileURLToPath(new URL('./public', import.meta.url)), { maxAge: '1h' }));
  app.use('/api', api(services));
  // Webhooks have a signature instead of a session.
  app.use(receiverPath, webhooks.receiver);
  app.use(sessions.middleware);
  const signedIn = administratorsOnly(sessions);
  // The panel reads its own forms and checks their CSRF tokens.
  app.use(panelPath, signedIn, provisioning.panel);
  app.use(setupPath, provisioning.setupPanel);
  app.use(express.urlencoded({ extended: false, limit: '50kb' }), refuseForeignForms(sessions), signIn(services));

  app.use(signedIn);
  app.get('/', (_req, res) => res.redirect(303, '/members'));
  app.use(signOut(services));
  app.use('/members', members(services), member(services));
  app.use('/assets', assets(services));
  app.use('/hand-over', handOver(services));
  app.use('/teams', teams(services));
  app.use(receivedWebhooksPath, receivedWebhooks(services));
  app.use('/settings', settings(services));
  app.use('/changes', changes(services));
  app.use((req, res) => sendMissing(req, res, services));
  app.use(failure(services));
  return app;
}

/** Redirects to the sign-in page unless an administrator is signed in. */
function administratorsOnly(sessions: Sessions): RequestHandler {
  return async (req, res, next) => {
    const administrator = await sessions.administrator(req);
    if (administrator === undefined) {
      toSignIn(req, res);
      return;
    }
    res.locals['administrator'] = administrator;
    next();
  };
}

/** Every form contains the CSRF token of its session, or of the visitor on the sign-in page. */
function refuseForeignForms(sessions: Sessions): RequestHandler {
  return (req, res, next) => {
    if (req.method === 'GET' || req.method === 'HEAD') {
      next();
      return;
    }
    const id = req.path === '/sign-in' ? sessions.read(cookie(req, 'visitor')) : sessions.idOf(req);
    const token: unknown = (req.body as { readonly csrf?: unknown } | undefined)?.csrf;
    if (id !== undefined && typeof token === 'string' && isSame(token, sessions.csrf(id))) {
      next();
      return;
    }
    sendMessage(res, {
      status: 403,
      title: 'This form has expired',
      text: 'You have signed out in the meantime, or the form is from another site. Reload the page and try again.',
    });
  };
}

function failure({ log }: Services): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    const { status } = (typeof error === 'object' && error !== null ? error : {}) as { readonly status?: unknown };
    const responseStatus = typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
    if (responseStatus === 500)
      log.error('a page failed', {
        error,
        requestId: res.getHeader('x-request-id'),
        method: req.method,
        path: req.path,
      });
    if (res.headersSent) {
      next(error);
      return;
    }
    sendMessage(
      res,
      responseStatus === 500
        ? { status: 500, title: 'Something went wrong', text: 'The error is in the server log. Try again in a moment.' }
        : { status: responseStatus, title: 'Bad request', text: 'The request is invalid or too large.' },
    );
  };
}
