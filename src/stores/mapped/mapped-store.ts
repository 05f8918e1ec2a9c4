import type { Kysely } from 'kysely';
import type { Group, GroupRef, User } from '../../contract/resource.js';
import type { GroupStore, UserStore } from '../../contract/store.js';
import type { ScimContext } from '../../contract/context.js';
import { type Dialect, dialectOf } from '../../database/dialect.js';
import { noticeScan } from '../sql/list.js';
import { reading } from '../../database/transaction.js';
import { compileMapping } from './compiled.js';
import type { Mapping } from './define.js';
import { inspectMapping } from './inspect.js';
import { type MappedDatabase, MappedResources } from './mapped-resources.js';
import { mappedGroupsOf } from './members.js';
import { sideTables } from './side.js';

/** Options of `mappedStore`. */
export interface MappedStoreOptions {
  readonly users: Mapping;
  readonly groups?: Mapping | undefined;
  /** What the names of the side tables begin with, as for `createSideTables`. Left out: there are none. */
  readonly sideTables?: string | undefined;
  /** Name of the table of the outbox, `scim_outbox` where `createScimTables` made it. Left out: no outbox. */
  readonly outbox?: string | undefined;
  /** How many resources a filter may be evaluated over that SQL cannot decide; more are answered 400 tooMany. Default 10,000. */
  readonly scanLimit?: number | undefined;
  /** Called where a list is evaluated in memory. Default: `DEBUG=express-scim:sql` shows it. */
  readonly onScan?: ((resourceType: string) => void) | undefined;
  /**
   * Takes what `inspectMapping` finds out about the table of users, once, at the first call of the store. Default:
   * `process.emitWarning`.
   */
  readonly onWarning?: ((warning: string) => void) | undefined;
  /** Left out: told from the instance of Kysely. */
  readonly dialect?: Dialect | undefined;
}

/**
 * Users and groups over tables that are there already.
 *
 * @param db the host's own instance of Kysely
 * @throws TypeError where a mapping cannot work
 *
 * @example
 * const store = mappedStore(db, { users, groups, sideTables: 'scim_side_' });
 * app.use('/scim/v2', createScimRouter(store, { authenticate }));
 */
export function mappedStore<DB>(db: Kysely<DB>, options: MappedStoreOptions): UserStore {
  const untyped = db as unknown as Kysely<unknown>;
  const dialect = options.dialect ?? dialectOf(untyped);
  const side = options.sideTables === undefined ? undefined : sideTables(options.sideTables);
  const users = compileMapping('User', options.users, { dialect, side: side?.users, users: undefined });
  const groups =
    options.groups && compileMapping('Group', options.groups, { dialect, side: side?.groups, users: () => users });
  const { id } = options.users;
  if (
    groups !== undefined &&
    id.prefix === groups.mapping.id.prefix &&
    (id.type !== 'uuid' || groups.mapping.id.type !== 'uuid')
  ) {
    throw new TypeError('Users and groups would share ids: give their mappings prefixes, such as u and g.');
  }
  const database: MappedDatabase = {
    db: untyped,
    users,
    groups,
    outbox: options.outbox,
    scanLimit: options.scanLimit ?? 10_000,
    onScan: options.onScan ?? noticeScan,
    atFirstCall: once(() => void warn(untyped, options.users, dialect, options.onWarning ?? emitWarning)),
  };
  return groups === undefined
    ? new MappedResources<User>(database, users)
    : new MappedUsers(database, users, new MappedGroups(database, groups));
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    work();
  };
}

/** Nobody waits for it: what cannot be inspected fails where it is used. */
async function warn(
  db: Kysely<unknown>,
  users: Mapping,
  dialect: Dialect,
  tell: (warning: string) => void,
): Promise<void> {
  const warnings = await inspectMapping(db, users, { dialect }).catch(() => []);
  for (const warning of warnings) tell(warning);
}

function emitWarning(warning: string): void {
  process.emitWarning(warning, { type: 'ExpressScimWarning', code: 'SCIM_MAPPING' });
}

class MappedUsers extends MappedResources<User> implements UserStore {
  readonly groups: GroupStore;

  constructor(database: MappedDatabase, users: MappedDatabase['users'], groups: GroupStore) {
    super(database, users);
    this.groups = groups;
  }
}

class MappedGroups extends MappedResources<Group> implements GroupStore {
  groupsOf(userIds: readonly string[], ctx: ScimContext): Promise<ReadonlyMap<string, readonly GroupRef[]>> {
    const scope = this.scope(this.database.db, ctx);
    return reading(() => mappedGroupsOf(userIds, { users: this.database.users, groups: this.compiled }, scope));
  }
}
