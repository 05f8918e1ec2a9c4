import type { ComponentChildren, JSX } from 'preact';
import type { Visit } from '../visit.js';
import { Card, Copyable } from './frame.js';

/** A secret that was just made, shown this one time. */
export function ShownOnce(props: {
  readonly visit: Visit;
  readonly id: string;
  readonly title: string;
  readonly about: string;
  /** What somebody who gets hold of it can do. */
  readonly warning: string;
  readonly secret: {
    readonly id: string;
    /** The name of the field that it goes into. */
    readonly field: string;
    /** For screen readers: what is copied. */
    readonly label: string;
    readonly text: string;
  };
  /** Shown below the warning. */
  readonly note?: ComponentChildren;
  /** Further facts: `<div>`s of `<dt>` and `<dd>`. */
  readonly children: ComponentChildren;
}): JSX.Element {
  const { visit, id, title, about, warning, note, secret } = props;
  return (
    <Card id={id} title={title} about={about}>
      <p class="notice warn">{warning}</p>
      {note}
      <dl class="facts">
        <div>
          <dt>{secret.field}</dt>
          <dd>
            <Copyable id={secret.id} label={secret.label} text={secret.text} />
          </dd>
        </div>
        {props.children}
      </dl>
      <div class="buttons">
        <a class="button primary" href={`${visit.base}/`}>
          I have copied it
        </a>
      </div>
    </Card>
  );
}
