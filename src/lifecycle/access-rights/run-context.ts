import { randomUUID } from 'node:crypto';
import type { ScimContext } from '../../contract/context.js';

/** The context of store calls that no request causes. */
export function runContext(tenant: string, signal: AbortSignal = new AbortController().signal): ScimContext {
  return { tenant, actor: { id: 'access-rights', tenant }, requestId: randomUUID(), signal };
}
