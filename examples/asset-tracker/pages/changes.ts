// Tells open pages that something has changed; they then fetch themselves anew.
import { type Response, Router } from 'express';
import type { Services } from '../services.js';

/** How long a stream lasts: then the browser comes again, and shows that it is still signed in. */
const longest = 600_000;
const heartbeat = 25_000;

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
    const beat = setInterval(() => res.write(':\n\n'), heartbeat);
    const end = setTimeout(() => res.end(), longest);
    res.once('close', () => {
      unwatch();
      clearInterval(beat);
      clearTimeout(end);
    });
  });
  return router;
}
