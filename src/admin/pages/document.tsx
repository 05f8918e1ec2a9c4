import type { ComponentChild, JSX } from 'preact';
import { renderToString } from 'preact-render-to-string';
import type { AssetFile } from '../assets/files.js';
import type { AdminPage } from '../options.js';

/** Renders a page: in the layout of the host, or as a plain document. */
export function writePage(
  page: {
    readonly title: string;
    readonly body: ComponentChild;
    readonly base: string;
    readonly nonce: string;
    readonly style: AssetFile;
    readonly script: AssetFile;
  },
  layout: ((page: AdminPage) => string) | undefined,
): string {
  const { title, base, nonce, style, script } = page;
  const head = renderToString(
    <>
      <link rel="stylesheet" href={`${base}/assets/${style.name}`} nonce={nonce} />
      <script src={`${base}/assets/${script.name}`} nonce={nonce} defer />
    </>,
  );
  if (layout !== undefined) return layout({ title, body: renderToString(<>{page.body}</>), head, nonce });
  return `<!doctype html>${renderToString(
    <Document title={title} head={head}>
      {page.body}
    </Document>,
  )}`;
}

function Document(props: {
  readonly title: string;
  readonly head: string;
  readonly children: ComponentChild;
}): JSX.Element {
  // Safe as HTML: the head is created by this module and contains no input, and the title is escaped.
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>${renderToString(<>{props.title}</>)}</title>${props.head}`;
  return (
    <html lang="en">
      <head dangerouslySetInnerHTML={{ __html: head }} />
      <body class="scim-page">
        <main>{props.children}</main>
      </body>
    </html>
  );
}
