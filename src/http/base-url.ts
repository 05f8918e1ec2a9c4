import type { IncomingMessage } from 'node:http';

/** What Express adds to a request; a plain Node server adds nothing. */
interface ExpressRequest extends IncomingMessage {
  readonly baseUrl?: string;
  readonly protocol?: string;
  readonly app?: { get(setting: string): unknown };
}

const hostName = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

/**
 * The URL at which the router is mounted, from the request as Express trusts it: X-Forwarded-Proto and
 * X-Forwarded-Host count only where the `trust proxy` setting allows it.
 *
 * The client chooses the Host header, so `options.baseUrl` is the safer source.
 */
export function baseUrlOf(req: IncomingMessage): string {
  const { baseUrl = '', protocol, app }: ExpressRequest = req;
  const scheme = protocol ?? ('encrypted' in req.socket ? 'https' : 'http');
  const host = hostOf(req, app);
  return `${scheme}://${hostName.test(host) ? host : 'localhost'}${baseUrl}`;
}

function hostOf(req: IncomingMessage, app: ExpressRequest['app']): string {
  const isTrusted: unknown = app?.get('trust proxy fn');
  const forwarded = req.headers['x-forwarded-host'];
  if (typeof isTrusted === 'function' && typeof forwarded === 'string') {
    const trusted: unknown = isTrusted(req.socket.remoteAddress, 0);
    if (trusted === true) return forwarded.split(',')[0]?.trim() ?? '';
  }
  return req.headers.host ?? 'localhost';
}
