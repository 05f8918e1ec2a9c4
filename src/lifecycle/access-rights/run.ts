import type { Attributes, Selection } from '../../contract/attribute.js';
import type { ScimContext } from '../../contract/context.js';
import type { Page, PageRequest, Position } from '../../contract/filter.js';
import type { KeyedLocks } from '../../contract/keyed-locks.js';
import type { ResourceStore, WriteTransaction } from '../../contract/store.js';
import { reconcileUntilStable } from './follow-event.js';
import { type AccessRightsOptions, storeOf } from './options.js';
import type { Reconciliation } from './reconciliation.js';
import { runContext } from './run-context.js';
import { usageError } from '../../contract/option-mistakes.js';

/** Options of `AccessRights.run`; all have defaults. */
export interface RightsRunOptions {
  /** Where an earlier run stopped: its `after`. Default: from the start. */
  readonly after?: string | undefined;
  /** Users after which the run stops. Default: none, it ends with the last user. */
  readonly maxUsers?: number | undefined;
  /** Users in one transaction, 1 to 500. Default 100. */
  readonly pageSize?: number | undefined;
  /** Only these users, without pages. Default: all. */
  readonly userIds?: readonly string[] | undefined;
  /** Stops the run between two pages. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each page. Save its `after` to continue after a restart. */
  readonly onProgress?: ((progress: RightsRun) => unknown) | undefined;
}

/** How far a run has come. */
export interface RightsRun {
  /** True: all users are reconciled. */
  readonly done: boolean;
  /** Where to continue: `after` of the next run; undefined if `done`. */
  readonly after: string | undefined;
  /** Users that this run has reconciled. */
  readonly users: number;
  /** Users of the tenant, if the store counts them. */
  readonly total: number | undefined;
}

/** What a run works with. */
export interface RunTools {
  readonly options: AccessRightsOptions;
  readonly withinWrites: boolean;
  readonly locks: KeyedLocks;
  begin(ctx: ScimContext, transaction: WriteTransaction | undefined): Reconciliation;
}

const nothing: Selection = new Set();
const noPaths: ReadonlySet<string> = new Set();
const defaultPageSize = 100;
const mostInPage = 500;

/** Reconciles users page by page. */
export async function runForTenant(tools: RunTools, tenant: string, options: RightsRunOptions): Promise<RightsRun> {
  const { maxUsers = Infinity, pageSize = defaultPageSize, userIds, signal, onProgress } = options;
  const mistakes: string[] = [];
  if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > mostInPage) {
    mistakes.push(`pageSize must be an integer from 1 to ${String(mostInPage)}`);
  }
  if (!(maxUsers >= 1)) mistakes.push('maxUsers must be a number above 0');
  if (mistakes.length > 0) throw usageError('accessRights', mistakes, 'access-rights.md');
  const ctx = runContext(tenant, signal);
  if (userIds !== undefined) {
    for (let start = 0; start < userIds.length; start += pageSize) {
      await reconcilePage(tools, userIds.slice(start, start + pageSize), ctx);
    }
    return { done: true, after: undefined, users: userIds.length, total: undefined };
  }
  const users = storeOf(tools.options, undefined) as unknown as ResourceStore<Attributes>;
  let place = readPlace(options.after);
  let progress: RightsRun = { done: false, after: options.after, users: 0, total: undefined };
  while (!progress.done && progress.users < maxUsers && signal?.aborted !== true) {
    const limit = Math.min(pageSize, maxUsers - progress.users);
    const page = await listUsers(users, place, limit, ctx);
    const ids = page.resources.map(({ id }) => id);
    if (ids.length > 0) await reconcilePage(tools, ids, ctx);
    const next = users.supports?.cursor === false ? nextIndex(place, page, limit) : nextPosition(page);
    progress = {
      done: next === undefined,
      after: next && JSON.stringify(next),
      users: progress.users + ids.length,
      total: page.totalResults ?? progress.total,
    };
    if (next !== undefined) place = next;
    await onProgress?.(progress);
  }
  return progress;
}

/**
 * Reconciles users in one transaction, alone in the tenant: an update that changes nothing takes the lock that every write
 * takes that changes rights.
 */
async function reconcilePage(tools: RunTools, ids: readonly string[], ctx: ScimContext): Promise<void> {
  const { options, withinWrites, locks, begin } = tools;
  if (!withinWrites) {
    await locks.run(ctx.tenant, () => reconcileUntilStable(ids, () => begin(ctx, undefined)));
    return;
  }
  const users = storeOf(options, undefined) as unknown as ResourceStore<Attributes>;
  for (const id of ids) {
    const result = await users.update(
      id,
      {
        set: {},
        unset: [],
        keys: {},
        selection: nothing,
        caseExact: noPaths,
        events: () => [],
        check: {
          before: () => undefined,
          after: (_, transaction) => begin(ctx, transaction).reconcileUsers(ids),
        },
      },
      ctx,
    );
    // Where the user is deleted meanwhile, the next one carries the page.
    if (result !== undefined) return;
  }
}

/** Where a page begins: behind a position, or at an index, with the number of users that there were. */
type Place = { readonly position: Position | undefined } | { readonly index: number; readonly total: number };

async function listUsers(
  users: ResourceStore<Attributes>,
  place: Place | undefined,
  limit: number,
  ctx: ScimContext,
): Promise<Page<Attributes>> {
  const isByCursor = users.supports?.cursor !== false;
  const page: PageRequest = isByCursor
    ? { kind: 'cursor', after: place && 'position' in place ? place.position : undefined, before: undefined, limit }
    : { kind: 'index', offset: place && 'index' in place ? place.index : 0, limit };
  return users.list(
    {
      filter: undefined,
      equals: {},
      sort: [],
      reads: [],
      page,
      selection: nothing,
      matches: () => true,
      compare: (one, other) => (one.id < other.id ? -1 : Number(one.id > other.id)),
    },
    ctx,
  );
}

function nextPosition({ next }: Page<Attributes>): Place | undefined {
  return next && { position: next };
}

/** Users that are deleted meanwhile move the others forward: going back by their number passes over nobody. */
function nextIndex(
  place: Place | undefined,
  { resources, totalResults = 0 }: Page<Attributes>,
  limit: number,
): Place | undefined {
  const { index, total } = place !== undefined && 'index' in place ? place : { index: 0, total: totalResults };
  const deleted = Math.max(0, total - totalResults);
  const after = Math.max(0, index + resources.length - deleted);
  return resources.length < limit && after >= totalResults ? undefined : { index: after, total: totalResults };
}

/** @throws TypeError for a text that no run has returned */
function readPlace(text: string | undefined): Place | undefined {
  if (text === undefined) return undefined;
  try {
    const place = JSON.parse(text) as Partial<{ position: unknown; index: unknown; total: unknown }>;
    if (Array.isArray(place.position)) return { position: place.position as Position };
    const { index, total } = place;
    if (isCount(index) && isCount(total)) return { index, total };
  } catch {
    // Not JSON: refused below.
  }
  throw usageError('accessRights', 'after must be what an earlier run returned', 'access-rights.md');
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
