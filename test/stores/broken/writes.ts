/** Mistakes in single writes: versions, races, half-applied changes. */
import { isDeepStrictEqual } from 'node:util';
import { ConflictError, NotFoundError, type ScimContext, type Stored, type WriteResult } from 'express-scim';
import type { Change, Creation, Removal } from 'express-scim/stores';
import { type Moved, roundTrip, type Row, Table } from './sound-store.js';

export class VersionIgnored<R extends object> extends Table<R> {
  protected override checkVersion(): void {
    // The author thought that the library compares.
  }
}

export class VersionComparedBeforeTheWrite<R extends object> extends Table<R> {
  override async update(id: string, change: Change<R>, ctx: ScimContext): Promise<WriteResult<R> | undefined> {
    await roundTrip();
    const row = this.find(id, ctx.tenant);
    if (row === undefined) return undefined;
    this.checkVersion(row, change.ifVersion);
    return super.update(id, { ...change, ifVersion: undefined }, ctx);
  }
}

export class VersionIgnoredByDelete<R extends object> extends Table<R> {
  override delete(id: string, removal: Removal<R>, ctx: ScimContext): Promise<WriteResult<R> | undefined> {
    return super.delete(id, { ...removal, ifVersion: undefined }, ctx);
  }
}

export class WholeRowWritten<R extends object> extends Table<R> {
  override async update(id: string, change: Change<R>, ctx: ScimContext): Promise<WriteResult<R> | undefined> {
    await roundTrip();
    const row = this.find(id, ctx.tenant);
    if (row === undefined) return undefined;
    const { id: _id, meta: _meta, ...read } = row.resource;
    const unread = { ...read } as unknown as Partial<R>;
    for (const name of change.unset) delete unread[name];
    return super.update(
      id,
      { ...change, set: { ...unread, ...change.set }, keys: { ...row.keys, ...change.keys } },
      ctx,
    );
  }
}

/** One second is longer than any test here: its end would make two versions of one. */
const second = String(Math.floor(Date.now() / 1000));

export class VersionFromTheClock<R extends object> extends Table<R> {
  protected override mintVersion(): string {
    return second;
  }
}

export class EveryUpdateIsAChange<R extends object> extends Table<R> {
  protected override isChange(): boolean {
    return true;
  }
}

export class ComparedAsText<R extends object> extends Table<R> {
  protected override isChange(before: Stored<R>, after: Stored<R>, { added, removed }: Moved): boolean {
    return added.length + removed.length > 0 || JSON.stringify(before) !== JSON.stringify(after);
  }
}

export class CaseSensitiveKeys<R extends object> extends Table<R> {
  protected override keysOf(keys: Creation<R>['keys'], resource: Readonly<Partial<R>>): Row<R>['keys'] {
    const userName = Object.entries(resource).find(([name]) => name === 'userName')?.[1];
    return typeof userName === 'string' ? { ...keys, userName } : keys;
  }
}

export class LookedUpBeforeTheInsert<R extends object> extends Table<R> {
  override async create(creation: Creation<R>, ctx: ScimContext): Promise<WriteResult<R>> {
    await roundTrip();
    super.checkKeys(creation.keys, ctx.tenant);
    return super.create(creation, ctx);
  }

  protected override checkKeys(keys: Row<R>['keys'], tenant: string, own?: Row<R>): void {
    // An insert has no row of its own: it was looked up already.
    if (own !== undefined) super.checkKeys(keys, tenant, own);
  }
}

export class RenamesUnchecked<R extends object> extends Table<R> {
  protected override checkKeys(keys: Row<R>['keys'], tenant: string, own?: Row<R>): void {
    if (own === undefined) super.checkKeys(keys, tenant);
  }
}

export class OldKeysKept<R extends object> extends Table<R> {
  private readonly old: Row<R>[] = [];

  protected override write(row: Row<R>, after: Stored<R>, keys = row.keys): void {
    if (!isDeepStrictEqual(keys, row.keys)) this.old.push({ ...row });
    super.write(row, after, keys);
  }

  protected override checkKeys(keys: Row<R>['keys'], tenant: string, own?: Row<R>): void {
    super.checkKeys(keys, tenant, own);
    for (const row of this.old) {
      if (row.tenant !== tenant || row.id === own?.id) continue;
      const taken = Object.keys(keys).find((path) => row.keys[path] === keys[path]);
      if (taken !== undefined) throw new ConflictError(taken);
    }
  }
}

export class SoftDeletedKeysKept<R extends object> extends Table<R> {
  private readonly deleted: Row<R>[] = [];

  override delete(id: string, removal: Removal<R>, ctx: ScimContext): Promise<WriteResult<R> | undefined> {
    const row = this.find(id, ctx.tenant);
    if (row !== undefined && removal.ifVersion === undefined) this.deleted.push(row);
    return super.delete(id, removal, ctx);
  }

  protected override checkKeys(keys: Row<R>['keys'], tenant: string, own?: Row<R>): void {
    super.checkKeys(keys, tenant, own);
    for (const row of this.deleted) {
      const taken = Object.keys(keys).find((path) => row.tenant === tenant && row.keys[path] === keys[path]);
      if (taken !== undefined) throw new ConflictError(taken);
    }
  }
}

export class HalfApplied<R extends object> extends Table<R> {
  override async update(id: string, change: Change<R>, ctx: ScimContext): Promise<WriteResult<R> | undefined> {
    const { members, ...columns } = change;
    // Two transactions: the columns first, then the members.
    const written = await super.update(id, columns, ctx);
    if (written === undefined || members === undefined) return written;
    const moved = await super.update(
      id,
      { ...change, ifVersion: undefined, set: {} as Partial<R>, unset: [], keys: {} },
      ctx,
    );
    return moved && { ...moved, changed: written.changed || moved.changed, before: written.before };
  }
}

export class UnsetForgotten<R extends object> extends Table<R> {
  protected override valuesAfter(row: Row<R>, { set }: Change<R>): Stored<R> {
    return { ...row.resource, ...set };
  }
}

export class UnsetStoresNull<R extends object> extends Table<R> {
  protected override valuesAfter(row: Row<R>, { set, unset }: Change<R>): Stored<R> {
    return { ...row.resource, ...set, ...Object.fromEntries(unset.map((name) => [name, null])) };
  }
}

export class ObjectsMerged<R extends object> extends Table<R> {
  protected override valuesAfter(row: Row<R>, change: Change<R>): Stored<R> {
    const isObject = (value: unknown): value is object =>
      typeof value === 'object' && value !== null && !Array.isArray(value);
    const before: Readonly<Record<string, unknown>> = { ...row.resource };
    const merged = Object.entries(super.valuesAfter(row, change)).map(([name, value]: [string, unknown]) => {
      const old = before[name];
      return [name, isObject(old) && isObject(value) && !(value instanceof Date) ? { ...old, ...value } : value];
    });
    return Object.fromEntries(merged) as Stored<R>;
  }
}

export class WrittenInPlace<R extends object> extends Table<R> {
  protected override write(row: Row<R>, after: Stored<R>, keys = row.keys): void {
    const resource = row.resource;
    super.write(row, after, keys);
    for (const name of Object.keys(resource)) Reflect.deleteProperty(resource, name);
    row.resource = Object.assign(resource, row.resource);
  }
}

export class AbsentThrows<R extends object> extends Table<R> {
  override async update(id: string, change: Change<R>, ctx: ScimContext): Promise<WriteResult<R> | undefined> {
    const result = await super.update(id, change, ctx);
    if (result === undefined) throw new NotFoundError('There is no such resource.');
    return result;
  }
}

export class ConflictBeforeVersion<R extends object> extends Table<R> {
  private asked: string | undefined;

  protected override checkVersion(_row: Row<R>, ifVersion: string | undefined): void {
    // Compared last, by the statement that writes.
    this.asked = ifVersion;
  }

  protected override checkKeys(keys: Row<R>['keys'], tenant: string, own?: Row<R>): void {
    super.checkKeys(keys, tenant, own);
    if (own !== undefined) super.checkVersion(own, this.asked);
  }

  protected override leaveGroups(row: Row<R>): void {
    super.checkVersion(row, this.asked);
    super.leaveGroups(row);
  }
}
