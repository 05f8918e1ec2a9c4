import type { Received } from './response.js';

/** Shorter keys occur in ordinary text. */
const shortestKey = 4;

/** A text without keys: a server may repeat what it was sent, as it is, in JSON or in a URL. */
export function withoutKeys(text: string, keys: readonly string[]): string {
  let clean = text;
  for (const key of keys) {
    if (key.length < shortestKey) continue;
    for (const form of new Set([key, JSON.stringify(key).slice(1, -1), encodeURIComponent(key)])) {
      clean = clean.replaceAll(form, '[key]');
    }
  }
  return clean;
}

/** A response in which the keys of the request are replaced, so that no report can contain them. */
export function receivedWithoutKeys(received: Received, keys: readonly string[]): Received {
  const headers = new Headers();
  for (const [name, value] of received.headers) headers.append(name, withoutKeys(value, keys));
  return { ...received, headers, text: withoutKeys(received.text, keys) };
}
