import type { ComponentChildren, JSX } from 'preact';
import type { Visit } from '../visit.js';

/** A link to the guide of the host for the chosen identity provider; nothing where it has none. */
export function GuideLink(props: { readonly visit: Visit; readonly children: ComponentChildren }): JSX.Element | null {
  const { visit, children } = props;
  const url = visit.options.guideOf?.(visit.connection.provider);
  // The host chooses the URL; `javascript:` would still be a mistake.
  if (typeof url !== 'string' || !/^(?:https?:\/\/|\/(?![/\\]))/i.test(url)) return null;
  return (
    <p>
      <a href={url} target="_blank" rel="noopener">
        {children}
      </a>
    </p>
  );
}
