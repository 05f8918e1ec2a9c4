/** What a request does, for a quirk of your own. */
export interface QuirkRequest {
  readonly operation: 'create' | 'replace' | 'patch' | 'query';
  /** Name of the resource type, such as `User`. */
  readonly resourceType: string;
  /** ID of the resource, if the URL names one. */
  readonly id?: string | undefined;
}

/**
 * A quirk of your own, for `options.quirks.custom`.
 *
 * `request` gets the body of a POST, PUT, PATCH or search; `operation` gets each operation of a PATCH, after `request`.
 * Both also run for the operations of a bulk request. They get a copy, and return what to read instead, or
 * undefined if the quirk does not apply. What they return is parsed like any body, with the same limits and checks.
 * What they throw becomes a 500 that `onError` gets, and nothing changes.
 */
export interface CustomQuirk {
  /** Reported when it applies, by `onQuirk`, events and log: lower-case letters, digits and hyphens. */
  readonly id: string;
  /** The clients that send it. */
  readonly clients: readonly string[];
  /** The section that it deviates from, such as `RFC 7644 3.5.2`. */
  readonly section?: string | undefined;
  request?(body: unknown, request: QuirkRequest): unknown;
  operation?(operation: unknown, request: QuirkRequest): unknown;
}

/**
 * Defines a quirk of your own: a deviation of one of your clients, and how to read it.
 *
 * @returns the same object, frozen. It is checked when the router is created
 * @example
 * import { connectorKeys, createScimRouter, defineQuirk, MemoryStore } from 'express-scim';
 *
 * // A directory of ours sends {"op": "set"} for a replace.
 * const opSet = defineQuirk({
 *   id: 'op-set',
 *   clients: ['Our directory'],
 *   section: 'RFC 7644 3.5.2',
 *   operation: (operation) => {
 *     if (typeof operation !== 'object' || operation === null) return undefined;
 *     return 'op' in operation && operation.op === 'set' ? { ...operation, op: 'replace' } : undefined;
 *   },
 * });
 *
 * export const router = createScimRouter(new MemoryStore(), {
 *   authenticate: connectorKeys([{ key: process.env['SCIM_KEY'] ?? '' }]),
 *   quirks: { custom: [opSet] },
 * });
 */
export function defineQuirk<const Q extends CustomQuirk>(quirk: Q): Q {
  return Object.freeze(quirk);
}
