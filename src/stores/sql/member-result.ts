/** The members that a change really added and removed. */
export interface MemberResult {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

export const noMembers: MemberResult = { added: [], removed: [] };
