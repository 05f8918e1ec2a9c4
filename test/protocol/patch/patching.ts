import type { QuirkId } from '../../../src/quirks/quirks.js';
import type { UseQuirk } from '../../../src/quirks/active-quirks.js';
import { isScimError } from '../../../src/errors.js';
import { defaultLimits, type Limits } from '../../../src/limits.js';
import { applyPatch, type PatchOutcome } from '../../../src/protocol/patch/apply.js';
import type { PatchOptions } from '../../../src/protocol/patch/operation.js';
import { readPatch } from '../../../src/protocol/patch/read.js';
import { enterpriseUserSchema } from '../../../src/schema/core/enterprise-user.js';
import { groupSchema } from '../../../src/schema/core/group.js';
import { userSchema } from '../../../src/schema/core/user.js';
import { compileResourceType, type ResourceType } from '../../../src/schema/resource-type.js';
import type { Attributes } from '../../../src/contract/attribute.js';

/** The public URL of the mount point in these tests. */
export const base = 'https://scim.example/v2';

export const enterprise = enterpriseUserSchema.id;
export const patchOp = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

export const userType = compileResourceType({
  name: 'User',
  endpoint: '/Users',
  schema: userSchema,
  extensions: [{ schema: enterpriseUserSchema }],
});

export const groupType = compileResourceType({
  name: 'Group',
  endpoint: '/Groups',
  schema: groupSchema,
});

const testSchema = 'urn:example:params:scim:schemas:Thing';
export const testExtension = 'urn:example:params:scim:schemas:extension:Thing';

/** A type with every mutability, cardinality and requiredness that User and Group lack. */
export const thingType = compileResourceType({
  name: 'Thing',
  endpoint: '/Things',
  schema: {
    id: testSchema,
    attributes: [
      { name: 'label' },
      { name: 'serial', mutability: 'immutable' },
      { name: 'secret', mutability: 'writeOnly', returned: 'never' },
      { name: 'computed', mutability: 'readOnly' },
      { name: 'tags', multiValued: true },
      { name: 'codes', multiValued: true, caseExact: true, required: true },
      { name: 'stamps', multiValued: true, mutability: 'immutable' },
      {
        name: 'case',
        type: 'complex',
        subAttributes: [
          { name: 'color' },
          { name: 'material', required: true },
          { name: 'mould', mutability: 'immutable' },
          { name: 'marks', multiValued: true },
          { name: 'weight', mutability: 'readOnly' },
        ],
      },
      {
        name: 'parts',
        type: 'complex',
        multiValued: true,
        subAttributes: [
          { name: 'value' },
          { name: 'type' },
          { name: 'batch', mutability: 'immutable' },
          { name: 'grade', mutability: 'readOnly' },
          { name: 'notes', multiValued: true },
          { name: 'primary', type: 'boolean' },
        ],
      },
    ],
  },
  extensions: [
    {
      schema: {
        id: testExtension,
        attributes: [
          { name: 'owner', required: true },
          { name: 'seal', mutability: 'immutable' },
          { name: 'places', multiValued: true },
        ],
      },
      required: true,
    },
  ],
});

/** Every quirk on, except those in `off`; `used` collects the quirks that were used. */
export function usingQuirk(off: readonly QuirkId[] = []): UseQuirk & { readonly used: Set<QuirkId> } {
  const used = new Set<QuirkId>();
  return Object.assign(
    (quirk: QuirkId) => {
      used.add(quirk);
      return !off.includes(quirk);
    },
    { used },
  );
}

/** No quirk, except the one that RFC 7644 itself allows: add and replace without a path. */
export const strictly: UseQuirk = (quirk) => quirk === 'pathless-operation';

export function message(...operations: readonly unknown[]): unknown {
  return { schemas: [patchOp], Operations: operations };
}

export interface Setting {
  readonly useQuirk?: UseQuirk;
  readonly limits?: Partial<Limits>;
  readonly profile?: boolean;
}

export function optionsFor(type: ResourceType, setting: Setting = {}): PatchOptions {
  return {
    limits: { ...defaultLimits, ...setting.limits },
    base,
    useQuirk: setting.useQuirk ?? usingQuirk(),
    memberDeltas: type === groupType,
    profile: setting.profile,
  };
}

/** What the operations change in a resource. */
export function outcome(
  type: ResourceType,
  current: Attributes | undefined,
  operations: readonly unknown[],
  setting?: Setting,
): PatchOutcome {
  return applyPatch(readPatch(message(...operations), type, optionsFor(type, setting)), current);
}

/** The resource after the operations. */
export function patched(
  type: ResourceType,
  current: Attributes,
  operations: readonly unknown[],
  setting?: Setting,
): Attributes {
  return withOutcome(current, outcome(type, current, operations, setting));
}

/** What a store makes of an outcome. */
export function withOutcome(current: Attributes, { set, unset, members }: PatchOutcome): Attributes {
  const after: Record<string, unknown> = { ...current, ...set };
  for (const name of unset) delete after[name];
  if (members === undefined) return after;
  const before = (current['members'] ?? []) as readonly {
    readonly value: string;
  }[];
  const kept = members.only
    ? before.filter(({ value }) => members.add.some((member) => member.value === value))
    : before.filter(({ value }) => !members.remove.includes(value));
  const added = members.add.filter(({ value }) => !kept.some((member) => member.value === value));
  delete after['members'];
  if (kept.length + added.length > 0) after['members'] = [...kept, ...added];
  return after;
}

/** The `scimType` that the operations are refused with; the name of the error where it is no ScimError. */
export function refusal(
  type: ResourceType,
  current: Attributes,
  operations: readonly unknown[],
  setting?: Setting,
): string | undefined {
  return scimTypeOf(() => outcome(type, current, operations, setting));
}

export function scimTypeOf(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (!isScimError(error)) throw error;
    return error.scimType ?? String(error.status);
  }
}
