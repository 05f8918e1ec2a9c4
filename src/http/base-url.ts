import type { IncomingMessage } from 'node:http';

/** What Express adds to a request; a plain server has none of it. */
interface ExpressRequest extends IncomingMessage {
  readonly baseUrl?: string;
  readonly protocol?: string;
  readonly app?: { get(setting: string): unknown };
}

const host = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

/**
 * The URL at which the router is mounted, from the request as Express trusts it: X-Forwarded-Proto and
 * X-Forwarded-Host count only where `trust proxy` says so.
 *
 * The Host header is the client's to choose, so hosts set `options.baseUrl`.
 */
export function baseUrlOf(req: IncomingMessage): string {
  const { baseUrl = '', protocol, app } = req as ExpressRequest;
  const scheme = protocol ?? ('encrypted' in req.socket ? 'https' : 'http');
  const name = hostOf(req, app);
  return `${scheme}://${host.test(name) ? name : 'localhost'}${baseUrl}`;
}

function hostOf(req: IncomingMessage, app: ExpressRequest['app']): string {
  const trusts: unknown = app?.get('trust proxy fn');
  const forwarded = req.headers['x-forwarded-host'];
  if (typeof trusts === 'function' && typeof forwarded === 'string') {
    const trusted: unknown = (trusts as (address: string | undefined, hop: number) => unknown)(
      req.socket.remoteAddress,
      0,
    );
    if (trusted === true) return forwarded.split(',')[0]?.trim() ?? '';
  }
  return req.headers.host ?? 'localhost';
}
