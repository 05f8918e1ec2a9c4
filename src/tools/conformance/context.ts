import { isDeepStrictEqual } from 'node:util';
import { type TestClient, type TestContext, type FoundAttribute, type Mode, type Service } from './conformance-test.js';
import { TestStop, groupBody, userBody } from './client.js';
import { type JsonObject, type Step, isObject, valueAt } from '../wire/json.js';
import { type HttpResponse, describeStatus } from '../wire/response.js';
import { urn } from '../wire/urn.js';

/** Skips the test: the server does not offer what it is about. */
export class TestSkip extends Error {}

export interface ContextOptions {
  readonly client: TestClient;
  readonly otherTenant: TestClient | undefined;
  readonly service: Service;
  readonly mode: Mode;
  readonly unique: (prefix?: string) => string;
  readonly signal: AbortSignal;
}

/** A context and the failures that its expectations recorded. */
export function testContext(options: ContextOptions): {
  readonly ctx: TestContext;
  readonly failures: readonly string[];
} {
  const { client, service, mode, unique, signal } = options;
  const failures: string[] = [];
  function check(holds: boolean, message: string): boolean {
    if (!holds) failures.push(message);
    return holds;
  }
  function refused(
    response: HttpResponse,
    status: number | readonly number[],
    scimType?: string | readonly string[],
  ): boolean {
    const expected = `${either(status)}${scimType === undefined ? '' : ` ${either(scimType)}`}`;
    if (
      !check(
        oneOf(response.status, status),
        `${response.request} should return ${expected}, returned ${describeStatus(response)}`,
      )
    )
      return false;
    // RFC 7644 3.12: the body of every error is an Error message, its status a string.
    const shape = [
      check(
        isDeepStrictEqual(response.get('schemas'), [urn.error]),
        `${response.request}: the body of the ${response.status} should be a SCIM error`,
      ),
      check(
        response.get('status') === String(response.status),
        `${response.request}: "status" in the error should be the string "${response.status}"`,
      ),
    ];
    const typed = scimType === undefined || oneOf(response.get('scimType'), scimType);
    return (
      check(typed, `${response.request} should return ${expected}, returned ${describeStatus(response)}`) &&
      shape.every(Boolean)
    );
  }
  const ctx: TestContext = {
    ...client,
    mode,
    service,
    get otherTenant(): TestClient {
      if (options.otherTenant === undefined) throw new TestSkip('the target has no second tenant');
      return options.otherTenant;
    },
    unique,
    userBody: (attributes) => userBody(unique, attributes),
    groupBody: (attributes) => groupBody(unique, attributes),
    bodyWith: (attribute, value, more) => bodyWith(service, unique, attribute, value, more),
    reading: (byDefault, strict) => (mode === 'strict' ? strict : byDefault),

    status: (response, expected) =>
      check(
        oneOf(response.status, expected),
        `${response.request} should return ${either(expected)}, returned ${describeStatus(response)}`,
      ),
    refused,
    equal: (actual, expected, what) =>
      check(isDeepStrictEqual(actual, expected), `${what} should be ${show(expected)}, is ${show(actual)}`),
    differs: (actual, unexpected, what) =>
      check(!isDeepStrictEqual(actual, unexpected), `${what} should not be ${show(unexpected)}`),
    absent: (response, ...path) => {
      const value = valueAt(response.body, path);
      return check(isUnassigned(value), `${response.request}: ${named(path)} should be absent, is ${show(value)}`);
    },
    present: (response, ...path) =>
      check(
        !isUnassigned(valueAt(response.body, path)),
        `${response.request} (${response.status}): ${named(path)} is missing`,
      ),
    matches: (actual, pattern, what) =>
      check(
        typeof actual === 'string' && pattern.test(actual),
        `${what} should match ${String(pattern)}, is ${show(actual)}`,
      ),
    includes: (list, item, what) =>
      check(
        Array.isArray(list) && list.some((entry) => isDeepStrictEqual(entry, item)),
        `${what} should contain ${show(item)}, is ${show(list)}`,
      ),
    check,

    need: (response, expected) => {
      if (oneOf(response.status, expected)) return response;
      throw new TestStop(`${response.request} should return ${either(expected)}, returned ${describeStatus(response)}`);
    },
    skip: (reason) => {
      throw new TestSkip(reason);
    },
    attribute: (criteria) => {
      const [first] = service.find(criteria);
      if (first === undefined)
        throw new TestSkip(`/Schemas announces no attribute that is ${describeCriteria(criteria)}`);
      return first;
    },
    wait: (milliseconds) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(resolve, milliseconds);
        signal.addEventListener('abort', () => (clearTimeout(timer), reject(new TestStop('the test took too long'))), {
          once: true,
        });
      }),
  };
  return { ctx, failures };
}

function oneOf(value: unknown, expected: unknown): boolean {
  return Array.isArray(expected) ? expected.includes(value) : value === expected;
}

function either(expected: number | string | readonly (number | string)[]): string {
  return Array.isArray(expected) ? expected.join(' or ') : String(expected);
}

function isUnassigned(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

function named(path: readonly Step[]): string {
  return path.length === 0 ? 'the body' : `"${path.join('.')}"`;
}

/** Long values are cut. The values come from the test, so that they contain no secret. */
function show(value: unknown): string {
  const json = JSON.stringify(value) ?? 'absent';
  return json.length > 200 ? `${json.slice(0, 197)}...` : json;
}

function describeCriteria(criteria: object): string {
  return Object.entries(criteria)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');
}

/** A body that a POST to the attribute's resource type accepts, if the value is valid. */
function bodyWith(
  service: Service,
  unique: (prefix?: string) => string,
  attribute: FoundAttribute,
  value: unknown,
  more: object = {},
): JsonObject {
  const { resourceType } = attribute;
  const required = resourceType.extensions
    .filter((extension) => extension.required)
    .map((extension) => extension.schema);
  const body: Record<string, unknown> = {
    schemas: [...new Set([resourceType.schema, ...required, attribute.schema])],
    ...fillRequired(service, resourceType.schema, unique),
  };
  for (const schema of required) body[schema] = fillRequired(service, schema, unique);
  Object.assign(body, more);
  const [first = attribute.name, second] = attribute.steps;
  body[first] = second === undefined ? value : { ...(isObject(body[first]) ? body[first] : {}), [second]: value };
  return body as JsonObject;
}

function fillRequired(service: Service, schema: string, unique: (prefix?: string) => string): Record<string, unknown> {
  const needed = (service.schemas.get(schema)?.attributes ?? []).filter(
    (entry) => entry.required && entry.mutability !== 'readOnly',
  );
  return Object.fromEntries(
    needed.map((entry) => {
      const one = exampleOf(entry.type, unique(entry.name.toLowerCase()));
      const value = entry.type === 'complex' ? { value: one } : one;
      return [entry.name, entry.multiValued ? [value] : value];
    }),
  );
}

/** A valid value of a type of RFC 7643 2.3. */
export function exampleOf(type: string, text: string): string | number | boolean {
  switch (type) {
    case 'boolean':
      return true;
    case 'integer':
      return 7;
    case 'decimal':
      return 1.5;
    case 'dateTime':
      return '2026-01-02T03:04:05Z';
    case 'binary':
      return 'AQID';
    case 'reference':
      return `https://example.com/${text}`;
    default:
      return text;
  }
}
