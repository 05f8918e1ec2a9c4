import { generateConnectorKey } from '../auth/key.js';
import type { ConflictDecision } from '../lifecycle/conflicts/conflicts.js';
import type { Scope } from '../contract/context.js';
import type { Connection, ConnectionKey } from './contract.js';
import type { Fields } from './fields.js';
import { PanelError } from './panel-error.js';
import { isProviderId } from './providers.js';
import { testConnection, type ConnectionTestResult } from './test-connection.js';
import type { Visit } from './visit.js';

/** A key in clear, on its way to the administrator: the only time it is seen. */
export interface NewKey {
  readonly id: string;
  readonly name: string;
  readonly key: string;
  readonly expiresAt?: Date | undefined;
  /** Of a rotation: until when the old key works too. */
  readonly oldUntil?: Date | undefined;
}

/** Choices for what a key may do. */
export const scopeChoices = {
  everything: { label: 'Everything', hint: 'Users, groups and all other resource types', scopes: undefined },
  users: { label: 'Users only', hint: 'Reads and changes users', scopes: ['users:read', 'users:write'] },
  read: { label: 'Read only', hint: 'Changes nothing', scopes: ['read'] },
} as const satisfies Readonly<
  Record<string, { readonly label: string; readonly hint: string; readonly scopes: readonly Scope[] | undefined }>
>;

/** Days that a key may live; 0 is for ever. */
export const lifetimes: readonly number[] = [30, 90, 180, 365, 0];

/** Hours that an old key lives on after a rotation. */
export const overlaps: readonly number[] = [0, 1, 24, 168];

const mostKeys = 20;
const testMinutes = 1;

/** Switches provisioning on or off. */
export async function saveStatus(visit: Visit, fields: Fields): Promise<void> {
  const enabled = fields.get('enabled');
  if (enabled !== 'true' && enabled !== 'false') throw new PanelError(400, 'Choose Enabled or Disabled.');
  await ensure(visit);
  const { tenant, id } = visit.connection;
  await visit.options.connections.update(tenant, id, { enabled: enabled === 'true' });
}

/** Chooses the identity provider. */
export async function saveProvider(visit: Visit, fields: Fields): Promise<void> {
  const provider = fields.get('provider');
  if (!isProviderId(provider)) throw new PanelError(400, 'Choose one of the providers.');
  await ensure(visit);
  const { tenant, id } = visit.connection;
  await visit.options.connections.update(tenant, id, { provider });
}

/** Makes a key. */
export async function createKey(visit: Visit, fields: Fields): Promise<NewKey> {
  const scope = fields.get('scope') ?? 'everything';
  if (!Object.hasOwn(scopeChoices, scope)) throw new PanelError(400, 'Choose what the key may do.');
  const days = Number(fields.get('days') ?? 365);
  if (!lifetimes.includes(days)) throw new PanelError(400, 'Choose one of the lifetimes.');
  const name = readName(fields.get('name'));
  await ensure(visit);
  return addKey(visit, {
    name,
    scopes: scopeChoices[scope as keyof typeof scopeChoices].scopes,
    expiresAt: days === 0 ? undefined : new Date(visit.now.getTime() + days * 86_400_000),
  });
}

/** Makes a key like another one, which ends after a while. */
export async function rotateKey(visit: Visit, keyId: string, fields: Fields): Promise<NewKey> {
  const old = liveKey(visit, keyId);
  const hours = Number(fields.get('hours') ?? 24);
  if (!overlaps.includes(hours)) throw new PanelError(400, 'Choose how long the old key works on.');
  const { createdAt, expiresAt, name, scopes } = old;
  const lifetime = expiresAt === undefined ? undefined : expiresAt.getTime() - createdAt.getTime();
  const added = await addKey(visit, {
    name,
    scopes,
    expiresAt: lifetime === undefined ? undefined : new Date(visit.now.getTime() + lifetime),
  });
  const oldUntil = new Date(visit.now.getTime() + hours * 3_600_000);
  const { tenant, id } = visit.connection;
  const end = hours === 0 ? { revokedAt: visit.now } : { expiresAt: oldUntil };
  await visit.options.connections.endKey(tenant, id, keyId, end);
  return { ...added, oldUntil: expiresAt !== undefined && expiresAt < oldUntil ? expiresAt : oldUntil };
}

/** Ends a key at once. */
export async function revokeKey(visit: Visit, keyId: string): Promise<void> {
  keyOf(visit, keyId);
  const { tenant, id } = visit.connection;
  await visit.options.connections.endKey(tenant, id, keyId, { revokedAt: visit.now });
}

/** Plays the provider's connection test with a key that lives for a minute. */
export async function runTest(visit: Visit): Promise<ConnectionTestResult> {
  await ensure(visit);
  const { connections, fetch } = visit.options;
  const { tenant, id, provider, keys } = visit.connection;
  // What a process that died has left.
  for (const left of keys) {
    if (left.temporary === true && !isLive(left, visit.now)) await connections.removeKey(tenant, id, left.id);
  }
  const { key, id: keyId } = await addKey(visit, {
    name: 'Connection test',
    scopes: ['read'],
    expiresAt: new Date(visit.now.getTime() + testMinutes * 60_000),
    temporary: true,
  });
  try {
    return await testConnection({ baseUrl: visit.scimUrl, key, provider, fetch });
  } finally {
    await connections.removeKey(tenant, id, keyId);
  }
}

/** Settles a conflict. */
export async function settleConflict(visit: Visit, conflictId: string, fields: Fields): Promise<void> {
  const { options, administrator, connection, now } = visit;
  if (!administrator.seePersonalData) {
    const waiting = await options.conflicts?.list(connection.tenant);
    if (waiting?.find(({ id }) => id === conflictId)?.kind !== 'mass-deactivation') {
      throw new PanelError(403, 'Who may not see personal data cannot tell who is who: ask somebody who may.');
    }
  }
  const choice = fields.get('choice') ?? '';
  const made = { by: administrator.user, time: now.toISOString() };
  let decision: ConflictDecision;
  if (choice.startsWith('link:')) decision = { action: 'link', id: choice.slice('link:'.length), ...made };
  else if (choice === 'create' || choice === 'refuse' || choice === 'approve') decision = { action: choice, ...made };
  else throw new PanelError(400, 'Choose what is to happen.');
  let settled;
  try {
    settled = await options.conflicts?.settle(connection.tenant, conflictId, decision);
  } catch (error) {
    if (error instanceof TypeError) throw new PanelError(400, 'This decision does not fit the conflict.');
    throw error;
  }
  if (settled === undefined) throw new PanelError(409, 'Somebody has settled this already, or it is gone.');
}

/** Whether a key can be used. */
export function isLive(key: ConnectionKey, now: Date): boolean {
  return key.revokedAt === undefined && (key.expiresAt === undefined || key.expiresAt > now);
}

/** The key of this connection with this id. @throws PanelError 404 */
export function keyOf({ connection }: Visit, keyId: string): ConnectionKey {
  const key = connection.keys.find((each) => each.id === keyId && each.temporary !== true);
  if (key === undefined) throw new PanelError(404, 'There is no such key.');
  return key;
}

/** @throws PanelError 404, or 409 for a key that has ended */
export function liveKey(visit: Visit, keyId: string): ConnectionKey {
  const key = keyOf(visit, keyId);
  if (!isLive(key, visit.now)) throw new PanelError(409, 'This key has ended: create a new one.');
  return key;
}

async function addKey(
  visit: Visit,
  { name, scopes, expiresAt, temporary }: Pick<ConnectionKey, 'name' | 'scopes' | 'expiresAt' | 'temporary'>,
): Promise<NewKey> {
  const { connection, options, now } = visit;
  const live = connection.keys.filter((each) => isLive(each, now) && each.temporary !== true);
  if (temporary !== true && live.length >= mostKeys) {
    throw new PanelError(409, `There are ${String(mostKeys)} keys: revoke one that nobody uses.`);
  }
  const { key, id, digest } = generateConnectorKey(options.keyPrefix);
  await options.connections.addKey(connection.tenant, connection.id, {
    ...{ id, name, digest, scopes, createdAt: now, expiresAt, temporary },
  });
  return { id, name, key, expiresAt };
}

function readName(given = ''): string {
  const name = given.trim();
  if (name === '' || name.length > 80 || /\p{C}/u.test(name)) {
    throw new PanelError(400, 'Give the key a name of 1 to 80 characters.');
  }
  return name;
}

async function ensure({ options, connection }: Visit): Promise<void> {
  const { keys: _, ...made }: Connection = connection;
  await options.connections.create(made);
}
