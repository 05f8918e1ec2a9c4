import { refuseAfterDeadline } from '../../contract/after-deadline.js';
import type { ScimContext } from '../../contract/context.js';
import type { MemberChange, WriteCheck, WriteResult, WriteTransaction } from '../../contract/store.js';
import { UnavailableError } from '../../errors.js';
import { collectMembers, type NewMembers, settle } from './large-change.js';
import type { PlannedWrite, Table } from './table.js';

/** A write that is not made at once: it has a check, which may wait, or many members. */
export interface WaitingWrite<R extends object> {
  /** The request that writes. */
  readonly ctx: Pick<ScimContext, 'tenant' | 'signal'>;
  readonly table: Table<R>;
  readonly check: WriteCheck<R> | undefined;
  /** The change of members, where it is large. */
  readonly large: { readonly id: string; readonly isNew: boolean; readonly members: MemberChange } | undefined;
  /** Whether the resource is there. */
  find(): boolean;
  plan(newMembers: NewMembers | undefined): PlannedWrite<R> | undefined;
}

const maxAttempts = 12;
/** A large write then pauses no more, so that other writes cannot come in between for ever. */
const maxPauses = 3;
const transaction: WriteTransaction = { handle: undefined };

/**
 * Makes a write that waits.
 *
 * Nobody sees the write before `after` of its check has returned: until then it is only planned. Where another write of
 * the tenant came in between, it is planned and checked again.
 *
 * @throws UnavailableError where other writes came in between each time, or at the deadline of the request
 */
export async function attemptWrite<R extends object>(write: WaitingWrite<R>): Promise<WriteResult<R> | undefined> {
  const { table, ctx, check, large, find, plan } = write;
  const { tenant } = table;
  for (let attempts = 0; attempts < maxAttempts; attempts++) {
    refuseAfterDeadline(ctx);
    if (!find()) return undefined;
    await check?.before?.(transaction);
    const { changes } = tenant;
    const newMembers =
      large === undefined || attempts >= maxPauses
        ? undefined
        : await collectMembers(tenant, large.id, large.isNew, large.members);
    try {
      if (tenant.changes !== changes) continue;
      const planned = plan(newMembers);
      if (planned === undefined) return undefined;
      if (check?.after !== undefined) await check.after(planned.result, transaction);
      if (tenant.changes === changes) return made(planned);
    } finally {
      if (newMembers !== undefined) await settle(tenant, newMembers);
    }
  }
  throw new UnavailableError(1, 'Too many clients are changing this tenant; try again.');
}

/** Makes a planned write. */
export function made<R>({ result, commit }: PlannedWrite<R>): WriteResult<R> {
  commit();
  return result;
}
