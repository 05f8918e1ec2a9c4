import type { RequestOptions } from '../wire/client.js';
import type { JsonObject, JsonValue, Step } from '../wire/json.js';
import type { PatchOperation } from '../wire/patch-operation.js';
import type { HttpResponse } from '../wire/response.js';

/**
 * A conformance test: one requirement of a standard, and a function that checks over HTTP whether a server meets it.
 *
 * A test uses the server through its `TestContext` only: it sends requests and states what it expects, and the runner
 * cleans up. It depends on no other test and on no data that it did not create, so that tests run in any order,
 * concurrently, and against a server that is in use.
 *
 * @example
 * import { type ConformanceTest, runConformanceTests } from 'express-scim/conformance';
 *
 * const deleteReturns204: ConformanceTest = {
 *   id: 'ACME-1',
 *   level: 'MUST',
 *   feature: 'delete',
 *   requirement: 'DELETE returns 204 without a body',
 *   needs: [],
 *   async run(ctx) {
 *     const user = await ctx.user();
 *     const response = await ctx.delete(`/Users/${user.id}`);
 *     ctx.status(response, 204);
 *     ctx.equal(response.text, '', 'the body of the 204');
 *   },
 * };
 * const target = { baseUrl: 'https://app.example.com/scim/v2', key: process.env['SCIM_KEY'] ?? '' };
 * const report = await runConformanceTests(target, { tests: [deleteReturns204] });
 * console.log(report.failed);
 */
export interface ConformanceTest {
  /** Document, section and number: `7644-3.6-01`. It stays the same between releases. */
  readonly id: string;
  readonly level: Level;
  /** A group of tests, such as `filter`. */
  readonly feature: string;
  /** The requirement in one sentence. */
  readonly requirement: string;
  /** What the server must offer; otherwise the test is skipped. */
  readonly needs: readonly Capability[];
  run(ctx: TestContext): Promise<void>;
}

/**
 * The strength of a requirement, as in RFC 2119. `implied` follows from examples in the RFCs or from HTTP; `client` is
 * what Microsoft Entra ID or Okta expects.
 */
export type Level = 'MUST' | 'SHOULD' | 'MAY' | 'implied' | 'client';

/** What a server may offer: found by discovery and a few harmless requests, or taken from the options of the target. */
export type Capability =
  | 'groups'
  | 'userGroups'
  | 'enterprise'
  | 'password'
  | 'patch'
  | 'bulk'
  | 'filter'
  | 'sort'
  | 'etag'
  | 'cursor'
  | 'changePassword'
  | 'search'
  | 'rootQuery'
  | 'me'
  | 'async'
  | 'securityEvents'
  | 'roles'
  | 'profile'
  | 'device'
  | 'ownType'
  | 'secondTenant'
  | 'defaultMode'
  | 'strictMode';

/** `default`: the server accepts the quirks of real clients. `strict`: it rejects every deviation from the RFCs. */
export type Mode = 'default' | 'strict';

/** Query parameters; undefined ones are omitted, values are percent-encoded. */
export interface Query {
  readonly [parameter: string]: string | number | undefined;
}

/**
 * Sends requests. Paths are relative to the base URL (`/Users?count=1`). Bodies are sent as `application/scim+json`.
 * Created resources are deleted when the test has ended.
 */
export interface TestClient {
  readonly baseUrl: string;
  /** For requests in which the key must not work. Never put it into a message. */
  readonly key: string;
  send(method: string, path: string, body?: unknown, options?: RequestOptions): Promise<HttpResponse>;
  get(path: string, options?: RequestOptions): Promise<HttpResponse>;
  /** GET with encoded parameters: `ctx.query('/Users', { filter: 'userName eq "a"' })`. */
  query(path: string, query: Query, options?: RequestOptions): Promise<HttpResponse>;
  post(path: string, body: unknown, options?: RequestOptions): Promise<HttpResponse>;
  put(path: string, body: unknown, options?: RequestOptions): Promise<HttpResponse>;
  /** A list is wrapped into a PatchOp message; an object is sent unchanged. */
  patch(path: string, operations: readonly PatchOperation[] | object, options?: RequestOptions): Promise<HttpResponse>;
  delete(path: string, options?: RequestOptions): Promise<HttpResponse>;
  /**
   * GET of a URI in a response, resolved against the base URL (RFC 7643 2.3.7). A URI that is not below the base URL
   * fails the test, so that the key is sent to no other server.
   */
  follow(uri: unknown, options?: RequestOptions): Promise<HttpResponse>;
  /**
   * Creates a user; the test fails when that fails. `schemas` and a unique `userName` are added; undefined attributes
   * are omitted.
   */
  user(attributes?: object): Promise<HttpResponse>;
  /** Creates a group; the test fails when that fails. `schemas` and a unique `displayName` are added. */
  group(attributes?: object): Promise<HttpResponse>;
}

/** What a conformance test works with: requests, expectations, and what discovery found. */
export interface TestContext extends TestClient {
  readonly mode: Mode;
  readonly service: Service;
  /** A second tenant of the same server; without the capability `secondTenant` its use skips the test. */
  readonly otherTenant: TestClient;

  /** A unique name: lower-case letters, digits and hyphens. */
  unique(prefix?: string): string;
  /** A body for POST or PUT of a user: `schemas`, a unique `userName`, and the attributes. */
  userBody(attributes?: object): {
    readonly schemas: readonly string[];
    readonly userName: string;
    readonly [name: string]: unknown;
  };
  /** A body for POST or PUT of a group: `schemas`, a unique `displayName`, and the attributes. */
  groupBody(attributes?: object): {
    readonly schemas: readonly string[];
    readonly displayName: string;
    readonly [name: string]: unknown;
  };
  /** A body for POST to the resource type of an attribute: required attributes, and the attribute with this value. */
  bodyWith(attribute: FoundAttribute, value: unknown, more?: object): JsonObject;

  /** The expectation for the mode of the server, if the two differ. */
  reading<T>(byDefault: T, strict: T): T;

  // Expectations: a failure is recorded and the test continues. Each returns whether it was met.

  /** The status is the expected one, or one of them. */
  status(response: HttpResponse, expected: number | readonly number[]): boolean;
  /** The response is a SCIM error (RFC 7644 3.12): status, the same as a string in the body, error schema, scimType. */
  refused(response: HttpResponse, status: number | readonly number[], scimType?: string | readonly string[]): boolean;
  /** Deeply equal as JSON: members in any order, list items in order. */
  equal(actual: unknown, expected: unknown, what: string): boolean;
  differs(actual: unknown, unexpected: unknown, what: string): boolean;
  /** The attribute is not in the body (null and an empty list count as absent, RFC 7643 2.5). */
  absent(response: HttpResponse, ...path: readonly Step[]): boolean;
  present(response: HttpResponse, ...path: readonly Step[]): boolean;
  matches(actual: unknown, pattern: RegExp, what: string): boolean;
  includes(list: unknown, item: JsonValue, what: string): boolean;
  check(holds: boolean, message: string): boolean;

  // These can end the test.

  /** Fails the test immediately if the status differs: for responses that the rest of the test needs. */
  need(response: HttpResponse, expected: number | readonly number[]): HttpResponse;
  /** Skips the test: the server does not offer what it is about. */
  skip(reason: string): never;
  /** The first attribute that /Schemas announces with all these characteristics; skips the test without one. */
  attribute(criteria: AttributeCriteria): FoundAttribute;
  wait(milliseconds: number): Promise<void>;
}

/** The result of discovery. */
export interface Service {
  readonly config: JsonObject;
  readonly resourceTypes: readonly ResourceTypeFound[];
  /** By URI. */
  readonly schemas: ReadonlyMap<string, SchemaFound>;
  readonly capabilities: ReadonlySet<Capability>;
  /** Attributes with all these characteristics, those of custom schemas first. */
  find(criteria: AttributeCriteria): readonly FoundAttribute[];
}

export interface ResourceTypeFound {
  readonly name: string;
  /** `/Users`. */
  readonly endpoint: string;
  readonly schema: string;
  readonly extensions: readonly {
    readonly schema: string;
    readonly required: boolean;
  }[];
}

export interface SchemaFound {
  readonly id: string;
  readonly attributes: readonly AttributeFound[];
}

/** An attribute as /Schemas shows it, the defaults of RFC 7643 2.2 filled in. */
export interface AttributeFound {
  readonly name: string;
  readonly type: string;
  readonly multiValued: boolean;
  readonly required: boolean;
  readonly caseExact: boolean;
  readonly mutability: string;
  readonly returned: string;
  readonly uniqueness: string;
  readonly canonicalValues: readonly string[];
  readonly referenceTypes: readonly string[];
  readonly subAttributes: readonly AttributeFound[];
}

/** Characteristics of an attribute. `custom: true`: in a schema that RFC 7643 does not define. */
export type AttributeCriteria = Partial<
  Omit<AttributeFound, 'canonicalValues' | 'referenceTypes' | 'subAttributes'>
> & {
  readonly custom?: boolean | undefined;
  readonly resourceType?: string | undefined;
};

export interface FoundAttribute extends AttributeFound {
  readonly resourceType: ResourceTypeFound;
  readonly schema: string;
  /** As in filters, PATCH paths and `attributes=`: with the URN in front for an attribute of an extension. */
  readonly path: string;
  /** Steps to it in a body: `response.get(...attribute.steps)`. */
  readonly steps: readonly string[];
}

/** A test without its feature; made by `must`, `should`, `may`, `implied` and `client`. */
export type Draft = Omit<ConformanceTest, 'feature'>;
type Make = (id: string, requirement: string, run: ConformanceTest['run'], needs?: readonly Capability[]) => Draft;

const draft =
  (level: Level): Make =>
  (id, requirement, run, needs = []) => ({
    id,
    level,
    requirement,
    needs,
    run,
  });

export const must = draft('MUST');
export const should = draft('SHOULD');
export const may = draft('MAY');
export const implied = draft('implied');
export const client = draft('client');

/** The tests of one feature; `needs` applies to all of them. */
export function tests(
  feature: string,
  drafts: readonly Draft[],
  needs: readonly Capability[] = [],
): readonly ConformanceTest[] {
  return drafts.map((entry) => ({
    ...entry,
    feature,
    needs: [...needs, ...entry.needs],
  }));
}
