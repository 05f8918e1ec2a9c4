import type { IncomingMessage } from 'node:http';

/** How much of a refused request is still read, and for how long. */
const mostDiscarded = 64 * 1024 * 1024;
const discardMilliseconds = 5_000;

/**
 * Reads and drops the rest of a request for a while; a client that then still sends is cut off. A connection that is
 * closed while the client sends is reset, and the client may lose the response (RFC 9112 9.6).
 *
 * @param onEnd called once, when the client has sent everything or the connection has ended
 */
export function discard(req: IncomingMessage, onEnd: () => void = () => undefined): void {
  let size = 0;
  const timer = setTimeout(() => req.destroy(), discardMilliseconds).unref();
  const drop = (chunk: Buffer): void => {
    size += chunk.length;
    if (size > mostDiscarded) req.destroy();
  };
  const stop = (): void => {
    clearTimeout(timer);
    req.off('data', drop).off('end', stop).off('close', stop);
    onEnd();
  };
  req.on('error', () => undefined);
  req.on('data', drop).on('end', stop).on('close', stop);
  req.resume();
}
