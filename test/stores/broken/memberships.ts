/** Mistakes with members. */
import { UnknownReferenceError } from 'express-scim';
import type { GroupRef, Member, ScimContext, Selection, Stored, WriteResult } from 'express-scim';
import type { Change, Creation, MemberChange } from 'express-scim/stores';
import { type Moved, roundTrip, type Row, Table } from './sound-store.js';

export class MembersReplaced<R extends object> extends Table<R> {
  protected override applyMembers(row: Row<R>, change: MemberChange | undefined): Moved {
    return super.applyMembers(row, change && { ...change, only: change.only === true || change.add.length > 0 });
  }
}

export class MembersReadThenWritten<R extends object> extends Table<R> {
  override async update(id: string, change: Change<R>, ctx: ScimContext): Promise<WriteResult<R> | undefined> {
    const { members } = change;
    const row = this.find(id, ctx.tenant);
    if (members === undefined || row === undefined) return super.update(id, change, ctx);
    await roundTrip();
    const gone = new Set(members.remove);
    const kept: readonly Member[] =
      members.only === true ? [] : [...row.members.values()].filter(({ value }) => !gone.has(value));
    await roundTrip();
    const known = new Set(members.add.map(({ value }) => value));
    const add = [...kept.filter(({ value }) => !known.has(value)), ...members.add];
    return super.update(id, { ...change, members: { ...members, add, remove: [], only: true } }, ctx);
  }
}

export class AbsentMemberRefused<R extends object> extends Table<R> {
  protected override applyMembers(row: Row<R>, change: MemberChange | undefined): Moved {
    const absent = change?.remove.filter((id) => !row.members.has(id)) ?? [];
    if (absent.length > 0) throw new UnknownReferenceError(absent);
    return super.applyMembers(row, change);
  }
}

export class PresentMemberAddedAgain<R extends object> extends Table<R> {
  protected override applyMembers(row: Row<R>, change: MemberChange | undefined): Moved {
    const moved = super.applyMembers(row, change);
    // What was asked for, instead of what happened.
    return change === undefined ? moved : { added: change.add.map(({ value }) => value), removed: change.remove };
  }
}

export class OnlyAdds<R extends object> extends Table<R> {
  protected override applyMembers(row: Row<R>, change: MemberChange | undefined): Moved {
    return super.applyMembers(row, change && { ...change, only: false });
  }
}

export class OnlyTouchesWhoStays<R extends object> extends Table<R> {
  protected override applyMembers(row: Row<R>, change: MemberChange | undefined): Moved {
    if (change?.only !== true) return super.applyMembers(row, change);
    const removed = [...row.members.keys()];
    row.members.clear();
    return { added: super.applyMembers(row, change).added, removed };
  }
}

export class FirstMembersForgotten<R extends object> extends Table<R> {
  override create(creation: Creation<R>, ctx: ScimContext): Promise<WriteResult<R>> {
    return super.create({ ...creation, members: undefined }, ctx);
  }
}

export class UnknownMembersTaken<R extends object> extends Table<R> {
  protected override checkMembers(): void {
    // There is no foreign key.
  }
}

export class FirstUnknownNamed<R extends object> extends Table<R> {
  protected override checkMembers(members: MemberChange | undefined, tenant: string): void {
    try {
      super.checkMembers(members, tenant);
    } catch (error) {
      throw error instanceof UnknownReferenceError ? new UnknownReferenceError(error.ids.slice(0, 1)) : error;
    }
  }
}

export class UnknownMembersDropped<R extends object> extends Table<R> {
  protected override applyMembers(row: Row<R>, change: MemberChange | undefined): Moved {
    const add = change?.add.filter(({ value }) => this.db.kindOf(value, row.tenant) !== undefined) ?? [];
    return super.applyMembers(row, change && { ...change, add });
  }
}

export class MembershipsLeft<R extends object> extends Table<R> {
  protected override leaveGroups(): void {
    // The rows of the join table are left to a nightly job.
  }
}

export class GroupVersionKept<R extends object> extends Table<R> {
  protected override leaveGroups({ id, tenant }: Row<R>): void {
    for (const holder of this.holding(id, tenant)) holder.members.delete(id);
  }
}

export class MembersLeaveVersion<R extends object> extends Table<R> {
  protected override isChange(before: Stored<R>, after: Stored<R>): boolean {
    return super.isChange(before, after, { added: [], removed: [] });
  }
}

export class MembersAlwaysRead<R extends object> extends Table<R> {
  protected override read(row: Row<R>, selection: Selection): Stored<R> {
    return super.read(row, new Set([...selection, 'members']));
  }
}

export class NestedIsDirect<R extends object> extends Table<R> {
  protected override groupsOfOne(id: string, tenant: string): readonly GroupRef[] {
    return super.groupsOfOne(id, tenant).map((ref) => ({ ...ref, type: 'direct' }));
  }
}
