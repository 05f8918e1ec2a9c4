import type { Attributes, Selection } from '../contract/attribute.js';
import { isThenable } from '../contract/awaitable.js';
import { isObject } from '../contract/is-object.js';
import type { Stored } from '../contract/resource.js';
import type { MemberChange } from '../contract/store.js';
import { applyPatchInParts, type PatchOutcome } from '../protocol/patch/apply.js';
import type { PatchPlan } from '../protocol/patch/operation.js';
import { operationOf } from '../protocol/patch/place.js';
import { readPatchInParts } from '../protocol/patch/read.js';
import type { ShownResource, ShowValue } from '../protocol/patch/shown.js';
import type { Attribute } from '../schema/attribute.js';
import { exceedsBytes } from '../schema/json-bytes.js';
import { withoutParts } from '../schema/restrict-type.js';
import { ValueMistakes } from '../schema/value-mistakes.js';
import type { Projection } from '../schema/project.js';
import { assertedPaths } from './asserted.js';
import { authorize, authorizeDerived, withReadableResponse } from './authorize.js';
import type { ResourceCall } from './call.js';
import { completeReference, findNamed, referenceValues } from './named-resources.js';
import { checkPreconditions, needsVersion, singleVersion } from './precondition.js';
import { refuseTooMany, represent, respondEmpty, respondWith } from './represent.js';
import type { ScimResponse, ServedType, Service } from './service.js';
import { readCurrent, type ReadyChange, writeChange } from './update.js';
import { refuseLarge, retryOnConflict, storedPart } from './write.js';

/**
 * PATCH (RFC 7644 3.5.2).
 *
 * An unconditional write takes one store call and never meets a conflict. Any other change is computed from the stored
 * resource and written by compare-and-swap; conflicts are retried until the deadline, unless the client sent If-Match.
 */
export async function patch(sent: ResourceCall, body: unknown): Promise<ScimResponse> {
  const permitted = authorize(sent, 'patch', sent.id);
  if (isThenable(permitted)) await permitted;
  const readable = withReadableResponse(sent, sent.id, sent.served.patchStatus === 204);
  const call = isThenable(readable) ? await readable : readable;
  const { service, served, ctx } = call;
  const plan = await readPatchInParts(body, served.type, {
    limits: service.limits,
    useQuirk: ctx.useQuirk,
    base: ctx.base,
    work: ctx.work,
    paths: served.paths,
    memberDeltas: served.memberDeltas,
    profile: service.strict,
    checkValues: served.validator.change,
  });
  return retryOnConflict(ctx, call.ifMatch !== undefined, () => attempt(call, plan));
}

async function attempt(call: ResourceCall, plan: PatchPlan): Promise<ScimResponse> {
  const { service, served, ctx, ifMatch, ifNoneMatch } = call;
  const readsFirst = plan.needsCurrent || plan.needsMembers || needsVersion(call);
  const selection = plan.needsMembers ? withMembers(served) : served.fullSelection;
  const current = readsFirst ? await readCurrent(call, selection) : undefined;
  if (current !== undefined) checkPreconditions(call, current);
  // What the client does not see is not looked at, and `writeChange` keeps it.
  const seen = current && served.restricted && withoutParts(current, served.restricted.hidden);
  const outcome = await applyPatchInParts(plan, seen ?? current, await shownResource(call, plan, current));
  if (current === undefined && outcome.members === undefined && isLarge(call, outcome)) {
    return attempt(call, { ...plan, needsCurrent: true });
  }
  const stored = current && storedPart(served, current);
  refuseLarge(call, afterPatch(outcome, stored), stored);
  const paused = ctx.work.pause();
  if (isThenable(paused)) await paused;
  const validated = served.validator.change(outcome.set, new ValueMistakes((path) => operationOf(plan, path)));
  if (isThenable(validated)) await validated;
  const change: ReadyChange = {
    operation: 'patch',
    set: outcome.set,
    unset: outcome.unset,
    members: memberDelta(service, outcome),
    // A change that was computed from the stored resource must still find it unchanged; one that names members need not.
    ifVersion:
      plan.needsCurrent || ifMatch !== undefined || ifNoneMatch !== undefined
        ? (current?.meta.version ?? singleVersion(call))
        : undefined,
    current,
  };
  const projection = projectionOf(call, outcome.set);
  if (current !== undefined && isNoOp(change)) return respondUnchanged(call, current, selection, projection);
  return writeChange(call, change, projection);
}

/** What the plan compares with beside the stored resource: derived attributes, and complete values of references. */
async function shownResource(
  call: ResourceCall,
  plan: PatchPlan,
  current: Stored<Attributes> | undefined,
): Promise<ShownResource | undefined> {
  if (current === undefined || (!plan.needsShown && plan.completeReferences.size === 0)) return undefined;
  const { served, service, ctx } = call;
  const [resource] = plan.needsShown ? await represent(call, [current], served.projections.get({}, ctx)) : [];
  const completed = served.references.filter(({ attribute }) => plan.completeReferences.has(attribute));
  // What a value path compares shows in what it changes: names of another type are for those who may read them.
  await authorizeDerived(
    call,
    completed.map(({ attribute, nameIn }) => `${attribute.path}.${String(nameIn)}`),
  );
  const resources = [current];
  for (const { attribute } of completed) {
    const added = valuesIn(plan, attribute);
    refuseTooMany(service, attribute.path, referenceValues({ attribute }, current).length + added.length);
    resources.push(withValues(current, attribute, added));
  }
  const named = await findNamed(call, completed, resources, () => true);
  const references = new Map(completed.map((reference) => [reference.attribute, reference]));
  const show: ShowValue = (attribute, value) => {
    const reference = references.get(attribute);
    if (reference === undefined || !isObject(value)) return value;
    ctx.work.spend(unitsOfReference);
    return completeReference(call, reference, value, named);
  };
  return { resource, show };
}

/** Units for completing a value of a reference. */
const unitsOfReference = 60;

/** A resource whose reference has other values. */
function withValues(
  resource: Stored<Attributes>,
  { name, parent }: Attribute,
  values: readonly Attributes[],
): Stored<Attributes> {
  return parent === undefined ? { ...resource, [name]: values } : { ...resource, [parent.name]: { [name]: values } };
}

/** Values of an attribute that operations of the plan add: a later operation can select them. */
function valuesIn({ operations }: PatchPlan, attribute: Attribute): readonly Attributes[] {
  return operations.flatMap((step): readonly Attributes[] => {
    switch (step.kind) {
      case 'addMembers':
      case 'replaceMembers':
        return attribute.path === 'members' ? step.members.map((member) => ({ ...member })) : [];
      case 'append':
        return step.attribute === attribute ? step.values.filter(isObject) : [];
      case 'set':
        return step.attribute === attribute && Array.isArray(step.value) ? step.value.filter(isObject) : [];
      default:
        return [];
    }
  });
}

/** Whether a change of a resource that was not read sets so much that the resource may become too large by it. */
function isLarge({ service: { limits }, ctx }: ResourceCall, { set }: PatchOutcome): boolean {
  return exceedsBytes(set, limits.storedBytes / 16, ctx.work);
}

function afterPatch({ set, unset }: PatchOutcome, stored: Attributes | undefined): Attributes {
  const after: Record<string, unknown> = { ...stored, ...set };
  for (const name of unset) after[name] = undefined;
  return after;
}

/** What the response shows; undefined for a 204. */
function projectionOf({ served, parameters, ctx }: ResourceCall, set: Attributes): Projection | undefined {
  const selectsAttributes = parameters.attributes !== undefined || parameters.excludedAttributes !== undefined;
  if (served.patchStatus === 204 && !selectsAttributes) return undefined;
  return served.projections.ofWrite(parameters, ctx, () => assertedPaths(served.type, set));
}

function memberDelta(service: Service, { members }: PatchOutcome): MemberChange | undefined {
  if (members === undefined) return undefined;
  return { ...members, pending: service.pendingMembers };
}

function isNoOp({ set, unset, members }: ReadyChange): boolean {
  if (members !== undefined || unset.length > 0) return false;
  for (const _ in set) return false;
  return true;
}

async function respondUnchanged(
  call: ResourceCall,
  current: Stored<Attributes>,
  selection: Selection,
  projection: Projection | undefined,
): Promise<ScimResponse> {
  if (projection === undefined) return respondEmpty(call, current);
  // What was read to compute the change may lack the members that the response shows.
  const lacksMembers = projection.selection.has('members') && !selection.has('members');
  const resource = lacksMembers ? await readCurrent(call, projection.selection) : current;
  return respondWith(call, 200, resource, projection);
}

function withMembers(served: ServedType): Selection {
  return new Set([...served.fullSelection, 'members']);
}
