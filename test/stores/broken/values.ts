/** Mistakes in what is kept and returned: attributes, keys, versions, times, members. */
import { createHash } from 'node:crypto';
import type {
  Change,
  Creation,
  GroupRef,
  MemberChange,
  ScimContext,
  Selection,
  Stored,
  WriteResult,
} from 'express-scim';
import { type Moved, type Row, Table } from './sound-store.js';

/** A table without a column for an attribute, and without saying so in `supports`. */
export function dropping(name: string): typeof Table {
  return class<R extends object> extends Table<R> {
    override create(creation: Creation<R>, ctx: ScimContext): Promise<WriteResult<R>> {
      return super.create({ ...creation, resource: without(creation.resource, name) }, ctx);
    }

    override update(id: string, change: Change<R>, ctx: ScimContext): Promise<WriteResult<R> | undefined> {
      return super.update(id, { ...change, set: without(change.set, name) }, ctx);
    }
  };
}

function without<T extends object>(attributes: T, dropped: string): T {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !name.startsWith(dropped))) as T;
}

export class OnlyUserNameIsUnique<R extends object> extends Table<R> {
  protected override keysOf(keys: Creation<R>['keys']): Row<R>['keys'] {
    const { userName } = keys;
    return userName === undefined ? {} : { userName };
  }
}

export class UnsetKeysKept<R extends object> extends Table<R> {
  protected override keysAfter(row: Row<R>, change: Change<R>): Row<R>['keys'] {
    const keys = Object.entries(change.keys).filter(([, key]) => key !== null);
    return super.keysAfter(row, { ...change, keys: Object.fromEntries(keys) });
  }
}

export class KeysReplacedWhole<R extends object> extends Table<R> {
  protected override keysAfter(row: Row<R>, change: Change<R>): Row<R>['keys'] {
    return super.keysAfter({ ...row, keys: {} }, change);
  }
}

export class NumericVersion<R extends object> extends Table<R> {
  protected override mintVersion(): string {
    return Number(super.mintVersion().slice(1)) as unknown as string;
  }
}

export class VersionFromTheContent<R extends object> extends Table<R> {
  private made = 0;

  protected override mintVersion(): string {
    // Before the content is known, and replaced by `read`.
    return `new${String(++this.made)}`;
  }

  protected override checkVersion(row: Row<R>, ifVersion: string | undefined): void {
    const { meta } = row.resource;
    super.checkVersion(
      { ...row, resource: { ...row.resource, meta: { ...meta, version: this.hash(row) } } },
      ifVersion,
    );
  }

  protected override read(row: Row<R>, selection: Selection): Stored<R> {
    const resource = super.read(row, selection);
    return { ...resource, meta: { ...resource.meta, version: this.hash(row) } };
  }

  private hash({ resource, members }: Row<R>): string {
    const { meta: _, ...content } = resource;
    return createHash('sha256')
      .update(JSON.stringify([content, [...members.keys()].sort()]))
      .digest('hex');
  }
}

export class TimesOfTheDriver<R extends object> extends Table<R> {
  protected override read(row: Row<R>, selection: Selection): Stored<R> {
    const resource = super.read(row, selection);
    const { created, lastModified } = resource.meta;
    // As some drivers return a timestamp: a text that only looks like one.
    const text = (time: Date | string | undefined): string => String(time).slice(0, 24);
    return { ...resource, meta: { ...resource.meta, created: text(created), lastModified: text(lastModified) } };
  }
}

export class LastModifiedStays<R extends object> extends Table<R> {
  protected override write(row: Row<R>, after: Stored<R>, keys = row.keys): void {
    const { lastModified } = row.resource.meta;
    super.write(row, after, keys);
    row.resource = { ...row.resource, meta: { ...row.resource.meta, lastModified } };
  }
}

export class MembersBeforeTheWrite<R extends object> extends Table<R> {
  override async update(id: string, change: Change<R>, ctx: ScimContext): Promise<WriteResult<R> | undefined> {
    const before = await this.get(id, change.selection, ctx);
    const result = await super.update(id, change, ctx);
    if (result === undefined || before === undefined || !('members' in before)) return result;
    return { ...result, resource: { ...result.resource, members: before.members } };
  }
}

export class EveryMemberIsAUser<R extends object> extends Table<R> {
  protected override applyMembers(row: Row<R>, change: MemberChange | undefined): Moved {
    const moved = super.applyMembers(row, change);
    for (const [id, member] of row.members) row.members.set(id, { ...member, type: 'User' });
    return moved;
  }
}

export class UnknownMembersBeforeAbsence<R extends object> extends Table<R> {
  override async update(id: string, change: Change<R>, ctx: ScimContext): Promise<WriteResult<R> | undefined> {
    this.checkMembers(change.members, ctx.tenant);
    return super.update(id, change, ctx);
  }
}

export class DeletedGroupsStayMembers<R extends object> extends Table<R> {
  protected override leaveGroups(row: Row<R>): void {
    if (this.kind === 'User') super.leaveGroups(row);
  }
}

export class CirclesNeverEnd<R extends object> extends Table<R> {
  protected override groupsOfOne(id: string, tenant: string): readonly GroupRef[] {
    return this.holding(id, tenant).flatMap(({ id: value, resource }): readonly GroupRef[] => [
      { value, display: resource.displayName, type: 'direct' },
      ...this.groupsOfOne(value, tenant).map((ref) => ({ ...ref, type: 'indirect' as const })),
    ]);
  }
}

export class IgnoredMembersUnnamed<R extends object> extends Table<R> {
  protected override withoutIgnored(...args: Parameters<Table<R>['withoutIgnored']>) {
    return { ...super.withoutIgnored(...args), ignored: [] };
  }
}

export class MembersLostByRename<R extends object> extends Table<R> {
  protected override write(row: Row<R>, after: Stored<R>, keys = row.keys): void {
    if ('displayName' in after && after.displayName !== Reflect.get(row.resource, 'displayName')) row.members.clear();
    super.write(row, after, keys);
  }
}
