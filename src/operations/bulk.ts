import type { RequestContext } from './request-context.js';
import { InvalidValueError, ScimError, UnavailableError, isScimError } from '../errors.js';
import {
  type BulkOperation,
  type BulkRequest,
  type BulkResult,
  readBulk,
  resolveData,
  resolvePath,
} from '../protocol/bulk.js';
import { parseEntityTags } from '../protocol/entity-tag.js';
import { errorBody, messages } from '../protocol/messages.js';
import { isObject } from '../contract/is-object.js';
import type { EndpointTable, ResourceTarget } from './endpoints.js';
import { perform } from './perform.js';
import type { ScimResponse, Service } from './service.js';

/** Independent operations that run side by side. */
const sideBySide = 8;

/**
 * POST /Bulk (RFC 7644 3.7).
 *
 * Operations run in order, but for those that name a `bulkId` which has no id yet: they wait for it. Where they wait
 * for each other, one is created without the reference and completed once the others are there. Each is authorized,
 * validated and guarded like a request of its own.
 *
 * @returns 200 with a result for each operation that was begun, in the order of the request
 */
export async function bulk(
  service: Service,
  endpoints: EndpointTable,
  body: unknown,
  ctx: RequestContext,
): Promise<ScimResponse> {
  const request = readBulk(body, service.limits.bulkOperations);
  const results = await new BulkRun(service, endpoints, request, ctx).run();
  return { status: 200, body: { schemas: [messages.bulkResponse], Operations: results } };
}

const onlyId = { attributes: ['id'] };

class BulkRun {
  readonly #service: Service;
  readonly #endpoints: EndpointTable;
  readonly #request: BulkRequest;
  readonly #ctx: RequestContext;
  readonly #results: (BulkResult | undefined)[];
  /** Ids of what was created, by bulkId. */
  readonly #ids = new Map<string, string>();
  readonly #failed = new Set<string>();
  readonly #declared: ReadonlySet<string>;
  #errors = 0;

  constructor(service: Service, endpoints: EndpointTable, request: BulkRequest, ctx: RequestContext) {
    this.#service = service;
    this.#endpoints = endpoints;
    this.#request = request;
    this.#ctx = ctx;
    this.#results = new Array<BulkResult | undefined>(request.operations.length).fill(undefined);
    this.#declared = new Set(
      request.operations.flatMap(({ method, bulkId }) => (method === 'POST' && bulkId !== undefined ? [bulkId] : [])),
    );
  }

  async run(): Promise<BulkResult[]> {
    let waiting = this.#request.operations.map((operation, index) => ({ operation, index }));
    const incomplete: { operation: BulkOperation; index: number }[] = [];
    while (waiting.length > 0 && !this.#stopped()) {
      const before = waiting.length;
      waiting = await this.#pass(waiting);
      if (waiting.length < before || this.#stopped()) continue;
      // Everybody waits for somebody: begin with the first that can be created without what it waits for.
      const at = waiting.findIndex(({ operation }) => operation.method === 'POST');
      const [first] = waiting.splice(Math.max(0, at), 1);
      if (first === undefined) break;
      await this.#one(first.operation, first.index, true);
      incomplete.push(first);
    }
    for (const { operation, index } of incomplete) await this.#complete(operation, index);
    return this.#results.filter((result) => result !== undefined);
  }

  #stopped(): boolean {
    const { failOnErrors } = this.#request;
    return failOnErrors !== undefined && this.#errors >= failOnErrors;
  }

  /** Runs what need not wait, in order; gives back what must. */
  async #pass(waiting: { operation: BulkOperation; index: number }[]): Promise<typeof waiting> {
    const still: typeof waiting = [];
    for (let i = 0; i < waiting.length;) {
      const wave = this.#wave(waiting, i);
      if (wave.length > 1) {
        await Promise.all(wave.map(({ operation, index }) => this.#one(operation, index, false)));
        i += wave.length;
        continue;
      }
      const item = waiting[i++];
      if (item === undefined) break;
      if (this.#stopped()) return [...still, item, ...waiting.slice(i)];
      if (this.#mustWait(item.operation)) still.push(item);
      else await this.#one(item.operation, item.index, false);
    }
    return still;
  }

  /** Creations in a row that cannot touch one another, so that running them at once gives what running in order gives. */
  #wave(waiting: readonly { operation: BulkOperation; index: number }[], from: number): typeof waiting {
    if (this.#request.failOnErrors !== undefined) return [];
    const taken = new Set<string>();
    let end = from;
    const path = waiting[from]?.operation.path;
    for (; end < waiting.length && end - from < sideBySide; end++) {
      const operation = waiting[end]?.operation;
      if (operation === undefined || operation.method !== 'POST' || operation.path !== path) break;
      if (operation.problem !== undefined || operation.references.size > 0) break;
      const names = this.#uniqueValues(operation);
      if (names === undefined || names.some((name) => taken.has(name))) break;
      for (const name of names) taken.add(name);
    }
    return waiting.slice(from, end);
  }

  /** Values that no two resources may share, folded coarsely; undefined where they cannot be told. */
  #uniqueValues(operation: BulkOperation): readonly string[] | undefined {
    const served = this.#service.served.find(({ type }) => type.endpoint === operation.path);
    if (served === undefined || !isObject(operation.data)) return undefined;
    const values: string[] = [];
    for (const attribute of served.type.unique) {
      if (attribute.parent !== undefined || attribute.multiValued) return undefined;
      const folded = attribute.name.toLowerCase();
      for (const name of Object.keys(operation.data)) {
        if (name.length !== folded.length || name.toLowerCase() !== folded) continue;
        const value = String(operation.data[name]);
        values.push(`${attribute.name} ${value.normalize('NFKC').toUpperCase().toLowerCase()}`);
      }
    }
    return values;
  }

  #mustWait(operation: BulkOperation): boolean {
    for (const reference of operation.references) {
      if (this.#declared.has(reference) && !this.#ids.has(reference) && !this.#failed.has(reference)) return true;
    }
    return false;
  }

  async #one(operation: BulkOperation, index: number, incomplete: boolean): Promise<void> {
    const ctx = this.#ctx.fork();
    let path = operation.path;
    try {
      if (operation.problem !== undefined) throw operation.problem;
      if (performance.now() > ctx.deadline) throw new UnavailableError(1, 'The time of the request is over.');
      if (!incomplete) this.#checkReferences(operation);
      path = resolvePath(operation.path, (bulkId) => this.#ids.get(bulkId)) ?? operation.path;
      const response = await this.#send(operation, path, this.#resolved(operation), ctx);
      this.#succeed(operation, index, path, response);
    } catch (error) {
      this.#fail(operation, index, path, error);
    } finally {
      for (const quirk of ctx.quirks) this.#ctx.note(quirk);
    }
  }

  /** The data with ids for references. Most data names nothing, and copying it would be a seventh of a bulk request. */
  #resolved({ data, references }: BulkOperation): unknown {
    return references.size === 0 ? data : resolveData(data, (bulkId) => this.#ids.get(bulkId));
  }

  #send(operation: BulkOperation, path: string, data: unknown, ctx: RequestContext): Promise<ScimResponse> {
    const target = this.#target(operation, path);
    // A result shows no resource. To ask for less would turn a 204 into a 200.
    const bodiless = operation.method === 'PATCH' && target.served.patchStatus === 204;
    const input = {
      parameters: bodiless ? {} : onlyId,
      ifMatch: operation.version === undefined ? undefined : parseEntityTags(operation.version),
      ifNoneMatch: undefined,
      body: () => Promise.resolve(patchData(operation, data)),
    };
    return perform(this.#service, target, input, ctx);
  }

  #target(operation: BulkOperation, path: string): ResourceTarget {
    const mark = path.indexOf('?');
    const target = this.#endpoints(operation.method, mark < 0 ? path : path.slice(0, mark));
    if (!('served' in target) || target.kind === 'search' || target.kind === 'query' || target.kind === 'read') {
      throw new InvalidValueError('The path of a bulk operation must name a resource type or a resource.');
    }
    return target;
  }

  #checkReferences(operation: BulkOperation): void {
    for (const reference of operation.references) {
      if (!this.#declared.has(reference))
        throw new InvalidValueError('The operation names a bulkId that no POST here has.');
      if (!this.#ids.has(reference))
        throw new ScimError(409, 'The operation names a resource that could not be created.');
    }
  }

  #succeed(operation: BulkOperation, index: number, path: string, response: ScimResponse): void {
    const location = response.location ?? this.#locationOf(path);
    if (operation.method === 'POST' && operation.bulkId !== undefined) {
      this.#ids.set(operation.bulkId, decodeURIComponent(location.slice(location.lastIndexOf('/') + 1)));
    }
    this.#results[index] = {
      method: operation.method,
      bulkId: operation.bulkId,
      version: response.etag,
      location,
      status: String(response.status),
    };
  }

  #fail(operation: BulkOperation, index: number, path: string, thrown: unknown): void {
    this.#errors++;
    if (operation.bulkId !== undefined) this.#failed.add(operation.bulkId);
    const error = isScimError(thrown)
      ? thrown
      : new ScimError(500, `An internal error occurred; it is logged as ${this.#ctx.requestId}.`, { cause: thrown });
    if (error.status >= 500) this.#service.onError(error.cause ?? thrown, this.#ctx);
    this.#results[index] = {
      method: operation.method,
      bulkId: operation.bulkId,
      // RFC 7644 3.7.3: a POST that failed has made nothing that could have a location.
      ...(operation.method === 'POST' ? {} : { location: this.#locationOf(path) }),
      status: String(error.status),
      response: errorBody(error),
    };
  }

  /** Writes the references that a creation had to leave out; where that fails, the creation is taken back. */
  async #complete(operation: BulkOperation, index: number): Promise<void> {
    const id = operation.bulkId === undefined ? undefined : this.#ids.get(operation.bulkId);
    if (id === undefined) return;
    const path = `${operation.path}/${encodeURIComponent(id)}`;
    try {
      this.#checkReferences(operation);
      const put = { ...operation, method: 'PUT' as const };
      const response = await this.#send(put, path, this.#resolved(operation), this.#ctx.fork());
      const done = this.#results[index];
      if (done !== undefined) this.#results[index] = { ...done, version: response.etag };
    } catch (error) {
      const remove = { ...operation, method: 'DELETE' as const };
      await this.#send(remove, path, undefined, this.#ctx.fork()).catch((fault: unknown) => {
        this.#service.onError(fault, this.#ctx);
      });
      const refused = isScimError(error) && error.status < 500 ? new ScimError(409, error.message) : error;
      this.#fail(operation, index, operation.path, refused);
    }
  }

  #locationOf(path: string): string {
    return `${this.#ctx.base}${path.startsWith('/') ? '' : '/'}${path}`;
  }
}

// RFC 7644 3.7.2, erratum 5050: the data of a PATCH is a PatchOp; a bare list of operations is read as one.
function patchData(operation: BulkOperation, data: unknown): unknown {
  if (operation.method !== 'PATCH') return data;
  if (Array.isArray(data)) return { schemas: [messages.patchOp], Operations: data as unknown[] };
  if (isObject(data) && !Object.keys(data).some((name) => name.toLowerCase() === 'schemas')) {
    return { schemas: [messages.patchOp], ...data };
  }
  return data;
}
