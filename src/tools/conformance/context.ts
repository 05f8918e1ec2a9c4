import { isDeepStrictEqual } from 'node:util';
import type { Answer, AuditClient, AuditContext, FoundAttribute, JsonObject, Mode, Service, Step } from './conformance-test.js';
import { urn } from './conformance-test.js';
import { AuditStop, groupBody, isObject, outcome, userBody, valueAt } from './client.js';

/** The server does not offer what the audit is about. */
export class AuditSkip extends Error {}

export interface ContextOptions {
  readonly client: AuditClient;
  readonly otherTenant: AuditClient | undefined;
  readonly service: Service;
  readonly mode: Mode;
  readonly unique: (prefix?: string) => string;
  readonly signal: AbortSignal;
}

/** A context and the failures that its soft expectations noted. */
export function auditContext(options: ContextOptions): {
  readonly ctx: AuditContext;
  readonly failures: readonly string[];
} {
  const { client, service, mode, unique, signal } = options;
  const failures: string[] = [];
  function check(holds: boolean, message: string): boolean {
    if (!holds) failures.push(message);
    return holds;
  }
  function refused(answer: Answer, status: number | readonly number[], scimType?: string | readonly string[]): boolean {
    const expected = `${either(status)}${scimType === undefined ? '' : ` ${either(scimType)}`}`;
    if (!check(oneOf(answer.status, status), `${answer.request} should answer ${expected}, came ${outcome(answer)}`))
      return false;
    // RFC 7644 3.12: the body of every refusal is an Error message, its status a string.
    const shape = [
      check(
        isDeepStrictEqual(answer.get('schemas'), [urn.error]),
        `${answer.request}: the body of the ${answer.status} should be a SCIM error`,
      ),
      check(
        answer.get('status') === String(answer.status),
        `${answer.request}: "status" in the error should be the string "${answer.status}"`,
      ),
    ];
    const typed = scimType === undefined || oneOf(answer.get('scimType'), scimType);
    return check(typed, `${answer.request} should answer ${expected}, came ${outcome(answer)}`) && shape.every(Boolean);
  }
  const ctx: AuditContext = {
    ...client,
    mode,
    service,
    get otherTenant(): AuditClient {
      if (options.otherTenant === undefined) throw new AuditSkip('no second tenant is given');
      return options.otherTenant;
    },
    unique,
    userBody: (attributes) => userBody(unique, attributes),
    groupBody: (attributes) => groupBody(unique, attributes),
    bodyWith: (attribute, value, more) => bodyWith(service, unique, attribute, value, more),
    reading: (byDefault, strict) => (mode === 'strict' ? strict : byDefault),

    status: (answer, expected) =>
      check(
        oneOf(answer.status, expected),
        `${answer.request} should answer ${either(expected)}, came ${outcome(answer)}`,
      ),
    refused,
    equal: (actual, expected, what) =>
      check(isDeepStrictEqual(actual, expected), `${what} should be ${show(expected)}, is ${show(actual)}`),
    differs: (actual, unwanted, what) =>
      check(!isDeepStrictEqual(actual, unwanted), `${what} should not be ${show(unwanted)}`),
    absent: (answer, ...path) => {
      const value = valueAt(answer.body, path);
      return check(isUnassigned(value), `${answer.request}: ${named(path)} should be absent, is ${show(value)}`);
    },
    present: (answer, ...path) =>
      check(
        !isUnassigned(valueAt(answer.body, path)),
        `${answer.request} (${answer.status}): ${named(path)} is missing`,
      ),
    matches: (actual, pattern, what) =>
      check(
        typeof actual === 'string' && pattern.test(actual),
        `${what} should match ${String(pattern)}, is ${show(actual)}`,
      ),
    includes: (list, item, what) =>
      check(
        Array.isArray(list) && list.some((entry) => isDeepStrictEqual(entry, item)),
        `${what} should hold ${show(item)}, is ${show(list)}`,
      ),
    check,

    need: (answer, expected) => {
      if (oneOf(answer.status, expected)) return answer;
      throw new AuditStop(`${answer.request} should answer ${either(expected)}, came ${outcome(answer)}`);
    },
    skip: (reason) => {
      throw new AuditSkip(reason);
    },
    attribute: (wanted) => {
      const [first] = service.find(wanted);
      if (first === undefined) throw new AuditSkip(`/Schemas announces no attribute that is ${describeWanted(wanted)}`);
      return first;
    },
    wait: (milliseconds) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(resolve, milliseconds);
        signal.addEventListener('abort', () => (clearTimeout(timer), reject(new AuditStop('the time was up'))), {
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

/** Values are the audit's own; what looks like a secret never stands in one, and long ones are cut. */
function show(value: unknown): string {
  const json = JSON.stringify(value) ?? 'absent';
  return json.length > 200 ? `${json.slice(0, 197)}...` : json;
}

function describeWanted(wanted: object): string {
  return Object.entries(wanted)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');
}

/** A body that a POST to the attribute's resource type accepts, if the value is right. */
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

/** A value of each type of RFC 7643 2.3. */
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
