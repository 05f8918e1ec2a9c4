import type { Attributes } from '@opentelemetry/api';
import type { RequestMessage } from '../hooks.js';

/** Attributes without those that are undefined. */
export function defined(attributes: Readonly<Record<string, Attributes[string] | undefined>>): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}

const knownMethods = new Set(['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'TRACE']);

/** `http.request.method`: the semantic conventions write `_OTHER` for any other, which keeps its values few. */
export function methodOf({ method }: RequestMessage): string {
  return knownMethods.has(method) ? method : '_OTHER';
}
