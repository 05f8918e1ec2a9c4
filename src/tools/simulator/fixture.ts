import { isObject } from '../../contract/is-object.js';
import { found, usageError } from '../../contract/option-mistakes.js';
import { checkTarget, toolsPage } from '../wire/check-target.js';
import { randomBytes, randomUUID } from 'node:crypto';
import { exchange } from '../wire/exchange.js';
import { parseJson } from '../wire/json.js';
import type { Received } from '../wire/response.js';
import { contradiction, type Fact, valuesAt } from './fact.js';
import { receivedWithoutKeys } from '../wire/without-keys.js';

/**
 * Recorded requests of an identity provider, with the expected responses; a JSON file.
 *
 * In paths, headers, bodies and expected values `${name}` is replaced by a variable: `run` (8 hexadecimal digits that
 * differ in each replay), `uuid`, `uuid2`, `base` (the base URL), `token` (the key), and what `capture` took from a
 * response; `${enc:name}` is percent-encoded. A string that is only a variable keeps the type of the variable.
 */
export interface Fixture {
  readonly id: string;
  readonly client: string;
  readonly title: string;
  /** For steps without their own severity. Default: `must`. */
  readonly severity?: FixtureSeverity;
  /** On every request. */
  readonly headers?: FixtureHeaders;
  /** False: Content-Type is also sent without a body. Default: true. */
  readonly contentTypeOnlyWithBody?: boolean;
  readonly steps: readonly FixtureStep[];
}

/** A failed step with `should` is a warning, one with `must` an error. */
export type FixtureSeverity = 'must' | 'should';
type FixtureHeaders = Readonly<Record<string, string | null>>;

/** One recorded request. */
export interface FixtureRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: FixtureHeaders;
  readonly body?: unknown;
  readonly rawBody?: string;
  /** The Authorization header. Default: the key as bearer token; `none` sends no header; other text is sent unchanged. */
  readonly auth?: string;
}

/** One request, or several concurrent ones, with the expected response. */
export interface FixtureStep {
  readonly name: string;
  readonly severity?: FixtureSeverity;
  readonly request?: FixtureRequest;
  /** Instead of `request`: all are sent concurrently, and `expect.status` applies to each. */
  readonly parallel?: readonly FixtureRequest[];
  /** Variables taken from the response: a path, or `header:name`. */
  readonly capture?: Readonly<Record<string, string>>;
  readonly expect?: {
    readonly status?: number | readonly number[];
    /** The number of responses with each status, for a step with `parallel`. */
    readonly statusCounts?: Readonly<Record<string, number>>;
    readonly headers?: readonly {
      readonly name: string;
      readonly exists?: boolean;
      readonly absent?: boolean;
      readonly matches?: string;
    }[];
    readonly json?: readonly Fact[];
    /** As `json`, but only where there is a body. */
    readonly jsonIfBody?: readonly Fact[];
    readonly noBody?: boolean;
  };
}

/** An expectation of a fixture that was not met. */
export interface FixtureProblem {
  readonly step: string;
  readonly severity: FixtureSeverity;
  readonly problem: string;
}

/** The server that receives the recorded requests. */
export interface FixtureTarget {
  /** Without a trailing slash. */
  readonly baseUrl: string;
  readonly key: string;
  /** Default: the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
}

/**
 * Sends the requests of a fixture in order and compares the responses with the expected ones. A request may take 20
 * seconds.
 *
 * @returns the expectations that were not met; empty when all were
 * @throws Error when a request cannot be sent, or the fixture uses an undefined variable
 * @example
 * import { readFile } from 'node:fs/promises';
 * import { type Fixture, replayFixture } from 'express-scim/conformance';
 *
 * const target = { baseUrl: 'http://127.0.0.1:3000/scim/v2', key: process.env['SCIM_KEY'] ?? '' };
 * const fixture = JSON.parse(await readFile('entra-create-user.json', 'utf8')) as Fixture;
 * for (const { step, problem } of await replayFixture(target, fixture)) console.log(`${step}: ${problem}`);
 */
export async function replayFixture(target: FixtureTarget, fixture: Fixture): Promise<readonly FixtureProblem[]> {
  checkTarget('replayFixture', target, { fetch: 'function' });
  const given: unknown = fixture;
  if (!isObject(given) || !Array.isArray(given['steps'])) {
    throw usageError(
      'replayFixture',
      `the second argument must be a fixture, an object with steps; got ${found(given)}`,
      toolsPage,
    );
  }
  const variables = new Map<string, unknown>([
    ['run', randomBytes(4).toString('hex')],
    ['uuid', randomUUID()],
    ['uuid2', randomUUID()],
    ['base', target.baseUrl],
    ['token', target.key],
  ]);
  const problems: FixtureProblem[] = [];
  for (const step of fixture.steps) {
    const severity = step.severity ?? fixture.severity ?? 'must';
    const found =
      step.parallel === undefined
        ? await playOne(fixture, step, target, variables)
        : await playAll(fixture, step, step.parallel, target, variables);
    problems.push(...found.map((problem) => ({ step: step.name, severity, problem })));
  }
  return problems;
}

type Variables = Map<string, unknown>;

const timeoutMilliseconds = 20_000;

async function playOne(
  fixture: Fixture,
  step: FixtureStep,
  target: FixtureTarget,
  variables: Variables,
): Promise<string[]> {
  if (step.request === undefined) return ['the step has no request'];
  const response = await send(fixture, fill(step.request, variables), target);
  const { status, headers, json, jsonIfBody, noBody } = step.expect ?? {};
  const problems: string[] = [];
  if (status !== undefined && ![status].flat().includes(response.status)) {
    problems.push(
      `status ${String(response.status)}, expected ${[status].flat().join(' or ')}: ${response.text.slice(0, 200)}`,
    );
  }
  for (const { name, exists, absent, matches } of headers ?? []) {
    const value = response.headers.get(name);
    const holds =
      exists === true
        ? value !== null
        : absent === true
          ? value === null
          : new RegExp(matches ?? '', 'i').test(value ?? '');
    if (!holds) problems.push(`header ${name} is ${String(value)}`);
  }
  if (noBody === true && response.text !== '') problems.push('there should be no body');
  const document = parseJson(response.text);
  if (json !== undefined && json.length > 0 && document === undefined) problems.push('there should be a JSON body');
  const facts = document === undefined ? [] : [...(json ?? []), ...(jsonIfBody ?? [])];
  for (const fact of fill(facts, variables)) {
    const problem = contradiction(document, fact);
    if (problem !== undefined) problems.push(problem);
  }
  for (const [name, from] of Object.entries(step.capture ?? {})) {
    const value = from.startsWith('header:') ? response.headers.get(from.slice(7)) : valuesAt(document, from)[0];
    if (value === undefined || value === null) problems.push(`${name} cannot be taken from ${from}`);
    else variables.set(name, value);
  }
  return problems;
}

async function playAll(
  fixture: Fixture,
  step: FixtureStep,
  requests: readonly FixtureRequest[],
  target: FixtureTarget,
  variables: Variables,
): Promise<string[]> {
  const responses = await Promise.all(requests.map((request) => send(fixture, fill(request, variables), target)));
  const statuses = responses.map((response) => response.status);
  const problems: string[] = [];
  const allowed = step.expect?.status === undefined ? undefined : [step.expect.status].flat();
  if (allowed !== undefined && statuses.some((status) => !allowed.includes(status))) {
    problems.push(`statuses ${statuses.join(', ')}, expected only ${allowed.join(' or ')}`);
  }
  for (const [status, count] of Object.entries(step.expect?.statusCounts ?? {})) {
    const times = statuses.filter((each) => each === Number(status)).length;
    if (times !== count)
      problems.push(`status ${status} was returned ${String(times)} times, expected ${String(count)}`);
  }
  return problems;
}

async function send(fixture: Fixture, request: FixtureRequest, target: FixtureTarget): Promise<Received> {
  const body = request.rawBody ?? (request.body === undefined ? undefined : JSON.stringify(request.body));
  const headers = new Headers();
  for (const [name, value] of Object.entries({ ...fixture.headers, ...request.headers })) {
    if (value !== null) headers.set(name, value);
  }
  const hasContentType = Object.keys(request.headers ?? {}).some((name) => name.toLowerCase() === 'content-type');
  if (body === undefined && !hasContentType && fixture.contentTypeOnlyWithBody !== false)
    headers.delete('content-type');
  if (request.auth === undefined) {
    if (!headers.has('authorization')) headers.set('authorization', `Bearer ${target.key}`);
  } else if (request.auth !== 'none') headers.set('authorization', request.auth);
  const received = await exchange(target.fetch ?? fetch, {
    method: request.method,
    url: target.baseUrl + request.path,
    headers,
    // Bytes, so that fetch adds no Content-Type.
    body: body === undefined ? undefined : Buffer.from(body),
    signal: AbortSignal.timeout(timeoutMilliseconds),
  });
  return receivedWithoutKeys(received, [target.key]);
}

/** Replaces `${name}` in every string and key; a string that is only a variable keeps the type of the variable. */
function fill<T>(value: T, variables: Variables): T {
  const valueOf = (name: string): unknown => {
    if (!variables.has(name)) throw new Error(`the fixture uses an undefined variable: ${name}`);
    return variables.get(name);
  };
  const text = (each: string): unknown => {
    const whole = /^\$\{(\w+)\}$/.exec(each)?.[1];
    if (whole !== undefined) return valueOf(whole);
    return each.replace(/\$\{(enc:)?(\w+)\}/g, (_, encode: string | undefined, name: string) =>
      encode === undefined ? String(valueOf(name)) : encodeURIComponent(String(valueOf(name))),
    );
  };
  const walk = (each: unknown): unknown => {
    if (typeof each === 'string') return text(each);
    if (Array.isArray(each)) return each.map(walk);
    if (typeof each !== 'object' || each === null) return each;
    return Object.fromEntries(Object.entries(each).map(([name, inner]) => [String(text(name)), walk(inner)]));
  };
  return walk(value) as T;
}
