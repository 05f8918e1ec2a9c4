import type { JSX } from 'preact';
import type { LogEntry } from '../contract.js';
import { explained } from '../explained.js';
import { visible } from '../visible.js';
import type { Visit } from '../visit.js';
import { Named } from './frame.js';

/** What an error means, and what to do about it. Nothing for a request that succeeded. */
export function Explained({ visit, entry }: { readonly visit: Visit; readonly entry: LogEntry }): JSX.Element | null {
  const explanation = explained(visit, entry);
  if (explanation === undefined) return null;
  const { meaning, remedy, link } = explanation;
  const { detail } = visit.shown(entry);
  return (
    <div class="explained">
      {detail === undefined ? null : (
        <p>
          <Named text={detail} />
        </p>
      )}
      <p>{visible(meaning)}</p>
      <p>
        <strong>What to do:</strong> {remedy}{' '}
        {link === undefined ? null : <a href={visit.base + link.path}>{link.label}</a>}
      </p>
    </div>
  );
}
