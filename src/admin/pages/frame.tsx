import type { ComponentChildren, JSX } from 'preact';
import type { Breadcrumb } from '../options.js';
import { shortenedTo, visible } from '../visible.js';
import type { Visit } from '../visit.js';

/** Sections of the panel, in the order of the tabs. */
const sections = {
  overview: { path: '', label: 'Overview' },
  log: { path: '/log', label: 'Provisioning log' },
  mapping: { path: '/mapping', label: 'Mapping' },
  roles: { path: '/roles', label: 'Roles' },
  conflicts: { path: '/conflicts', label: 'Conflicts' },
  auditTrail: { path: '/audit-trail', label: 'Audit trail' },
  webhooks: { path: '/webhooks', label: 'Webhooks' },
} as const;

export type Section = keyof typeof sections;

export const panelTitle = 'User provisioning via SCIM';

const maxNameLength = 300;

const defaultCrumbs: readonly Breadcrumb[] = [{ label: 'Settings' }, { label: 'Add-ons' }];

/** The frame of every page: breadcrumbs, title with status, tabs. */
export function Frame(props: {
  readonly visit: Visit;
  readonly section: Section;
  /** Message about the change that was just made. */
  readonly notice?: string | undefined;
  readonly children: ComponentChildren;
}): JSX.Element {
  const { visit, section } = props;
  const { base, connection, options, waiting } = visit;
  const shown = (Object.keys(sections) as Section[]).filter((name) => isShown(visit, name));
  return (
    <div class="scim-panel">
      <nav aria-label="Breadcrumb" class="crumbs">
        <ol>
          {(visit.access.setup ? [] : (options.breadcrumbs ?? defaultCrumbs)).map(({ label, href }) => (
            <li key={label}>{href === undefined ? label : <a href={href}>{label}</a>}</li>
          ))}
          <li>
            <a href={`${base}/`} aria-current={section === 'overview' ? 'page' : undefined}>
              {panelTitle}
            </a>
          </li>
        </ol>
      </nav>
      <header class="title">
        <div>
          <h1>{panelTitle}</h1>
          {connection.name === '' ? null : (
            <p class="soft">
              <Named text={connection.name} />
            </p>
          )}
        </div>
        <StatusBadge enabled={connection.enabled} />
      </header>
      <nav aria-label="Sections" class="tabs">
        {shown.map((name) => (
          <a
            key={name}
            href={`${base}${sections[name].path}` || '/'}
            aria-current={name === section ? 'page' : undefined}
          >
            {sections[name].label}
            {name === 'conflicts' && waiting > 0 ? (
              <span class="count">
                {waiting}
                <span class="unseen"> waiting</span>
              </span>
            ) : null}
          </a>
        ))}
      </nav>
      {props.notice === undefined ? null : (
        <p class="notice good" role="status">
          {props.notice}
        </p>
      )}
      {props.children}
      <p class="soft zone" data-zone>
        Times are in UTC.
      </p>
    </div>
  );
}

/** The pages of the whole tenant are not those of a set-up link. */
function isShown({ access, options }: Visit, section: Section): boolean {
  if (access.setup) return section === 'overview' || section === 'log';
  if (section === 'auditTrail') return options.auditTrail !== undefined;
  if (section === 'roles') return options.roleMappings !== undefined;
  return section !== 'webhooks' || options.deliveries !== undefined;
}

function StatusBadge({ enabled }: { readonly enabled: boolean }): JSX.Element {
  return <span class={enabled ? 'badge good' : 'badge off'}>{enabled ? 'Enabled' : 'Disabled'}</span>;
}

/** One part of a page. */
export function Card(props: {
  readonly id: string;
  readonly title: string;
  readonly about?: string | undefined;
  readonly action?: ComponentChildren;
  readonly children: ComponentChildren;
}): JSX.Element {
  const heading = `${props.id}-title`;
  return (
    <section class="card" id={props.id} aria-labelledby={heading}>
      <header>
        <div>
          <h2 id={heading}>{props.title}</h2>
          {props.about === undefined ? null : <p class="soft">{props.about}</p>}
        </div>
        {props.action}
      </header>
      {props.children}
    </section>
  );
}

/** Shown in place of an empty list: what is missing, and what to do next. */
export function Empty({
  title,
  children,
}: {
  readonly title: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <div class="empty">
      <p class="strong">{title}</p>
      <p class="soft">{children}</p>
    </div>
  );
}

/** A form with the CSRF token. */
export function Form(props: {
  readonly visit: Visit;
  readonly action: string;
  readonly class?: string;
  /** ID of the dialog that asks for confirmation before provisioning is disabled. */
  readonly confirm?: string | undefined;
  readonly children: ComponentChildren;
}): JSX.Element {
  const { visit, action } = props;
  return (
    <form method="post" action={`${visit.base}${action}`} class={props.class} data-confirm={props.confirm}>
      <input type="hidden" name="csrf" value={visit.csrfToken} />
      {props.children}
    </form>
  );
}

/** A text with a copy button, which is shown where scripts run. */
export function Copyable(props: { readonly id: string; readonly label: string; readonly text: string }): JSX.Element {
  return (
    <div class="copyable">
      <code id={props.id}>{props.text}</code>
      <button type="button" class="button" data-copy={props.id} hidden>
        Copy<span class="unseen"> {props.label}</span>
      </button>
    </div>
  );
}

/** A point in time: in UTC, or in the time zone of the browser where scripts run. */
export function Time({ at, day = false }: { readonly at: Date; readonly day?: boolean }): JSX.Element {
  const iso = at.toISOString();
  return (
    <time datetime={iso} data-day={day ? '' : undefined}>
      {day ? iso.slice(0, 10) : `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`}
    </time>
  );
}

/** Submit and Cancel. In a dialog, Cancel closes it; on a page, it leads back to where the form was. */
export function FormButtons(props: {
  readonly visit: Visit;
  readonly inDialog: boolean;
  readonly label: string;
  /** Where Cancel leads on a page. Default: the overview. */
  readonly cancel?: string;
  readonly dangerous?: boolean;
}): JSX.Element {
  return (
    <div class="buttons">
      <button type="submit" class={props.dangerous === true ? 'button danger' : 'button primary'}>
        {props.label}
      </button>
      {props.inDialog ? (
        <button type="submit" class="button" formmethod="dialog" formnovalidate>
          Cancel
        </button>
      ) : (
        <a class="button" href={`${props.visit.base}${props.cancel ?? '/'}`}>
          Cancel
        </a>
      )}
    </div>
  );
}

/** A name from outside: plain text with its own text direction. */
export function Named({ text }: { readonly text: string }): JSX.Element {
  return <bdi>{visible(shortenedTo(maxNameLength, text))}</bdi>;
}
