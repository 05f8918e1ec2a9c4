import { type GeneratedKey, generateConnectorKey } from '../auth/key.js';
import type { ConflictDecision } from '../lifecycle/conflicts/conflicts.js';
import { audited } from './audited.js';
import type { Connection, ConnectionKey } from './contract.js';
import { refuseWhileEnding } from './end-connection.js';
import type { Fields } from './fields.js';
import { isLive, liveKeyNamed, scopeChoices } from './key-access.js';
import { readNetworks } from './network-settings.js';
import { DoubtfulError, PanelError } from './panel-error.js';
import { isProviderId } from './providers.js';
import { testConnection, type ConnectionTestResult } from './test-connection.js';
import type { Visit } from './visit.js';

/** A new key in plaintext, shown to the administrator this one time. */
export interface NewKey {
  readonly id: string;
  readonly name: string;
  readonly key: string;
  readonly expiresAt?: Date | undefined;
  /** After a rotation: until when the old key still works. */
  readonly oldUntil?: Date | undefined;
}

/** Lifetimes of a key to choose from; 0: it never expires. */
export const lifetimeDays: readonly number[] = [30, 90, 180, 365, 0];

/** How long the old key can stay valid after a rotation. */
export const overlapHours: readonly number[] = [0, 1, 24, 168];

const defaultMaxKeys = 20;
const testKeyMilliseconds = 60_000;
const hourMilliseconds = 3_600_000;
const dayMilliseconds = 86_400_000;

/** Enables or disables provisioning. */
export async function saveStatus(visit: Visit, fields: Fields): Promise<void> {
  const enabled = fields.get('enabled');
  if (enabled !== 'true' && enabled !== 'false') throw new PanelError(400, 'Choose Enabled or Disabled.');
  const { tenant, id } = visit.connection;
  if (enabled === 'true') await refuseWhileEnding(visit);
  await audited(visit, enabled === 'true' ? 'connection.enabled' : 'connection.disabled', {}, async () => {
    await createConnection(visit);
    await visit.options.connections.update(tenant, id, { enabled: enabled === 'true' });
  });
}

/** Saves which identity provider the connection is for. */
export async function saveProvider(visit: Visit, fields: Fields): Promise<void> {
  const provider = fields.get('provider');
  if (!isProviderId(provider)) throw new PanelError(400, 'Choose an identity provider from the list.');
  const { tenant, id } = visit.connection;
  await audited(visit, 'connection.provider', { provider }, async () => {
    await createConnection(visit);
    await visit.options.connections.update(tenant, id, { provider });
  });
}

/** Creates a key. Rights and lifetime have to be stated: no key is powerful because somebody forgot a field. */
export async function createKey(visit: Visit, fields: Fields): Promise<NewKey> {
  const scope = fields.get('scope') ?? '';
  if (!Object.hasOwn(scopeChoices, scope)) {
    throw new PanelError(400, `Choose what the key may do: scope is ${listed(Object.keys(scopeChoices))}.`, 'scope');
  }
  const days = chosenNumber(fields.get('days'), lifetimeDays);
  if (days === undefined) {
    throw new PanelError(400, `Choose a lifetime: days is ${listed(lifetimeDays)} (0: no end).`, 'days');
  }
  const name = readName(fields.get('name'));
  const networks = readNetworks(fields.get('networks'));
  const key = generateConnectorKey(visit.options.keyPrefix);
  const subjects = { key: key.id, name, scope, days: String(days), ...networkSubject(networks) };
  return audited(visit, 'key.created', subjects, async () => {
    await createConnection(visit);
    return addKey(visit, key, {
      name,
      scopes: scopeChoices[scope as keyof typeof scopeChoices].scopes,
      networks,
      expiresAt: days === 0 ? undefined : new Date(visit.now.getTime() + days * dayMilliseconds),
    });
  });
}

/** Asks once more before a second key gets the name of a key that is in use. Then nobody can tell which is which. */
export function checkNewName(visit: Visit, fields: Fields): void {
  const name = readName(fields.get('name'));
  if (fields.get('duplicate') === 'true' || liveKeyNamed(visit.connection, name, visit.now) === undefined) return;
  throw new DoubtfulError(400, `There is already a key named ${name}. Enter another name.`, 'name');
}

/** Creates a key with the rights, networks and lifetime of another one, and makes that one expire. */
export async function rotateKey(visit: Visit, keyId: string, fields: Fields): Promise<NewKey> {
  const old = liveKey(visit, keyId);
  const hours = chosenNumber(fields.get('hours') ?? '24', overlapHours);
  if (hours === undefined) throw new PanelError(400, 'Choose how long the old key stays valid.', 'hours');
  const { createdAt, expiresAt, name, scopes, networks } = old;
  const lifetime = expiresAt === undefined ? undefined : expiresAt.getTime() - createdAt.getTime();
  const oldUntil = new Date(visit.now.getTime() + hours * hourMilliseconds);
  const key = generateConnectorKey(visit.options.keyPrefix);
  const subjects = { key: key.id, name, old: keyId, hours: String(hours), ...networkSubject(networks) };
  const added = await audited(visit, 'key.rotated', subjects, async () => {
    const made = await addKey(visit, key, {
      name,
      scopes,
      networks,
      expiresAt: lifetime === undefined ? undefined : new Date(visit.now.getTime() + lifetime),
    });
    const { tenant, id } = visit.connection;
    const end = hours === 0 ? { revokedAt: visit.now } : { expiresAt: oldUntil };
    await visit.options.connections.endKey(tenant, id, keyId, end);
    return made;
  });
  return { ...added, oldUntil: expiresAt !== undefined && expiresAt < oldUntil ? expiresAt : oldUntil };
}

/** Revokes a key with immediate effect. */
export async function revokeKey(visit: Visit, keyId: string): Promise<void> {
  const { name } = keyOf(visit, keyId);
  const { tenant, id } = visit.connection;
  await audited(visit, 'key.revoked', { key: keyId, name }, async () => {
    await visit.options.connections.endKey(tenant, id, keyId, { revokedAt: visit.now });
  });
}

/** Simulates the identity provider's connection test, with a key that is valid for one minute. */
export async function runTest(visit: Visit): Promise<ConnectionTestResult> {
  await createConnection(visit);
  const { connections, fetch } = visit.options;
  const { tenant, id, provider, keys } = visit.connection;
  // Test keys that a crashed process has left behind.
  for (const each of keys) {
    if (each.temporary === true && !isLive(each, visit.now)) await connections.removeKey(tenant, id, each.id);
  }
  const { key, id: keyId } = await addKey(visit, generateConnectorKey(visit.options.keyPrefix), {
    name: 'Connection test',
    scopes: ['read'],
    expiresAt: new Date(visit.now.getTime() + testKeyMilliseconds),
    temporary: true,
  });
  try {
    return await testConnection({ baseUrl: visit.scimUrl, key, provider, fetch });
  } finally {
    await connections.removeKey(tenant, id, keyId);
  }
}

/** Saves the administrator's decision about a conflict. */
export async function settleConflict(visit: Visit, conflictId: string, fields: Fields): Promise<void> {
  const { options, administrator, connection, now } = visit;
  if (!administrator.seePersonalData) {
    const waiting = await options.conflicts?.list(connection.tenant);
    if (waiting?.find(({ id }) => id === conflictId)?.kind !== 'mass-deactivation') {
      throw new PanelError(
        403,
        'You cannot decide this without access to personal data. Ask an administrator who has it.',
      );
    }
  }
  const choice = fields.get('choice') ?? '';
  const decidedBy = { by: administrator.user, time: now.toISOString() };
  let decision: ConflictDecision;
  if (choice.startsWith('link:')) decision = { action: 'link', id: choice.slice('link:'.length), ...decidedBy };
  else if (choice === 'create' || choice === 'refuse' || choice === 'approve')
    decision = { action: choice, ...decidedBy };
  else throw new PanelError(400, 'Choose one of the options.');
  const subjects = {
    ...{ conflict: conflictId, decision: decision.action },
    ...(decision.action === 'link' && { account: decision.id }),
  };
  await audited(visit, 'conflict.settled', subjects, async () => {
    let settled;
    try {
      settled = await options.conflicts?.settle(connection.tenant, conflictId, decision);
    } catch (error) {
      if (error instanceof TypeError) throw new PanelError(400, 'This decision is not possible for this conflict.');
      throw error;
    }
    if (settled === undefined)
      throw new PanelError(409, 'This conflict has already been decided, or it no longer exists.');
  });
}

/** The key of this connection with this ID. @throws PanelError 404 */
export function keyOf({ connection }: Visit, keyId: string): ConnectionKey {
  const key = connection.keys.find((each) => each.id === keyId && each.temporary !== true);
  if (key === undefined) throw new PanelError(404, 'This key does not exist.');
  return key;
}

/** The valid key of this connection with this ID. @throws PanelError 404, or 409 for an expired or revoked key */
export function liveKey(visit: Visit, keyId: string): ConnectionKey {
  const key = keyOf(visit, keyId);
  if (!isLive(key, visit.now)) throw new PanelError(409, 'This key has expired or was revoked. Create a new one.');
  return key;
}

async function addKey(
  visit: Visit,
  { key, id, digest }: GeneratedKey,
  added: Pick<ConnectionKey, 'name' | 'scopes' | 'networks' | 'expiresAt' | 'temporary'>,
): Promise<NewKey> {
  await refuseWhileEnding(visit);
  const { connection, options, now } = visit;
  const { name, expiresAt, temporary } = added;
  const max = options.maxKeys ?? defaultMaxKeys;
  const tooMany = new PanelError(
    409,
    `A connection can have ${String(max)} keys. Revoke a key that is no longer used.`,
  );
  // A store of the host may ignore the bound.
  const live = connection.keys.filter((each) => isLive(each, now) && each.temporary !== true);
  if (temporary !== true && live.length >= max) throw tooMany;
  const result = await options.connections.addKey(
    connection.tenant,
    connection.id,
    { ...added, id, digest, createdAt: now },
    temporary === true ? undefined : { max, now },
  );
  if (result === 'full') throw tooMany;
  return { id, name, key, expiresAt };
}

function networkSubject(networks: readonly string[] | undefined): { readonly networks?: string } {
  return networks === undefined ? {} : { networks: networks.join(' ') };
}

/** Compared as text: `Number` reads an empty field as 0, which is a key that never expires. */
function chosenNumber(text: string | undefined, choices: readonly number[]): number | undefined {
  return choices.find((choice) => String(choice) === text);
}

function listed(choices: readonly (string | number)[]): string {
  return `${choices.slice(0, -1).join(', ')} or ${String(choices.at(-1))}`;
}

function readName(text = ''): string {
  const name = text.trim();
  if (name === '' || name.length > 80 || /\p{C}/u.test(name)) {
    throw new PanelError(400, 'Enter a name of 1 to 80 characters.', 'name');
  }
  return name;
}

/** The connection is stored when its first setting is saved. */
async function createConnection({ options, connection }: Visit): Promise<void> {
  const { keys: _, ...withoutKeys }: Connection = connection;
  await options.connections.create(withoutKeys);
}
