// Server-sent events that notify open pages of changes. The pages then reload their live part.
import { type Response, Router } from 'express';
import type { Services } from '../services.js';

/** Then the browser reconnects, and the session is checked again. */
const maxDurationMilliseconds = 600_000;
const heartbeatMilliseconds = 25_000;

export function changes({ watchers }: Services): Router {
  const router = Router();
  router.get('/', (_req, res: Response) => {
    res.set({ 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    res.flushHeaders();
    res.write('retry: 3000\n\n');
    const unwatch = watchers.watch(
      () => res.write('event: changed\ndata:\n\n'),
      () => res.end(),
    );
    const beat = setInterval(() => res.write(':\n\n'), heartbeatMilliseconds);
    const end = setTimeout(() => res.end(), maxDurationMilliseconds);
    res.once('close', () => {
      unwatch();
      clearInterval(beat);
      clearTimeout(end);
    });
  });
  return router;
}
