import { randomUUID } from 'node:crypto';
import type { ChangeEvent } from '../../contract/event.js';
import type { OutboxEntry } from './document.js';

/** Events as entries, whose places sort in the order of the events. */
export function outboxEntries(events: readonly ChangeEvent[]): OutboxEntry[] {
  const created = String(Date.now()).padStart(15, '0');
  return events.map((event, i) => ({
    place: `${created}.${String(i).padStart(6, '0')}.${randomUUID()}`,
    event: JSON.stringify(event),
  }));
}
