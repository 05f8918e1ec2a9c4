import type { JSX } from 'preact';
import { visible } from '../visible.js';

/** A request or a response of the log, with its body. */
export function EntryBody(props: {
  readonly id: string;
  readonly title: string;
  readonly line: string;
  readonly body: unknown;
  /** True where a message of this kind has no body, so that nothing is missing. */
  readonly isEmpty: boolean;
}): JSX.Element {
  return (
    <div>
      <h3>{props.title}</h3>
      <p class="line">
        <code>{visible(props.line)}</code>
      </p>
      {props.body === undefined ? (
        <p class="soft">{props.isEmpty ? 'No body.' : 'The body was not stored.'}</p>
      ) : (
        <pre tabIndex={0} role="region" aria-label={`${props.title} of ${props.id}`}>
          {bodyText(props.body)}
        </pre>
      )}
    </div>
  );
}

/** Indentation and escapes can make a body many times longer. */
const maxBodyLength = 20_000;

function bodyText(body: unknown): string {
  const text = visible(JSON.stringify(body, undefined, 2));
  return text.length > maxBodyLength ? `${text.slice(0, maxBodyLength)}\n…` : text;
}
