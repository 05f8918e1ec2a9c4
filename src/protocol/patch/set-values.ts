import { isObject } from '../../contract/is-object.js';
import type { Attribute } from '../../schema/attribute.js';
import type { PatchPlan } from './operation.js';

/**
 * The values that the operations set, as far as they do not depend on the stored resource, in the form of a resource.
 * An attribute that a later operation sets again has its last value.
 */
export function setValues({ operations }: PatchPlan): Readonly<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const step of operations) {
    if (step.kind === 'set') place(found, step.attribute, step.value);
    else if (step.kind === 'merge' && !hasRequiredPart(step.attribute)) {
      place(found, step.attribute, Object.fromEntries([...step.changes].map(([{ name }, value]) => [name, value])));
    }
  }
  return found;
}

// Whether a required sub-attribute is there depends on the stored value.
function hasRequiredPart({ attributes }: Attribute): boolean {
  for (const { required } of attributes) if (required) return true;
  return false;
}

function place(found: Record<string, unknown>, { name, parent }: Attribute, value: unknown): void {
  if (parent === undefined) {
    found[name] = value;
  } else if (parent.container) {
    const others = found[parent.name];
    found[parent.name] = { ...(isObject(others) ? others : {}), [name]: value };
  }
}
