import { remedyForNotRun } from '../contract/not-run.js';
import { isThenable } from '../contract/awaitable.js';
import type { ScimContext } from '../contract/context.js';
import { describe } from '../contract/describe.js';
import { noteSource, takeSource } from '../contract/hook-source.js';
import { firstTimes } from '../contract/first-times.js';
import { documentationPage } from '../documentation.js';
import { ScimError, isScimError, type ValueMistake } from '../errors.js';
import type { RequestContext } from './request-context.js';

/**
 * Turns whatever was thrown into the error that the client gets, and reports faults to `options.onError`.
 *
 * What is not a ScimError, or has a status that is no error status, becomes a 500 with a fixed text and the request ID
 * to find it by. Every 5xx is a fault and is reported with its cause, except 501: it only says that this service does
 * not offer the feature.
 *
 * @param ctx undefined where the request failed before its client was known
 */
export function errorToSend(
  service: { readonly onError: ReportFault },
  thrown: unknown,
  requestId: string,
  ctx: RequestContext | undefined,
): ScimError {
  const error =
    isScimError(thrown) && isErrorStatus(thrown.status)
      ? thrown
      : new ScimError(500, `An internal error occurred; it is logged as ${requestId}.`, { cause: thrown });
  if (error.status >= 500 && error.status !== 501) {
    const cause = error.cause ?? thrown;
    service.onError(cause, ctx, requestId, takeSource(thrown) ?? takeSource(cause));
  }
  return error;
}

/** The wrong attributes that an error lists; undefined where it lists none. */
export function mistakesOf(error: ScimError): readonly ValueMistake[] | undefined {
  if (!isScimError(error)) return undefined;
  if (error.code !== 'SCIM_INVALID_VALUE' && error.code !== 'SCIM_INVALID_SYNTAX') return undefined;
  return error.errors.length === 0 ? undefined : error.errors;
}

/** Whether a number is the status of an HTTP error. */
export function isErrorStatus(status: unknown): status is number {
  return typeof status === 'number' && Number.isInteger(status) && status >= 400 && status <= 599;
}

/**
 * Reports a fault to `options.onError`; never throws. The ID of the request is needed only where there is no `ctx`.
 *
 * @param hook the option whose function failed
 */
export type ReportFault = (error: unknown, ctx: ScimContext | undefined, requestId?: string, hook?: string) => void;

/** The type of `options.onError`. */
export type OnError = (
  error: unknown,
  ctx: ScimContext | undefined,
  requestId: string | undefined,
  hook: string | undefined,
) => unknown;

/** `onError`, so that what it throws, or rejects with, reaches the console and no request. */
export function guardOnError(onError: OnError): ReportFault {
  const report = (failure: unknown): void => {
    // eslint-disable-next-line no-console -- the host's own logger has failed
    console.error('express-scim: error in onError:', failure);
  };
  return (error, ctx, requestId, hook) => {
    try {
      const done = onError(error, ctx, requestId ?? ctx?.requestId, takeSource(error, hook));
      if (isThenable(done)) done.then(undefined, report);
    } catch (failure) {
      report(failure);
    }
  };
}

/**
 * Calls a hook whose result means nothing. What it throws, or rejects with, goes to `onError`: a rejection that nobody
 * handles would end the process.
 */
export function runHook(
  option: string,
  hook: () => unknown,
  onError: ReportFault,
  ctx: ScimContext | undefined,
  requestId?: string,
): void {
  const check = (returned: unknown): void => {
    const remedy = remedyForNotRun(returned);
    if (remedy !== undefined) onError(wrongResult(option, returned, remedy), ctx, requestId, option);
  };
  try {
    const done = hook();
    if (isThenable(done)) {
      done.then(check, (error: unknown) => {
        onError(error, ctx, requestId, option);
      });
    } else {
      check(done);
    }
  } catch (error) {
    onError(error, ctx, requestId, option);
  }
}

/** Reports what the function of an option returned that it must not return. */
export type ReportOnce = (sentence: string, option: string, ctx?: ScimContext) => void;

/** Reports each sentence to `onError` once. */
export function createReportOnce(onError: ReportFault): ReportOnce {
  const isFirst = firstTimes();
  return (sentence, option, ctx) => {
    if (!isFirst(sentence)) return;
    onError(new TypeError(`${sentence} See ${pageOf(option)}`), ctx, ctx?.requestId, option);
  };
}

/** The error for what the function of an option must not return: a 500 that `onError` hears about. */
export function wrongResult(option: string, value: unknown, remedy: string): TypeError {
  const error = new TypeError(`${option} returned ${describe(value)}. ${remedy} See ${pageOf(option)}`);
  noteSource(error, option);
  return error;
}

/** The heading of the page of the options that explains an option. */
function pageOf(option: string): string {
  return documentationPage(`options.md#${option.toLowerCase()}`);
}
