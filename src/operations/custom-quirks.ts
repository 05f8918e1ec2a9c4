import { noteSource } from '../contract/hook-source.js';
import { isThenable } from '../contract/awaitable.js';
import { isObject } from '../contract/is-object.js';
import type { CustomQuirk, QuirkRequest } from '../quirks/custom-quirk.js';
import type { RequestContext } from './request-context.js';
import { usageError } from '../contract/option-mistakes.js';

/** Applies the quirks of the host to a body. */
export type ApplyCustomQuirks = (body: unknown, request: QuirkRequest, ctx: RequestContext) => unknown;

/**
 * Makes the function that applies the quirks of the host, in order; undefined where there are none.
 *
 * It fails closed: a quirk gets a copy of the body, what it returns is parsed again like any body, and an error of its
 * own is a 500.
 *
 * @param parse parses JSON with the checks of a request body; throws a ScimError
 */
export function createCustomQuirks(
  quirks: readonly CustomQuirk[],
  parse: (json: string, request: QuirkRequest, ctx: RequestContext) => unknown,
): ApplyCustomQuirks | undefined {
  if (quirks.length === 0) return undefined;
  return (body, request, ctx) => {
    let current = body;
    for (const quirk of quirks) {
      const replaced = applyNamed(quirk, current, request);
      if (replaced === undefined) continue;
      current = parse(toJson(quirk, replaced), request, ctx);
      ctx.note(quirk.id);
    }
    return current;
  };
}

/** What `applyOne` returns; an error names the quirk. */
function applyNamed(quirk: CustomQuirk, body: unknown, request: QuirkRequest): unknown {
  try {
    return applyOne(quirk, body, request);
  } catch (error) {
    throw noteSource(error, `quirks.custom (${quirk.id})`);
  }
}

/** The body that is to be read in place of this one; undefined if the quirk does not apply. */
function applyOne(quirk: CustomQuirk, body: unknown, request: QuirkRequest): unknown {
  let copy: unknown = structuredClone(body);
  const replaced = quirk.request?.(copy, request);
  // What the quirk did to its copy does not count: only what it returns.
  if (replaced !== undefined) copy = JSON.parse(toJson(quirk, replaced));
  else copy = quirk.request === undefined ? copy : structuredClone(body);
  const applied =
    quirk.operation !== undefined && request.operation === 'patch' && applyToOperations(quirk, copy, request);
  return applied || replaced !== undefined ? copy : undefined;
}

/** Replaces the operations of a PATCH, in place; true where any was. */
function applyToOperations(quirk: CustomQuirk, body: unknown, request: QuirkRequest): boolean {
  if (!isObject(body)) return false;
  const name = Object.keys(body).find((key) => key.toLowerCase() === 'operations');
  const operations = name === undefined ? undefined : body[name];
  if (!Array.isArray(operations)) return false;
  let applied = false;
  for (const [index, operation] of (operations as readonly unknown[]).entries()) {
    const replaced = quirk.operation?.(structuredClone(operation), request);
    if (replaced === undefined) continue;
    refusePromise(quirk, replaced);
    operations[index] = replaced;
    applied = true;
  }
  return applied;
}

/** @throws TypeError for what is no JSON, such as a promise or a function */
function toJson(quirk: CustomQuirk, value: unknown): string {
  refusePromise(quirk, value);
  const json: unknown = JSON.stringify(value);
  if (typeof json !== 'string') {
    throw usageError(`Quirk ${quirk.id}`, 'it must return a JSON value', 'options.md#quirks');
  }
  return json;
}

/** Of any implementation: as JSON a promise is `{}`. */
function refusePromise({ id }: CustomQuirk, value: unknown): void {
  if (isThenable(value)) {
    throw usageError(`Quirk ${id}`, 'it returned a promise, and must return a JSON value', 'options.md#quirks');
  }
}
