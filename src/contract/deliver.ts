import type { Awaitable } from './awaitable.js';
import { documentationPage } from '../documentation.js';
import { describe } from './describe.js';
import { observeJob } from './diagnostics.js';
import type { ChangeEvent } from './event.js';
import { takeSource } from './hook-source.js';
import { remedyForNotRun } from './not-run.js';

/**
 * Delivers one event of an outbox, published on the channel of jobs where somebody listens.
 *
 * @throws TypeError when `deliver` returned `false` or what has not run: the event would be deleted without being delivered
 */
export function deliverObserved(event: ChangeEvent, deliver: (event: ChangeEvent) => unknown): Awaitable<void> {
  const { type, tenant, requestId } = event;
  return observeJob({ job: 'outbox', subject: type, tenant, requestId }, async () => {
    const returned = await deliver(event);
    const remedy = returned === false ? 'To keep the event in the outbox, throw an error.' : remedyForNotRun(returned);
    if (remedy === undefined) return;
    const page = documentationPage('sql.md#the-outbox');
    const place = takeSource(event);
    const name = `The function that delivers events${place === undefined ? '' : ` (${place})`}`;
    throw new TypeError(`${name} returned ${describe(returned)}. ${remedy} See ${page}`);
  });
}
