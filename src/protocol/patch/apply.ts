import { MutabilityError } from '../../errors.js';
import type { Attribute } from '../../schema/attribute.js';
import { isThenable } from '../../contract/awaitable.js';
import { isObject } from '../../contract/is-object.js';
import type { Attributes } from '../../contract/attribute.js';
import { Draft, ownProperty } from './draft.js';
import { type MemberDelta, MemberFold } from './members.js';
import type { MergeStep, PatchPlan, ResolvedOperation, SameStep } from './operation.js';
import { atOperation } from './place.js';
import { isDerived, isShownValue } from './same-value.js';
import type { ShownResource, ShowValue } from './shown.js';
import {
  appendValues,
  changeValues,
  mergeValue,
  refuseImmutableParts,
  type Visit,
  withoutListed,
} from './change-values.js';

/** What a PATCH changes, as the store contract's `Change` has it. */
export interface PatchOutcome {
  /** Whole new values of top-level attributes. */
  readonly set: Record<string, unknown>;
  /** Names of top-level attributes that become unassigned. */
  readonly unset: string[];
  /** Undefined where no operation names members. */
  readonly members: MemberDelta | undefined;
}

/**
 * Applies a plan to a resource. The resource itself stays as it is, and the result shares the parts that do not change.
 *
 * @param current the stored resource; may be undefined where `plan.needsCurrent` is false. With it, `set` and `unset`
 *   contain what differs from it; without it, everything that the PATCH names
 * @param shown what responses show and no store keeps; needed where `plan.needsShown`, or `plan.completeReferences` has any
 * @throws NoTargetError, MutabilityError, InvalidValueError, TooManyError where an operation cannot be applied
 */
export function applyPatch(plan: PatchPlan, current: Attributes | undefined, shown: ShownResource = {}): PatchOutcome {
  refuseMissing(plan, current);
  const application = new Application(plan, current, shown);
  for (const [index, step] of plan.operations.entries()) application.apply(step, index);
  return application.outcome();
}

/** As `applyPatch`, with pauses between steps where they take long. */
export async function applyPatchInParts(
  plan: PatchPlan,
  current: Attributes | undefined,
  shown: ShownResource = {},
): Promise<PatchOutcome> {
  refuseMissing(plan, current);
  const application = new Application(plan, current, shown);
  for (const [index, step] of plan.operations.entries()) {
    const paused = plan.work.pause();
    if (isThenable(paused)) await paused;
    application.apply(step, index);
  }
  return application.outcome();
}

function refuseMissing(plan: PatchPlan, current: Attributes | undefined): void {
  if (current === undefined && plan.needsCurrent) {
    throw new TypeError('This PATCH depends on the stored resource: read it, and pass it to applyPatch.');
  }
}

/** A PATCH while its steps are applied, in order. */
class Application {
  readonly #plan: PatchPlan;
  readonly #current: Attributes | undefined;
  readonly #shown: ShownResource;
  readonly #show: ShowValue;
  readonly #draft: Draft;
  readonly #several: boolean;
  #members: MemberFold | undefined;

  constructor(plan: PatchPlan, current: Attributes | undefined, shown: ShownResource) {
    this.#plan = plan;
    this.#current = current;
    this.#shown = shown;
    this.#show = shown.show ?? ((_, value) => value);
    this.#draft = new Draft(current, plan);
    this.#several = (plan.places.at(-1) ?? 0) > 0;
  }

  outcome(): PatchOutcome {
    return { ...this.#draft.difference(), members: this.#members?.delta() };
  }

  /** @param index of the step in the plan: errors name the operation that it belongs to */
  apply(step: ResolvedOperation, index: number): void {
    try {
      this.#apply(step);
    } catch (error) {
      throw atOperation(error, this.#several ? this.#plan.places[index] : undefined);
    }
  }

  #apply(step: ResolvedOperation): void {
    const plan = this.#plan;
    const draft = this.#draft;
    const current = this.#current;
    const show = this.#show;
    const visit: Visit = (values) => draft.visit(values);
    switch (step.kind) {
      case 'set':
        draft.put(step.attribute, step.value);
        break;
      case 'merge':
        merge(draft, step);
        break;
      case 'append':
        draft.put(step.attribute, appendValues(step.attribute, list(draft, step.attribute), step.values, visit));
        break;
      case 'removeListed':
        putList(draft, step.attribute, withoutListed(step.attribute, list(draft, step.attribute), step.values, visit));
        break;
      case 'values':
        putList(draft, step.attribute, changeValues(step, list(draft, step.attribute), plan, visit, show));
        break;
      case 'same':
        if (!isCurrent(plan, step, draft, current, this.#shown))
          throw new MutabilityError(`${step.attribute.path} is read-only.`);
        break;
      default: {
        const stored = current === undefined ? undefined : ownProperty(current, 'members');
        if (step.kind === 'removeMatchingMembers' && Array.isArray(stored)) visit(stored.length);
        this.#members ??= new MemberFold();
        this.#members.apply(step, stored, plan, show);
      }
    }
  }
}

function merge(draft: Draft, { attribute, changes, append, whole }: MergeStep): void {
  const before = draft.get(attribute);
  const after = mergeValue(whole ? undefined : before, changes, append);
  if (whole) refuseImmutableParts(attribute, before, after);
  draft.put(attribute, after);
}

function list(draft: Draft, attribute: Attribute): readonly unknown[] {
  const values = draft.get(attribute);
  return Array.isArray(values) ? (values as readonly unknown[]) : [];
}

function putList(draft: Draft, attribute: Attribute, values: readonly unknown[]): void {
  draft.put(attribute, values.length === 0 ? undefined : values);
}

/** Standards reading 6: sending back the current value of a read-only attribute is no change. */
function isCurrent(
  plan: PatchPlan,
  step: SameStep,
  draft: Draft,
  current: Attributes | undefined,
  shown: ShownResource,
): boolean {
  if (isDerived(step)) return shown.resource !== undefined && isShownValue(step, shown.resource, plan.work);
  const { attribute, value, whole } = step;
  if (attribute.name === 'id') return current !== undefined && ownProperty(current, 'id') === value;
  const sent: readonly unknown[] = Array.isArray(value) ? value : [value];
  const { schema, extensions } = plan.type;
  const currentUris = [
    schema.id,
    ...extensions
      .map(({ container }) => container)
      .filter((container) => isObject(draft.get(container)))
      .map(({ name }) => name),
  ];
  const expected = new Set(currentUris.map((uri) => uri.toLowerCase()));
  const named = new Set(sent.map((uri) => (typeof uri === 'string' ? uri.toLowerCase() : undefined)));
  for (const uri of named) if (uri === undefined || !expected.has(uri)) return false;
  return !whole || named.size === expected.size;
}
