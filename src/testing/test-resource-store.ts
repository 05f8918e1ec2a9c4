import type { Attributes } from '../contract/attribute.js';
import type { ResourceStore } from '../contract/store.js';
import type { SchemaDefinition } from '../schema/definition.js';
import { compileResourceType } from '../schema/resource-type.js';
import { capabilityReport } from './capability-report.js';
import { resourceCases } from './cases/resources/index.js';
import { checkSuiteOptions, checkUnderTest, type FurtherKinds } from './check-options.js';
import { type Kind, Subject } from './cases/resources/kind.js';
import { Checks } from './checks.js';
import { requireNeeds } from './needs.js';
import type { StoreCapabilities } from './store-under-test.js';
import { type BoundCase, boundCases, type CaseResult, runSuite, type Suite, type SuiteOptions } from './suite.js';
import { registerSuite, type TestRunner } from './test-runner.js';
import { watched } from './watched.js';

/**
 * A new, empty store of a resource type of your own, and what the test cases may do to it from outside.
 *
 * @example
 * import { type Attributes, MemoryStore } from 'express-scim';
 * import type { ResourceUnderTest } from 'express-scim/testing';
 *
 * export const create = (): ResourceUnderTest<Attributes> => ({ store: new MemoryStore().resources('Device') });
 */
export interface ResourceUnderTest<R> extends StoreCapabilities {
  readonly store: ResourceStore<R>;
  /** False: texts compare as the database does, so cases that compare more than equal texts are skipped. Default true. */
  readonly exactText?: boolean | undefined;
}

/**
 * The resources of a store, or of an object with one.
 *
 * @example
 * import type { Group, GroupStore } from 'express-scim';
 * import type { ResourceIn } from 'express-scim/testing';
 *
 * export const nameOf = (group: ResourceIn<GroupStore>): string => (group satisfies Group).displayName;
 */
export type ResourceIn<Created> = Created extends { readonly store: ResourceStore<infer R> }
  ? R
  : Created extends ResourceStore<infer R>
    ? R
    : never;

/**
 * Options of `testResourceStore`: the resource type as in `options.resourceTypes`, and examples of its resources.
 *
 * @example
 * import { type Attributes, MemoryStore, type ResourceStore } from 'express-scim';
 * import type { ResourceStoreTestOptions } from 'express-scim/testing';
 *
 * export const options: ResourceStoreTestOptions<ResourceStore<Attributes>> = {
 *   name: 'devices in memory',
 *   create: () => new MemoryStore().resources('Device'),
 *   schema: {
 *     id: 'urn:example:2.0:Device',
 *     name: 'Device',
 *     attributes: [{ name: 'displayName', required: true }, { name: 'serial', uniqueness: 'server' }],
 *   },
 *   example: (n) => ({ displayName: `Laptop ${String(n)}`, serial: `S-${String(n)}` }),
 * };
 */
export interface ResourceStoreTestOptions<Created extends object> extends SuiteOptions<Created> {
  /** The schema of the type, as in `options.resourceTypes`. */
  readonly schema: SchemaDefinition;
  /** The schemas of its extensions. Default: none. */
  readonly extensions?: readonly SchemaDefinition[] | undefined;
  /**
   * The attributes of the nth resource: every attribute that the type has, valid, and each with another value than in any
   * other resource. `n` is 0 or more.
   */
  example(n: number): ResourceIn<Created>;
  /** Default: the global functions of the current test runner, or those of node:test. */
  readonly runner?: TestRunner | undefined;
  /** Receives the capability report. Default: it is printed to standard output. */
  readonly onCapabilityReport?: ((report: string) => void) | undefined;
}

/** What a case of a resource type works with: its store, and what the suite may do to it. */
class ResourceContext extends Checks {
  readonly underTest: ResourceUnderTest<Attributes>;

  constructor(underTest: ResourceUnderTest<Attributes>) {
    super();
    this.underTest = underTest;
  }
}

const optionKinds: FurtherKinds = {
  schema: 'object',
  extensions: 'list',
  example: 'function',
  onCapabilityReport: 'function',
};

function suiteOf<C extends object>(options: ResourceStoreTestOptions<C>): Suite<C, ResourceContext> {
  checkSuiteOptions(options, optionKinds, ['schema', 'example']);
  const { schema, extensions = [] } = options;
  const noun = schema.name ?? 'resource';
  const type = compileResourceType({
    name: noun,
    endpoint: '/Resources',
    schema,
    extensions: extensions.map((each) => ({ schema: each })),
  });
  const example = (n: number): Attributes => options.example(n) as Attributes;
  const kind: Kind<ResourceContext> = {
    prefix: 'resource',
    noun,
    needs: [],
    type,
    example,
    subject: (t) =>
      new Subject(kind, {
        checks: t,
        store: t.underTest.store,
        capabilities: t.underTest,
        oneTenant: t.underTest.store.supports?.tenants === 'one',
      }),
  };
  const lookups = Object.keys(example(0)).filter((name) => {
    const attribute = type.attributes.get(name);
    return attribute?.type === 'string' && !attribute.multiValued;
  });
  return {
    title: `the store contract for the resource type ${noun}`,
    cases: resourceCases(kind, lookups),
    optionKinds,
    open(created, one, beforeCall) {
      const underTest = underTestOf(created);
      const { store } = underTest;
      // `needs` reads `supports`, which a store of users has too.
      requireNeeds({ ...underTest, store: store as never }, one.needs);
      return new ResourceContext({
        ...underTest,
        store: watched(store, beforeCall) as unknown as ResourceStore<Attributes>,
      });
    },
  };
}

/** What `create` returned, as a store under test. The cases are the parser of what the store really does. */
function underTestOf(created: object): ResourceUnderTest<Attributes> {
  if ('store' in created) checkUnderTest(created);
  return ('store' in created ? created : { store: created }) as ResourceUnderTest<Attributes>;
}

/**
 * Registers the test cases of a store of your own resource type with your test runner.
 *
 * @throws TypeError when the schema is wrong
 *
 * @example
 * import { MemoryStore } from 'express-scim';
 * import { testResourceStore } from 'express-scim/testing';
 *
 * testResourceStore({
 *   name: 'devices in memory',
 *   create: () => new MemoryStore().resources('Device'),
 *   schema: { id: 'urn:example:2.0:Device', name: 'Device', attributes: [{ name: 'displayName', required: true }] },
 *   example: (n) => ({ displayName: `Laptop ${String(n)}` }),
 * });
 */
export function testResourceStore<C extends object>(options: ResourceStoreTestOptions<C>): void {
  let sample: ResourceUnderTest<Attributes> | undefined;
  const create = async (): Promise<C> => {
    const created = await options.create();
    sample = underTestOf(created);
    return created;
  };
  registerSuite(suiteOf(options), { ...options, create }, (results) => {
    const print = options.onCapabilityReport ?? ((report: string) => process.stdout.write(`${report}\n`));
    print(capabilityReport(options.name, sample, results));
  });
}

/**
 * The test cases of a store of your own resource type as plain objects.
 *
 * @throws TypeError when the schema is wrong
 *
 * @example
 * import { resourceStoreCases, type ResourceStoreTestOptions } from 'express-scim/testing';
 *
 * export const idsOf = <S extends object>(options: ResourceStoreTestOptions<S>): readonly string[] =>
 *   resourceStoreCases(options).map(({ id }) => id);
 */
export function resourceStoreCases<C extends object>(options: ResourceStoreTestOptions<C>): readonly BoundCase[] {
  return boundCases(suiteOf(options), options);
}

/**
 * Runs the test cases of a store of your own resource type one after the other, without a test runner. It never rejects
 * because of a failed case.
 *
 * @throws TypeError when the schema is wrong
 *
 * @example
 * import { runResourceStoreCases, type ResourceStoreTestOptions } from 'express-scim/testing';
 *
 * export async function failures<S extends object>(options: ResourceStoreTestOptions<S>): Promise<number> {
 *   return (await runResourceStoreCases(options)).filter(({ status }) => status === 'failed').length;
 * }
 */
export async function runResourceStoreCases<C extends object>(
  options: ResourceStoreTestOptions<C>,
): Promise<readonly CaseResult[]> {
  return runSuite(suiteOf(options), options);
}
