/**
 * What an audit is: one sentence of a standard, and a function that finds out over HTTP whether a server keeps it.
 *
 * An audit knows the server through `AuditContext` alone: it sends requests, says what it expected, and leaves the
 * clearing up to the runner. It depends on no other audit and on no data that it did not make itself, so that audits
 * run in any order, beside each other, and against a server that is in use.
 *
 * @example
 * export const deleteAudits = audits('delete', [
 *   must('7644-3.6-01', 'DELETE answers 204 without a body', async (ctx) => {
 *     const user = await ctx.user();
 *     const answer = await ctx.delete(`/Users/${user.id}`);
 *     ctx.status(answer, 204);
 *     ctx.equal(answer.text, '', 'the body of the 204');
 *   }),
 * ]);
 */
export interface ConformanceTest {
  /** Id of the row in the checklist: document, section, number (`7644-3.6-01`). */
  readonly id: string;
  readonly level: Level;
  readonly feature: string;
  /** The requirement in one sentence. */
  readonly requirement: string;
  /** What the server must offer for the audit to make sense; otherwise it is skipped. */
  readonly needs: readonly Capability[];
  run(ctx: TestContext): Promise<void>;
}

/** As the standards use them; `implied` follows from examples or from HTTP, `client` is what a large client expects. */
export type Level = 'MUST' | 'SHOULD' | 'MAY' | 'implied' | 'client';

/** Found by discovery and a few harmless probes, `secondTenant` and the modes from the target's options. */
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

/** Which readings of the standards the server follows: the tolerant ones that real clients need, or the letter. */
export type Mode = 'default' | 'strict';

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: JsonValue | undefined;
}

/** Step into a JSON value: member names and list positions. */
export type Step = string | number;

export interface HttpResponse {
  /** `POST /Users`, for messages. */
  readonly request: string;
  readonly status: number;
  readonly headers: Headers;
  /** The body as it came. */
  readonly text: string;
  /** The body as a JSON object; `{}` when it is none. */
  readonly body: JsonObject;
  /** `id` of the resource in the body, `''` without one. */
  readonly id: string;
  /** `Resources` of a ListResponse, `[]` without one. */
  readonly resources: readonly JsonObject[];
  /** The value at a path: `answer.get('emails', 0, 'value')`. */
  get(...path: readonly Step[]): JsonValue | undefined;
  /** The objects of the list at a path: `answer.list('members').map((member) => member['value'])`. */
  list(...path: readonly Step[]): readonly JsonObject[];
}

export interface RequestOptions {
  readonly headers?: { readonly [name: string]: string } | undefined;
  /** Another bearer key; `null` sends no Authorization header. Default: the key of the target. */
  readonly key?: string | null | undefined;
  /** Sent as it stands, in place of a JSON body. */
  readonly raw?: string | Uint8Array<ArrayBuffer> | undefined;
}

/** Query parameters; what is undefined is left out, values are percent-encoded. */
export interface Query {
  readonly [parameter: string]: string | number | undefined;
}

export interface PatchOperation {
  readonly op: string;
  readonly path?: string | undefined;
  readonly value?: unknown;
}

/**
 * One-line requests. Paths are relative to the base URL (`/Users?count=1`). Bodies are sent as
 * `application/scim+json`. A resource that a 201 announces is deleted when the audit has ended.
 */
export interface TestClient {
  readonly baseUrl: string;
  /** To try it where it must not work; it stands in no message. */
  readonly key: string;
  send(method: string, path: string, body?: unknown, options?: RequestOptions): Promise<HttpResponse>;
  get(path: string, options?: RequestOptions): Promise<HttpResponse>;
  /** GET with encoded parameters: `ctx.query('/Users', { filter: 'userName eq "a"' })`. */
  query(path: string, query: Query, options?: RequestOptions): Promise<HttpResponse>;
  post(path: string, body: unknown, options?: RequestOptions): Promise<HttpResponse>;
  put(path: string, body: unknown, options?: RequestOptions): Promise<HttpResponse>;
  /** A list is wrapped into a PatchOp message; an object is sent as it stands. */
  patch(path: string, operations: readonly PatchOperation[] | object, options?: RequestOptions): Promise<HttpResponse>;
  delete(path: string, options?: RequestOptions): Promise<HttpResponse>;
  /**
   * GET of a URI that an answer holds, resolved against the base URL (RFC 7643 2.3.7). The key goes nowhere else:
   * a URI that is not below the base URL stops the audit.
   */
  follow(uri: unknown, options?: RequestOptions): Promise<HttpResponse>;
  /**
   * Creates a user and stops the audit when that fails. `schemas` and a unique `userName` are added;
   * an attribute given as undefined is left out.
   */
  user(attributes?: object): Promise<HttpResponse>;
  /** Creates a group and stops the audit when that fails; `schemas` and a unique `displayName` are added. */
  group(attributes?: object): Promise<HttpResponse>;
}

export interface TestContext extends TestClient {
  readonly mode: Mode;
  readonly service: Service;
  /** A second tenant of the same server; present with the capability `secondTenant`. */
  readonly otherTenant: TestClient;

  /** A name that nobody else uses: letters, digits and hyphens, lower case. */
  unique(prefix?: string): string;
  /** A body for POST and PUT of a user, not sent: `schemas`, a unique `userName`, and what is given. */
  userBody(attributes?: object): {
    readonly schemas: readonly string[];
    readonly userName: string;
    readonly [name: string]: unknown;
  };
  groupBody(attributes?: object): {
    readonly schemas: readonly string[];
    readonly displayName: string;
    readonly [name: string]: unknown;
  };
  /** Body of POST for an attribute's resource type, required attributes filled in, the attribute set to the value. */
  bodyWith(attribute: FoundAttribute, value: unknown, more?: object): JsonObject;

  /** The expectation of the server's mode, where the default reading differs from the letter. */
  reading<T>(byDefault: T, strict: T): T;

  // Soft expectations: a failure is noted and the audit goes on. Each returns whether it held.

  /** The status is the one given, or one of those. */
  status(response: HttpResponse, expected: number | readonly number[]): boolean;
  /** The answer is a SCIM error (RFC 7644 3.12): status, the same as a string in the body, error schema, scimType. */
  refused(response: HttpResponse, status: number | readonly number[], scimType?: string | readonly string[]): boolean;
  /** Deeply equal, JSON alike: members in any order, list items in order. */
  equal(actual: unknown, expected: unknown, what: string): boolean;
  differs(actual: unknown, unwanted: unknown, what: string): boolean;
  /** The attribute is not in the body (null and an empty list count as absent, RFC 7643 2.5). */
  absent(response: HttpResponse, ...path: readonly Step[]): boolean;
  present(response: HttpResponse, ...path: readonly Step[]): boolean;
  matches(actual: unknown, pattern: RegExp, what: string): boolean;
  includes(list: unknown, item: JsonValue, what: string): boolean;
  check(holds: boolean, message: string): boolean;

  // Ends of an audit.

  /** Stops the audit as failed when the status is another: for what the audit cannot go on without. */
  need(response: HttpResponse, expected: number | readonly number[]): HttpResponse;
  /** The server does not offer what the audit is about. */
  skip(reason: string): never;
  /** The first attribute that /Schemas announces with all these characteristics; skips the audit without one. */
  attribute(wanted: AttributeCriteria): FoundAttribute;
  wait(milliseconds: number): Promise<void>;
}

/** What discovery said. */
export interface Service {
  readonly config: JsonObject;
  readonly resourceTypes: readonly ResourceTypeFound[];
  /** By URI. */
  readonly schemas: ReadonlyMap<string, SchemaFound>;
  readonly capabilities: ReadonlySet<Capability>;
  /** Attributes that can stand in a body, with all these characteristics, custom schemas first. */
  find(wanted: AttributeCriteria): readonly FoundAttribute[];
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

/** Characteristics to look for. `custom: true`: in a schema that RFC 7643 does not define. */
export type AttributeCriteria = Partial<
  Omit<AttributeFound, 'canonicalValues' | 'referenceTypes' | 'subAttributes'>
> & {
  readonly custom?: boolean | undefined;
  readonly resourceType?: string | undefined;
};

export interface FoundAttribute extends AttributeFound {
  readonly resourceType: ResourceTypeFound;
  readonly schema: string;
  /** As filters, PATCH paths and `attributes=` name it: with the URN in front when it is an extension's. */
  readonly path: string;
  /** Steps to it in a body: `answer.get(...found.steps)`. */
  readonly steps: readonly string[];
}

/** Schema URIs of the core schemas and messages. */
export const urn = {
  user: 'urn:ietf:params:scim:schemas:core:2.0:User',
  group: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  enterprise: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
  serviceProviderConfig: 'urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig',
  resourceType: 'urn:ietf:params:scim:schemas:core:2.0:ResourceType',
  schema: 'urn:ietf:params:scim:schemas:core:2.0:Schema',
  list: 'urn:ietf:params:scim:api:messages:2.0:ListResponse',
  patch: 'urn:ietf:params:scim:api:messages:2.0:PatchOp',
  search: 'urn:ietf:params:scim:api:messages:2.0:SearchRequest',
  bulk: 'urn:ietf:params:scim:api:messages:2.0:BulkRequest',
  bulkResponse: 'urn:ietf:params:scim:api:messages:2.0:BulkResponse',
  error: 'urn:ietf:params:scim:api:messages:2.0:Error',
} as const;

/** An audit before its feature is known; made by `must`, `should`, `may`, `implied` and `client`. */
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

/** Audits of one feature; `needs` goes for all of them. */
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
