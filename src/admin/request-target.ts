import type { IncomingMessage } from 'node:http';

/** Path and query of a request. */
export interface RequestTarget {
  /** Begins with a slash, and ends with one only where it is nothing else. Percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/**
 * Reads a request target (RFC 9112 3.2) below the mount point.
 *
 * It is not parsed as a URL: there `\` and `//` would begin a host name, and an invalid one would be an exception.
 */
export function requestTarget(url: string): RequestTarget {
  const withoutOrigin = url.replace(/^[a-z][a-z0-9+.-]{0,20}:\/\/[^/?#]*/i, '');
  const [beforeFragment = ''] = withoutOrigin.split('#', 1);
  const marker = beforeFragment.indexOf('?');
  const path = withoutTrailingSlashes(marker < 0 ? beforeFragment : beforeFragment.slice(0, marker));
  return {
    path: path.startsWith('/') ? path : `/${path}`,
    query: new URLSearchParams(marker < 0 ? '' : beforeFragment.slice(marker + 1)),
  };
}

// Links that begin with two slashes, or with a backslash that browsers read as a slash, would lead to another host.
/** The path of the panel for links, without a trailing slash. */
export function mountPath(req: IncomingMessage & { readonly baseUrl?: string }): string {
  const path = withoutTrailingSlashes((req.baseUrl ?? '').replaceAll('\\', '%5C'));
  return path === '' ? '' : path.replace(/^\/*/, '/');
}

/** Not by a regular expression, which would take quadratic time for slashes inside. */
export function withoutTrailingSlashes(text: string): string {
  let end = text.length;
  while (end > 0 && text.charAt(end - 1) === '/') end--;
  return text.slice(0, end);
}
