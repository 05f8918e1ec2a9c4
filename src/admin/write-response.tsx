import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { scriptFile, styleFile } from './assets/files.js';
import type { AdminPage } from './options.js';
import { writePage } from './pages/document.js';
import { Frame } from './pages/frame.js';
import type { PanelError } from './panel-error.js';
import { mountPath } from './request-target.js';
import type { PanelResponse } from './panel-response.js';
import type { Visit } from './visit.js';

/** Writes the result of a route. */
export function writeResponse(
  req: IncomingMessage,
  res: ServerResponse,
  response: Exclude<PanelResponse, { readonly kind: 'stream' }>,
  layout?: ((page: AdminPage) => string) | undefined,
): void {
  if (res.headersSent || res.destroyed) return;
  res.removeHeader('X-Powered-By');
  res.setHeader('x-content-type-options', 'nosniff');
  // With no-referrer, browsers would send forms with `Origin: null`.
  res.setHeader('referrer-policy', 'same-origin');
  switch (response.kind) {
    case 'asset':
      res.setHeader('cache-control', 'public, max-age=31536000, immutable');
      return send(req, res, 200, response.asset.type, response.asset.content);
    case 'redirect':
      res.setHeader('cache-control', 'no-store');
      res.writeHead(303, { location: response.location, 'content-length': 0 }).end();
      return;
    case 'json':
      res.setHeader('cache-control', 'no-store');
      return send(
        req,
        res,
        response.status,
        'application/json; charset=utf-8',
        Buffer.from(JSON.stringify(response.body)),
      );
    case 'page': {
      const { nonce } = response;
      res.setHeader('cache-control', 'no-store');
      res.setHeader('content-security-policy', policy(nonce));
      res.setHeader('x-frame-options', 'DENY');
      res.setHeader('cross-origin-opener-policy', 'same-origin');
      const page = { ...response, style: styleFile, script: scriptFile };
      return send(req, res, response.status, 'text/html; charset=utf-8', Buffer.from(writePage(page, layout)));
    }
  }
}

function policy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    "connect-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function send(req: IncomingMessage, res: ServerResponse, status: number, type: string, content: Buffer): void {
  res.writeHead(status, { 'content-type': type, 'content-length': content.length });
  if (req.method === 'HEAD') res.end();
  else res.end(content);
}

/** An error as a page. Without access (`visit` undefined) it shows nothing about the settings. */
export function messagePage(
  { status, message }: PanelError,
  visit: Visit | undefined,
  req: IncomingMessage & { readonly baseUrl?: string },
): Exclude<PanelResponse, { readonly kind: 'stream' }> {
  const title = status === 404 ? 'Not found' : 'Something went wrong';
  const content = (
    <section class="card message">
      <h2>{title}</h2>
      <p role="alert">{message}</p>
      {visit === undefined ? null : (
        <p>
          <a class="button" href={`${visit.base}/`}>
            Back to settings
          </a>
        </p>
      )}
    </section>
  );
  const body =
    visit === undefined ? (
      <div class="scim-panel">
        <h1 class="unseen">{title}</h1>
        {content}
      </div>
    ) : (
      <Frame visit={visit} section="overview">
        {content}
      </Frame>
    );
  const base = visit?.base ?? mountPath(req);
  return { kind: 'page', status, title, body, base, nonce: visit?.nonce ?? randomBytes(16).toString('base64') };
}
