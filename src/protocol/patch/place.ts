import { isScimError } from '../../errors.js';
import type { PatchPlan } from './operation.js';

/**
 * An error with the operation in its message that it comes from.
 *
 * @param operation its index; undefined where the PATCH has one operation only
 */
export function atOperation(error: unknown, operation: number | undefined): unknown {
  if (operation === undefined || !isScimError(error)) return error;
  error.message = `Operations[${String(operation)}]: ${error.message}`;
  return error;
}

/** The last operation that writes a top-level attribute, by the path of it or of a part; undefined without a choice. */
export function operationOf({ operations, places }: PatchPlan, path: string): number | undefined {
  if ((places.at(-1) ?? 0) === 0) return undefined;
  for (let i = operations.length - 1; i >= 0; i--) {
    const step = operations[i];
    if (step === undefined || !('attribute' in step)) continue;
    const written = step.attribute.path;
    if (path === written || path.startsWith(`${written}.`) || path.startsWith(`${written}:`)) return places[i];
  }
  return undefined;
}
