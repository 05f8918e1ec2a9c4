import type { Attributes } from '../../contract/attribute.js';
import type { WriteResult, WriteTransaction } from '../../contract/store.js';
import type { ChangeCheck, ProposedChange } from '../../hooks.js';
import type { MembershipChange } from './directory.js';
import type { Reconciliation } from './reconciliation.js';

/** Begins a reconciliation inside a write. */
type BeginInside = (transaction: WriteTransaction, change?: MembershipChange) => Reconciliation;

/**
 * The check of a write that changes the members of a group, or deletes it.
 *
 * `before` reads what the write takes away: whether the group gives a role, and its members where they are replaced or the
 * group is deleted. `after` reconciles those whose membership has changed.
 */
export function checkOfGroup(change: ProposedChange, begin: BeginInside): ChangeCheck | undefined {
  const { id, addMembers, removeMembers, replaceMembers } = change;
  const isDeletion = change.operation === 'delete';
  if (!isDeletion && !replaceMembers && addMembers.length === 0 && removeMembers.length === 0) return undefined;
  let former: readonly string[] = [];
  let concerns = true;
  return {
    async before(transaction) {
      // A transaction that is repeated begins anew.
      former = [];
      concerns = true;
      if (id === undefined) return;
      const reconciliation = begin(transaction);
      concerns = await reconciliation.concernsRights(id);
      if (concerns && (isDeletion || replaceMembers)) former = await reconciliation.membersOf(id);
    },
    async after(result, transaction) {
      if (!concerns || (!result.changed && !isDeletion)) return;
      const moved = isDeletion ? { added: [], removed: former } : movedBy(change, result, former);
      const groupId = result.resource.id;
      const reconciliation = begin(transaction, {
        groupId,
        added: new Set(moved.added),
        removed: new Set(moved.removed),
        deleted: isDeletion,
      });
      // Of a new group, this is known only now.
      if (id === undefined && !(await reconciliation.concernsRights(groupId))) return;
      await reconciliation.reconcileMembers([...moved.added, ...moved.removed]);
    },
  };
}

/** Who was added and removed, as far as the store tells; else who may have been: reconciling one too many is harmless. */
function movedBy(
  { addMembers, removeMembers, replaceMembers }: ProposedChange,
  { added, removed, ignored }: WriteResult<Attributes>,
  former: readonly string[],
): { readonly added: readonly string[]; readonly removed: readonly string[] } {
  const skipped = new Set(ignored);
  const kept = new Set(addMembers);
  return {
    added: added ?? addMembers.filter((id) => !skipped.has(id)),
    removed: removed ?? (replaceMembers ? former.filter((id) => !kept.has(id)) : removeMembers),
  };
}
