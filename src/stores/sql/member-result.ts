/** The members that a change really added and removed. */
export interface MemberResult {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** IDs that are no resources, where the change ignores them. */
  readonly ignored?: readonly string[];
}

export const noMembers: MemberResult = { added: [], removed: [] };

/** A result with the IDs that were ignored, if there are any. */
export function withIgnored(result: MemberResult, ignored: readonly string[]): MemberResult {
  return ignored.length === 0 ? result : { ...result, ignored };
}
