// Off-boarding: the things that members hold, and what happens to them when a member leaves.
import type { Kysely } from 'kysely';
import { type OffboardingHandler, type LeavingUser, type Offboarding, offboarding } from 'express-scim/lifecycle';
import { sqlOffboardingTaskStore, sqlTombstoneStore } from 'express-scim/sql';
import type { Tables } from './database.js';
import type { Log } from './log.js';
import { memberKey, memberPrefix } from './mapping.js';
import { nameOf, shortened } from './users.js';
import type { Watchers } from './watchers.js';

const now = (): string => new Date().toISOString();

/** Assets: flagged `return due`, and the manager is notified. */
function assets(db: Kysely<Tables>): OffboardingHandler {
  return {
    name: 'assets',
    async heldBy(user) {
      const rows = await db
        .selectFrom('checkouts')
        .innerJoin('assets', 'assets.id', 'checkouts.asset_id')
        .select(['assets.id', 'assets.tag', 'assets.name', 'checkouts.checked_out_at'])
        .where('checkouts.member_id', '=', memberKey(user.id) ?? 0)
        .where('checkouts.returned_at', 'is', null)
        .orderBy('assets.tag')
        .execute();
      return rows.map(({ id, tag, name, checked_out_at }) => ({
        id: String(id),
        label: `${name} (${tag})`,
        since: checked_out_at,
      }));
    },
    apply: (item, _action, user, markerId) => raiseFlag(db, { kind: 'asset', item, user, markerId }),
    async undo(marker) {
      await clearFlag(db, marker.id);
      const [from, to] = [memberKey(marker.userId), memberKey(marker.returnedAs ?? '')];
      if (from === undefined || to === undefined) return;
      // After a re-hire, the user has a new account and still has the assets.
      await db
        .updateTable('checkouts')
        .set({ member_id: to })
        .where('asset_id', '=', Number(marker.item.id))
        .where('member_id', '=', from)
        .where('returned_at', 'is', null)
        .execute();
    },
  };
}

/** Teams: the manager becomes the lead. Without a manager, the team is flagged. */
function leadership(db: Kysely<Tables>): OffboardingHandler {
  return {
    name: 'teams',
    async heldBy(user) {
      const rows = await db
        .selectFrom('teams')
        .select(['id', 'name'])
        .where('lead_id', '=', memberKey(user.id) ?? 0)
        .execute();
      return rows.map(({ id, name }) => ({ id: String(id), label: `Lead of ${name}` }));
    },
    async apply(item, action, user, markerId) {
      const manager = memberKey(user.managerId ?? '');
      if (action !== 'transfer' || manager === undefined) return raiseFlag(db, { kind: 'team', item, user, markerId });
      await db
        .updateTable('teams')
        .set({ lead_id: manager })
        .where('id', '=', Number(item.id))
        .where('lead_id', '=', memberKey(user.id) ?? 0)
        .execute();
      await sendNotice(
        db,
        manager,
        markerId,
        `You have taken over from ${shortened(user.label ?? 'a former member')}: ${item.label ?? ''}.`,
      );
    },
    undo: (marker) => clearFlag(db, marker.id),
  };
}

function apiKeys(db: Kysely<Tables>): OffboardingHandler {
  return {
    name: 'apiKeys',
    async heldBy(user) {
      const rows = await db
        .selectFrom('api_keys')
        .select(['id', 'label', 'created_at'])
        .where('member_id', '=', memberKey(user.id) ?? 0)
        .where('revoked_at', 'is', null)
        .execute();
      return rows.map(({ id, label, created_at }) => ({ id: String(id), label, since: created_at }));
    },
    async apply(item) {
      await db
        .updateTable('api_keys')
        .set({ revoked_at: now(), revoked_by: 'off-boarding' })
        .where('id', '=', Number(item.id))
        .where('revoked_at', 'is', null)
        .execute();
    },
  };
}

function sessions(db: Kysely<Tables>): OffboardingHandler {
  return {
    name: 'sessions',
    async heldBy(user) {
      const rows = await db
        .selectFrom('sessions')
        .select(['digest', 'created_at'])
        .where('member_id', '=', memberKey(user.id) ?? 0)
        .execute();
      return rows.map(({ digest, created_at }) => ({ id: digest, label: 'Session', since: created_at }));
    },
    async apply(item) {
      await db.deleteFrom('sessions').where('digest', '=', item.id).execute();
    },
  };
}

interface NewFlag {
  readonly kind: 'asset' | 'team';
  readonly item: { readonly id: string; readonly label?: string | undefined };
  readonly user: LeavingUser;
  readonly markerId: string;
}

/** @returns false if it is already flagged: that flag stays when the user returns */
async function raiseFlag(db: Kysely<Tables>, { kind, item, user, markerId }: NewFlag): Promise<false | { by: string }> {
  const who = shortened(user.label ?? 'A member');
  const manager = memberKey(user.managerId ?? '') ?? null;
  const left = user.departure === 'deleted' ? 'was deleted by the identity provider' : 'may no longer sign in';
  const subject = Number(item.id);
  await db
    .insertInto('flags')
    .values({
      id: markerId,
      subject: kind,
      subject_id: subject,
      member_id: memberKey(user.id) ?? null,
      manager_id: manager,
      label: kind === 'asset' ? 'return due' : 'lead needed',
      reason: `${who} ${left}.`,
      origin: 'off-boarding',
      set_by: 'Off-boarding',
      set_at: now(),
      cleared_at: null,
      cleared_by: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const current = await db
    .selectFrom('flags')
    .select('id')
    .where('subject', '=', kind)
    .where('subject_id', '=', subject)
    .where('cleared_at', 'is', null)
    .executeTakeFirst();
  if (current?.id !== markerId) return false;
  const request = kind === 'asset' ? `Please collect ${item.label ?? 'what is held'}.` : 'Please choose somebody else.';
  if (manager !== null) await sendNotice(db, manager, markerId, `${who} ${left}. ${request}`);
  return { by: markerId };
}

async function sendNotice(db: Kysely<Tables>, memberId: number, id: string, message: string): Promise<void> {
  await db
    .insertInto('notices')
    .values({ id, member_id: memberId, message, sent_at: now(), withdrawn_at: null })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

async function clearFlag(db: Kysely<Tables>, id: string): Promise<void> {
  await db
    .updateTable('flags')
    .set({ cleared_at: now(), cleared_by: 'Off-boarding: the member has returned' })
    .where('id', '=', id)
    .where('cleared_at', 'is', null)
    .execute();
  await db
    .updateTable('notices')
    .set({ withdrawn_at: now() })
    .where('id', '=', id)
    .where('withdrawn_at', 'is', null)
    .execute();
}

/** A handler that also notifies open pages. */
function withNotification(handler: OffboardingHandler, watchers: Watchers): OffboardingHandler {
  return {
    ...handler,
    async apply(item, action, user, markerId) {
      const note = await handler.apply(item, action, user, markerId);
      watchers.notify();
      return note;
    },
    async undo(marker) {
      await handler.undo?.(marker);
      watchers.notify();
    },
  };
}

/** Off-boarding with handlers for the tables of the product. */
export function createOffboarding(db: Kysely<Tables>, log: Log, watchers: Watchers): Offboarding {
  return offboarding({
    handlers: [assets(db), leadership(db), apiKeys(db), sessions(db)].map((handler) =>
      withNotification(handler, watchers),
    ),
    policy: { assets: 'flag', teams: 'transfer', apiKeys: 'revoke', sessions: 'revoke' },
    store: sqlOffboardingTaskStore(db),
    tombstones: sqlTombstoneStore(db),
    async user(_tenant, id) {
      // Deletion is soft: the row still exists.
      const row = await db
        .selectFrom('members')
        .selectAll()
        .where('id', '=', memberKey(id) ?? 0)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      return {
        label: nameOf(row),
        ...(row.manager_id !== null && { managerId: memberPrefix + String(row.manager_id) }),
        ...(row.employee_number !== null && { employeeNumber: row.employee_number }),
      };
    },
    onError: (error, task) =>
      log.warn('off-boarding failed and will retry', { error, handler: task?.handler, kind: task?.kind }),
  });
}
