// The layout of every page, and components that pages share.
import type { Response } from 'express';
import type { ComponentChildren, VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import type { AdminPage } from 'express-scim/admin';
import { shortened } from '../users.js';
import type { Administrator } from '../sessions.js';
import { Icon } from './icons.js';

export interface Frame {
  readonly title: string;
  readonly administrator: Administrator;
  /** Number of open flags. */
  readonly due: number;
  /** Path of the page, highlighted in the navigation. */
  readonly at: string;
  readonly message?: string | undefined;
  readonly problem?: string | undefined;
  readonly head?: string | undefined;
}

const navigation = [
  ['/members', 'Members', 'users'],
  ['/assets', 'Assets', 'box'],
  ['/hand-over', 'Hand-over', 'hand'],
  ['/teams', 'Teams', 'team'],
  ['/settings', 'Settings', 'gear'],
] as const;

/** A page for a signed-in administrator. */
export function Page({ children, ...frame }: Frame & { readonly children: ComponentChildren }) {
  const { title, administrator, due, at, message, problem, head } = frame;
  return (
    <Document title={title} head={head}>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <header class="top">
        <a class="brand" href="/">
          <Icon name="brand" /> Stockroom
        </a>
        <nav aria-label="Main">
          <ul>
            {navigation.map(([path, name, icon]) => (
              <li>
                <a href={path} aria-current={at.startsWith(path) ? 'page' : undefined}>
                  <Icon name={icon} />
                  {name}
                  {path === '/hand-over' && due > 0 && (
                    <span class="count">
                      {due}
                      <span class="hidden"> open</span>
                    </span>
                  )}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <form class="who" method="post" action="/sign-out">
          <Csrf token={administrator.csrf} />
          <Name>{administrator.name}</Name>
          <button class="quiet">Sign out</button>
        </form>
      </header>
      <main id="main">
        {message !== undefined && (
          <p class="message" role="status">
            <Icon name="check" /> {message}
          </p>
        )}
        {problem !== undefined && (
          <p class="problem" role="alert">
            <Icon name="alert" /> {problem}
          </p>
        )}
        {children}
      </main>
      <footer>
        Stockroom, an example application of express-scim. <a href="/health">Health</a>
      </footer>
    </Document>
  );
}

export function Document({
  title,
  head,
  children,
}: {
  readonly title: string;
  /** HTML with styles and scripts for `<head>`. Default: those of the product. */
  readonly head?: string | undefined;
  readonly children: ComponentChildren;
}) {
  const common = (
    <>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>{`${shortened(title)} · Stockroom`}</title>
      <link rel="icon" href="/public/icon.svg" type="image/svg+xml" />
    </>
  );
  const assets = head ?? renderToString(<Assets />);
  return (
    <html lang="en">
      <head dangerouslySetInnerHTML={{ __html: renderToString(common) + assets }} />
      <body>{children}</body>
    </html>
  );
}

function Assets() {
  return (
    <>
      <link rel="stylesheet" href="/public/frame.css" />
      <link rel="stylesheet" href="/public/style.css" />
      <script type="module" src="/public/copy.js" />
      <script type="module" src="/public/live.js" />
    </>
  );
}

/** A page of the settings panel in the layout of the product. Its policy allows style sheets and scripts only by nonce. */
export function panelInFrame(frame: Frame | undefined, { title, body, head, nonce }: AdminPage): string {
  if (frame === undefined) throw new Error('The panel was rendered outside a request.');
  const panelHead = renderToString(<link rel="stylesheet" href="/public/frame.css" nonce={nonce} />) + head;
  const page = (
    <Page {...frame} title={title} head={panelHead}>
      <div dangerouslySetInnerHTML={{ __html: body }} />
    </Page>
  );
  return `<!doctype html>${renderToString(page)}`;
}

/** Sends a page that must not be cached. */
export function sendPage(res: Response, page: VNode, status = 200): void {
  res
    .status(status)
    .type('html')
    .set('cache-control', 'no-store')
    .send(`<!doctype html>${renderToString(page)}`);
}

/** Text from a user or an identity provider: escaped, shortened, and isolated from the text direction around it. */
export function Name({ children }: { readonly children: string }) {
  const shown = shortened(children);
  return <bdi title={shown === children ? undefined : children.slice(0, 1_000)}>{shown}</bdi>;
}

export function Csrf({ token }: { readonly token: string }) {
  return <input type="hidden" name="csrf" value={token} />;
}

export function MemberLink({
  id,
  name,
  note,
}: {
  readonly id: number;
  readonly name: string;
  readonly note?: string | undefined;
}) {
  return (
    <span class="member">
      <Avatar id={id} name={name} />
      <span>
        <a href={`/members/${String(id)}`}>
          <Name>{name}</Name>
        </a>
        {note !== undefined && (
          <small>
            <Name>{note}</Name>
          </small>
        )}
      </span>
    </span>
  );
}

export function Avatar({ id, name }: { readonly id: number; readonly name: string }) {
  const words = name.split(/\s+/).filter((word) => /^\p{L}/u.test(word));
  const initials = [words[0], words.length > 1 ? words.at(-1) : undefined]
    .map((word) => [...(word ?? '')][0] ?? '')
    .join('');
  return (
    <span class={`avatar tint-${String(id % 6)}`} aria-hidden="true">
      {initials === '' ? '·' : initials.toUpperCase()}
    </span>
  );
}

type Tone = 'plain' | 'good' | 'warn' | 'bad' | 'blue';

export function Badge({
  tone = 'plain',
  icon,
  children,
}: {
  readonly tone?: Tone;
  readonly icon?: 'lock' | 'check';
  readonly children: ComponentChildren;
}) {
  return (
    <span class={`badge ${tone}`}>
      {icon !== undefined && <Icon name={icon} />}
      {children}
    </span>
  );
}

const dayOf = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' });
const minuteOf = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });

/** A point in time, in UTC. @param at RFC 3339 */
export function When({ at, exact = false }: { readonly at: string; readonly exact?: boolean }) {
  const date = new Date(at);
  const whole = `${minuteOf.format(date)} UTC`;
  return (
    <time dateTime={at} title={whole}>
      {exact ? whole : dayOf.format(date)}
    </time>
  );
}

export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}

/** A readable name of an attribute. The enterprise extension is named by its URN. */
export function shortName(attribute: string): string {
  return attribute.startsWith('urn:') ? 'enterprise details' : attribute;
}
