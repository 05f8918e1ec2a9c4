import { afterDeadline } from '../contract/after-deadline.js';
import { isObject } from '../contract/is-object.js';
import { InvalidValueError, ScimError, isScimError } from '../errors.js';
import {
  type BulkOperation,
  type BulkRequest,
  type BulkResult,
  readBulk,
  resolveData,
  resolvePath,
} from '../protocol/bulk.js';
import type { BulkFailure } from '../hooks.js';
import { parseEntityTags } from '../protocol/entity-tag.js';
import { BulkOrder } from '../protocol/bulk-order.js';
import { errorBody, messages } from '../protocol/messages.js';
import type { EndpointTable, ResourceTarget } from './endpoints.js';
import { errorToSend, mistakesOf } from './faults.js';
import { perform } from './perform.js';
import type { RequestContext } from './request-context.js';
import type { ScimResponse, Service } from './service.js';

/** Independent creations that run at the same time. */
const concurrency = 8;

/**
 * POST /Bulk (RFC 7644 3.7).
 *
 * Operations run in order, except those that name a `bulkId` which has no ID yet: they wait for it. Where they wait for
 * each other, one is created without the reference and completed once the others exist. Each operation is authorized,
 * validated and guarded like a request of its own.
 *
 * @returns 200 with a result for each operation that was begun, in the order of the request
 * @throws InvalidSyntaxError, TooLargeError for the request as a whole
 */
export async function bulk(
  service: Service,
  endpoints: EndpointTable,
  body: unknown,
  ctx: RequestContext,
): Promise<ScimResponse> {
  const request = await readBulk(body, service.limits.bulkOperations, ctx);
  await ctx.work.pause();
  const run = new BulkRun(service, endpoints, request, ctx);
  const results = await run.run();
  return {
    status: 200,
    body: { schemas: [messages.bulkResponse], Operations: results },
    failures: run.failures(),
    bulk: { operations: results.length, failed: results.filter(({ status }) => Number(status) >= 400).length },
  };
}

/** An operation with its place in the request. */
interface Item {
  readonly operation: BulkOperation;
  readonly index: number;
}

/** Units for replacing one reference by an ID. */
const unitsOfReference = 50;

/** Longer values are not compared before they are written: their creations run one after another. */
const longestCompared = 1_000;

/** Most failures in the report of a request, and most wrong attributes in all of them. */
const mostReported = 100;

const onlyId = { attributes: ['id'] };

class BulkRun {
  readonly #service: Service;
  readonly #endpoints: EndpointTable;
  readonly #request: BulkRequest;
  readonly #ctx: RequestContext;
  readonly #results: (BulkResult | undefined)[];
  /** IDs of created resources, by bulkId. */
  readonly #ids = new Map<string, string>();
  /** bulkIds of operations that failed. */
  readonly #failed = new Set<string>();
  /** bulkIds of all POST operations. */
  readonly #declared: ReadonlySet<string>;
  readonly #failures: BulkFailure[] = [];
  #errors = 0;
  #mistakes = 0;

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
    const { operations } = this.#request;
    const order = new BulkOrder(operations, this.#declared);
    const incomplete: Item[] = [];
    for (;;) {
      if (this.#stopped()) break;
      // Each operation begins with a time slice of its own, so that one that asks for too much does not fail the next.
      await this.#ctx.work.pause();
      const items = this.#nextItems(order);
      const [first] = items;
      if (first !== undefined) {
        await Promise.all(items.map((item) => this.#runOne(item, false)));
        for (const { operation } of items) order.finish(operation.bulkId);
        continue;
      }
      // Every operation waits for another: create the first that can do without its references for now.
      const index = order.takeWaiting();
      const operation = index === undefined ? undefined : operations[index];
      if (index === undefined || operation === undefined) break;
      const item = { operation, index };
      await this.#runOne(item, true);
      order.finish(operation.bulkId);
      incomplete.push(item);
    }
    for (const item of incomplete) {
      await this.#ctx.work.pause();
      await this.#complete(item);
    }
    return this.#results.filter((result) => result !== undefined);
  }

  /** The operations that failed, in the order of the request; undefined: none. */
  failures(): readonly BulkFailure[] | undefined {
    return this.#failures.length === 0 ? undefined : this.#failures.sort((one, other) => one.index - other.index);
  }

  #stopped(): boolean {
    const { failOnErrors } = this.#request;
    return failOnErrors !== undefined && this.#errors >= failOnErrors;
  }

  /** The next operation that need not wait, or several creations that may run at once; none where all wait. */
  #nextItems(order: BulkOrder): readonly Item[] {
    const ready = order.peek(concurrency).flatMap((index) => {
      const operation = this.#request.operations[index];
      return operation === undefined ? [] : [{ operation, index }];
    });
    const items = ready.slice(0, Math.max(1, this.#countIndependent(ready)));
    order.take(items.length);
    return items;
  }

  /**
   * How many of the items, from the first, are creations that cannot affect one another: the result of running them at
   * once is that of running them in order.
   */
  #countIndependent(items: readonly Item[]): number {
    if (this.#request.failOnErrors !== undefined) return 0;
    const usedValues = new Set<string>();
    const path = items[0]?.operation.path;
    let count = 0;
    for (const { operation } of items) {
      if (operation.method !== 'POST' || operation.path !== path) break;
      if (operation.problem !== undefined || operation.references.size > 0) break;
      const values = this.#uniqueValues(operation);
      if (values === undefined || values.some((value) => usedValues.has(value))) break;
      for (const value of values) usedValues.add(value);
      count++;
    }
    return count;
  }

  /** Values that no two resources may share, coarsely normalized; undefined where they cannot be determined. */
  #uniqueValues(operation: BulkOperation): readonly string[] | undefined {
    const served = this.#service.servedTypes.find(({ type }) => type.endpoint === operation.path);
    if (served === undefined || !isObject(operation.data)) return undefined;
    const values: string[] = [];
    for (const attribute of served.type.unique) {
      if (attribute.parent !== undefined || attribute.multiValued) return undefined;
      const folded = attribute.name.toLowerCase();
      for (const name of Object.keys(operation.data)) {
        if (name.length !== folded.length || name.toLowerCase() !== folded) continue;
        const value = String(operation.data[name]);
        if (value.length > longestCompared) return undefined;
        values.push(`${attribute.name} ${value.normalize('NFKC').toUpperCase().toLowerCase()}`);
      }
    }
    return values;
  }

  /** @param incomplete true: run it although references have no ID yet; `#complete` adds them */
  async #runOne({ operation, index }: Item, incomplete: boolean): Promise<void> {
    const ctx = this.#ctx.fork();
    let path = operation.path;
    try {
      if (operation.problem !== undefined) throw operation.problem;
      if (performance.now() > ctx.deadline) throw afterDeadline();
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

  /** The data with IDs for references. Most data has none, and copying it would take a seventh of a bulk request. */
  #resolved({ data, references }: BulkOperation): unknown {
    if (references.size === 0) return data;
    this.#ctx.work.spend(references.size * unitsOfReference);
    return resolveData(data, (bulkId) => this.#ids.get(bulkId));
  }

  #send(operation: BulkOperation, path: string, data: unknown, ctx: RequestContext): Promise<ScimResponse> {
    const target = this.#target(operation, path);
    // A result shows no resource, so its ID is enough. Where a PATCH returns 204, a selection would make it a 200.
    const isBodiless = operation.method === 'PATCH' && target.served.patchStatus === 204;
    const input = {
      parameters: isBodiless ? {} : onlyId,
      ifMatch: operation.version === undefined ? undefined : parseEntityTags(operation.version),
      ifNoneMatch: undefined,
      body: () => Promise.resolve(patchData(operation, data)),
    };
    return perform(this.#service, target, input, ctx);
  }

  #target(operation: BulkOperation, path: string): ResourceTarget {
    const questionMark = path.indexOf('?');
    const target = this.#endpoints(operation.method, questionMark < 0 ? path : path.slice(0, questionMark));
    if (!('served' in target) || target.kind === 'search' || target.kind === 'query' || target.kind === 'read') {
      throw new InvalidValueError('The path of a bulk operation must name a resource type or a resource.');
    }
    return target;
  }

  #checkReferences(operation: BulkOperation): void {
    for (const reference of operation.references) {
      if (!this.#declared.has(reference)) {
        throw new InvalidValueError('The operation names a bulkId that no POST of this request has.');
      }
      if (!this.#ids.has(reference)) {
        throw new ScimError(409, 'The operation names a resource that could not be created.');
      }
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
    const error = errorToSend(this.#service, thrown, this.#ctx.requestId, this.#ctx);
    this.#results[index] = {
      method: operation.method,
      bulkId: operation.bulkId,
      // RFC 7644 3.7.3: a POST that failed has created nothing that could have a location.
      ...(operation.method === 'POST' ? {} : { location: this.#locationOf(path) }),
      status: String(error.status),
      response: errorBody(error),
    };
    if (this.#failures.length >= mostReported) return;
    const { status, scimType, code } = error;
    const errors = mistakesOf(error)?.slice(0, mostReported - this.#mistakes) ?? [];
    this.#mistakes += errors.length;
    this.#failures.push({ index, status, scimType, code, ...(errors.length === 0 ? {} : { errors }) });
  }

  /** Writes the references that a creation had to leave out; where that fails, deletes what was created. */
  async #complete({ operation, index }: Item): Promise<void> {
    const id = operation.bulkId === undefined ? undefined : this.#ids.get(operation.bulkId);
    if (id === undefined) return;
    const path = `${operation.path}/${encodeURIComponent(id)}`;
    try {
      this.#checkReferences(operation);
      const put = { ...operation, method: 'PUT' as const };
      const response = await this.#send(put, path, this.#resolved(operation), this.#ctx.fork());
      const result = this.#results[index];
      if (result !== undefined) this.#results[index] = { ...result, version: response.etag };
    } catch (error) {
      const deletion = { ...operation, method: 'DELETE' as const };
      await this.#send(deletion, path, undefined, this.#ctx.fork()).catch((fault: unknown) => {
        this.#service.onError(fault, this.#ctx);
      });
      const refusal = isScimError(error) && error.status < 500 ? new ScimError(409, error.message) : error;
      this.#fail(operation, index, operation.path, refusal);
    }
  }

  #locationOf(path: string): string {
    return `${this.#ctx.base}${path.startsWith('/') ? '' : '/'}${path}`;
  }
}

// RFC 7644 3.7.2, erratum 5050: the data of a PATCH is a PatchOp; a bare list of operations is one without `schemas`.
function patchData(operation: BulkOperation, data: unknown): unknown {
  if (operation.method !== 'PATCH' || !Array.isArray(data)) return data;
  return { Operations: data as unknown[] };
}
