// The parts of a request as functions of their own, for bench/micro.mjs: what the package does not export.
import { chooseQuirks } from '../../src/quirks/active-quirks.js';
import { RequestContext } from '../../src/operations/request-context.js';
import { defaultLimits } from '../../src/limits.js';
import { FilterCache } from '../../src/operations/filter-cache.js';
import { ProjectionCache } from '../../src/operations/projection-cache.js';
import { findReferences } from '../../src/operations/references.js';
import { represent } from '../../src/operations/represent.js';
import type { ServedType, Service } from '../../src/operations/service.js';
import { parseFilter } from '../../src/protocol/filter/parse.js';
import { createPathReader } from '../../src/protocol/path.js';
import { applyPatch, type PatchOutcome } from '../../src/protocol/patch/apply.js';
import { readPatch } from '../../src/protocol/patch/read.js';
import { enterpriseUserSchema } from '../../src/schema/core/enterprise-user.js';
import { userSchema } from '../../src/schema/core/user.js';
import { readResource } from '../../src/schema/read-resource.js';
import { compileResourceType } from '../../src/schema/resource-type.js';
import { createValidator } from '../../src/schema/validate.js';
import type { Attributes } from '../../src/contract/attribute.js';
import type { Awaitable } from '../../src/contract/awaitable.js';
import type { Stored } from '../../src/contract/resource.js';

const type = compileResourceType({
  name: 'User',
  endpoint: '/Users',
  schema: userSchema,
  extensions: [{ schema: enterpriseUserSchema }],
});
const limits = defaultLimits;
const validator = createValidator(type, false);
const filters = new FilterCache(type, limits, new Map());
const paths = createPathReader(type, limits);
const ctx = new RequestContext({
  tenant: 'default',
  actor: { id: 'bench' },
  requestId: 'r',
  base: 'https://scim.example/v2',
  deadline: Number.POSITIVE_INFINITY,
  activeQuirks: chooseQuirks(false),
});
const projection = new ProjectionCache(type).get({}, ctx);
const { useQuirk } = ctx;
const { base } = ctx;
// All of them that the representation of a user without groups and manager looks at.
const served = { type, references: findReferences(type) } as unknown as ServedType;
const service = { groupsOf: undefined, byName: new Map([['User', served]]), limits } as unknown as Service;

/** Loads and compiles what the first check of a process waits for. */
export async function ready(): Promise<void> {
  await validator.change({});
}

/** The body of a POST or PUT: canonical form, checked. */
export function read(body: unknown): Attributes {
  const resource = readResource(type, body, useQuirk);
  void validator.resource(resource);
  return resource;
}

/** What GET shows of a stored user, before it becomes text. */
export function show(user: Stored<Attributes>): Awaitable<readonly Record<string, unknown>[]> {
  return represent({ service, served, ctx, parameters: {} }, [user], projection);
}

/** A filter read and bound for the first time. */
export function filter(text: string): (resource: Attributes) => boolean {
  const bound = parseFilter(text, type, { limits, base, useQuirk });
  return (resource) => bound.matches(resource);
}

/** A filter as a request finds it that was asked before. */
export function knownFilter(text: string): unknown {
  return filters.get(text, ctx);
}

/** The change that a PATCH makes of what is stored, checked. */
export function patch(body: unknown, current: Attributes): PatchOutcome {
  const plan = readPatch(body, type, { limits, useQuirk, base, paths, memberDeltas: false });
  const outcome = applyPatch(plan, plan.needsCurrent ? current : undefined);
  void validator.change(outcome.set);
  return outcome;
}
