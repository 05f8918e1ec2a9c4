import type { RunnableCase } from '../store-case.js';
import { copyCases } from './primitives/copy-cases.js';
import { findCases } from './primitives/find-cases.js';
import { handleCases } from './primitives/handle-cases.js';
import { insertCases } from './primitives/insert-cases.js';
import type { PrimitivesContext } from './primitives/primitives-context.js';
import { removeCases } from './primitives/remove-cases.js';
import { replaceCases } from './primitives/replace-cases.js';
import { replaceKeyCases } from './primitives/replace-key-cases.js';
import { scanCases } from './primitives/scan-cases.js';

/** The five operations under `storeOver`, in the order in which they are usually written. */
export const primitivesCases: readonly RunnableCase<PrimitivesContext>[] = [
  ...[insertCases, findCases, replaceCases, replaceKeyCases, removeCases].flat(),
  ...[scanCases, copyCases, handleCases].flat(),
];
