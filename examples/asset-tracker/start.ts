// Creates the server, starts it, and shuts it down gracefully.
import { hkdfSync, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Kysely } from 'kysely';
import { sqlConflictStore, sqlConnectionStore, sqlHoldStore } from 'express-scim/sql';
import { createApplication } from './application.js';
import { createAttempts } from './attempts.js';
import type { Configuration } from './configuration.js';
import { createConnections } from './connections.js';
import { type Database, openDatabase, type Tables } from './database.js';
import { createEventWorker } from './events.js';
import { createLog, type Log } from './log.js';
import { createOffboarding } from './off-boarding.js';
import { withEmail } from './users.js';
import { createProvisioning } from './provisioning.js';
import { createTables } from './schema.js';
import { createRoles } from './roles.js';
import { createStore } from './scim.js';
import { seed } from './seed.js';
import type { Services } from './services.js';
import { hashPassword, isPassword } from './passwords.js';
import { isAdministrator, Sessions } from './sessions.js';
import { storedSecret } from './settings.js';
import { createWatchers } from './watchers.js';
import { createWebhooks } from './webhooks.js';

/** A running server. */
export interface RunningServer {
  /** URL without a path, such as `http://127.0.0.1:3000`. */
  readonly address: string;
  readonly email: string;
  readonly password: string;
  readonly services: Services;
  /** Waits for running requests, then stops the background workers, then closes the database. */
  stop(): Promise<void>;
}

/** @throws if the database is unavailable or the port is in use */
export async function startServer(
  configuration: Configuration,
  log: Log = createLog(configuration),
): Promise<RunningServer> {
  const database = openDatabase(configuration, (error) => log.error('a connection to the database broke', { error }));
  try {
    return await start(configuration, database, log);
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function start(configuration: Configuration, database: Database, log: Log): Promise<RunningServer> {
  const { db } = database;
  const isNewDatabase = await createTables(database, (empty) => (configuration.seed ? seed(empty) : Promise.resolve()));
  if (isNewDatabase) log.info('tables created', { seeded: configuration.seed });
  const password = await ensureAdministrator(database, configuration, log);
  const secret = configuration.sessionSecret ?? (await storedSecret(db, 'session.secret'));
  const derivedSecret = (use: string): string => Buffer.from(hkdfSync('sha256', secret, '', use, 32)).toString('hex');

  const [conflicts, holds] = [sqlConflictStore(db), sqlHoldStore(db)];
  const { publicUrl, sessionHours } = configuration;
  if (publicUrl?.startsWith('https:') === true && configuration.trustProxy === 0) {
    log.warn('PUBLIC_URL is https, so TRUST_PROXY must be the number of proxies: otherwise nobody can sign in');
  }
  let listensAt = '';
  const store = createStore(database);
  const connectionStore = sqlConnectionStore(db, { dialect: database.dialect });
  const connections = createConnections(database, {
    ...{ store, connections: connectionStore, secret: derivedSecret('set-up links'), log },
    address: () => publicUrl ?? listensAt,
  });
  const sessions = new Sessions(db, {
    secret,
    hours: sessionHours,
    secure: publicUrl?.startsWith('https:') === true,
    attempts: createAttempts(database.pool),
    statusOf: connections.statusOf,
  });
  const { rights, roleMappings } = createRoles(database, store, log);
  const webhooks = createWebhooks(database, {
    configuration,
    secret: Buffer.from(derivedSecret('webhooks'), 'hex'),
    localUrl: () => listensAt,
    log,
  });
  const provisioning = createProvisioning({
    database,
    log,
    conflicts,
    sessions,
    secret: derivedSecret('panel'),
    connections: connectionStore,
    life: connections,
    roleMappings,
    deliveries: webhooks.deliveries,
    address: () => publicUrl ?? listensAt,
  });
  const watchers = createWatchers();
  const leaving = createOffboarding(db, log, watchers);
  const events = createEventWorker(
    database,
    async (event) => {
      await connections.links.onChange(event);
      await leaving.onChange(event);
    },
    { log, watchers, deliveries: webhooks.deliveries, onHandled: (event) => provisioning.hooks.onChange(event) },
  );
  const services = {
    configuration,
    database,
    log,
    sessions,
    conflicts,
    holds,
    leaving,
    rights,
    roleMappings,
    events,
    webhooks,
    watchers,
    provisioning,
    connections,
    store,
  };

  let stopping = false;
  const server = createServer(createApplication(services, derivedSecret('cursors'), () => stopping));
  listensAt = await listen(server, configuration);
  leaving.start();
  connections.endings.start();
  roleMappings.start();
  webhooks.deliveries.start();
  events.start();

  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    // First, since the server is its own receiver: what is not delivered yet is sent after the next start.
    await webhooks.deliveries.stop();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    provisioning.close();
    watchers.close();
    const late = setTimeout(() => server.closeAllConnections(), configuration.shutdownSeconds * 1_000);
    server.closeIdleConnections();
    await closed;
    clearTimeout(late);
    await events.stop();
    await leaving.stop();
    await connections.endings.stop();
    await roleMappings.stop();
    await database.close();
  };
  return { address: listensAt, email: configuration.adminEmail, password, services, stop };
}

/**
 * Creates the administrator if necessary, and sets the configured or generated password. If the configured password has
 * changed, the sessions of the administrator end.
 */
async function ensureAdministrator({ db }: Database, configuration: Configuration, log: Log): Promise<string> {
  const password = configuration.adminPassword ?? randomBytes(9).toString('base64url');
  const hash = await hashPassword(password);
  const account = await withEmail(db, configuration.adminEmail)
    .leftJoin('credentials', 'credentials.member_id', 'members.id')
    .select(['members.id', 'members.role', 'members.may_sign_in', 'credentials.hash'])
    .executeTakeFirst();
  const passwordChanged =
    configuration.adminPassword !== undefined && !(await isPassword(password, account?.hash ?? undefined));
  await db.transaction().execute(async (transaction) => {
    const id = account?.id ?? (await addAdministrator(transaction, configuration.adminEmail));
    await transaction
      .insertInto('credentials')
      .values({ member_id: id, hash })
      .onConflict((conflict) => conflict.column('member_id').doUpdateSet({ hash }))
      .execute();
    if (passwordChanged) await transaction.deleteFrom('sessions').where('member_id', '=', id).execute();
  });
  if (account !== undefined && !(account.may_sign_in === 1 && isAdministrator(account.role))) {
    log.warn('the member with ADMIN_EMAIL may not sign in: choose another member');
  }
  return password;
}

async function addAdministrator(db: Kysely<Tables>, email: string): Promise<number> {
  const { id } = await db
    .insertInto('members')
    .values({
      ...{ email, email_verified: 1, display_name: 'Administrator', role: 'owner', role_source: 'hand' },
      ...{ may_sign_in: 1, may_hold_assets: 1, created_at: new Date().toISOString() },
    } as never)
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** @returns the URL of the server */
function listen(server: Server, { port, host }: Configuration): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const { port: taken } = server.address() as AddressInfo;
      resolve(`http://${host.includes(':') ? `[${host}]` : host}:${String(taken)}`);
    });
  });
}
