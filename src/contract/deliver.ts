import type { Awaitable } from './awaitable.js';
import { observeJob } from './diagnostics.js';
import type { ChangeEvent } from './event.js';

/** Delivers one event of an outbox, published on the channel of jobs where somebody listens. */
export function deliverObserved(event: ChangeEvent, deliver: (event: ChangeEvent) => Awaitable<void>): Awaitable<void> {
  const { type, tenant, requestId } = event;
  return observeJob({ job: 'outbox', subject: type, tenant, requestId }, () => deliver(event));
}
