import type { Scope } from '../contract/context.js';
import type { Connection, ConnectionKey } from './contract.js';

/** What an administrator can allow a key to do. */
export const scopeChoices = {
  everything: {
    label: 'Everything',
    hint: 'Users, groups and all other resource types',
    scopes: undefined,
    inWords: 'access to everything',
    limit: 'may not do this',
  },
  users: {
    label: 'Users only',
    hint: 'Read and change users',
    scopes: ['users:read', 'users:write'],
    inWords: 'access to users only',
    limit: 'may read and change users only',
  },
  read: {
    label: 'Read only',
    hint: 'Read everything, change nothing',
    scopes: ['read'],
    inWords: 'access to read only',
    limit: 'may only read',
  },
} as const satisfies Readonly<
  Record<
    string,
    {
      readonly label: string;
      readonly hint: string;
      readonly scopes: readonly Scope[] | undefined;
      /** As the end of a sentence about a new key. */
      readonly inWords: string;
      /** As the end of a sentence about a request that was refused. */
      readonly limit: string;
    }
  >
>;

/** What the key may do, as the label of a choice, or as its scopes. */
export function scopeLabel({ scopes }: Pick<ConnectionKey, 'scopes'>): string {
  return choiceOf(scopes)?.label ?? scopes?.join(', ') ?? '';
}

/** What the key may do, as the end of a sentence: `may only read`. */
export function accessOfKey({ scopes }: Pick<ConnectionKey, 'scopes'>): string {
  return choiceOf(scopes)?.limit ?? 'may not do this';
}

function choiceOf(scopes: ConnectionKey['scopes']) {
  return Object.values(scopeChoices).find((each) => JSON.stringify(each.scopes) === JSON.stringify(scopes));
}

/** Whether a key can be used. */
export function isLive(key: ConnectionKey, now: Date): boolean {
  return key.revokedAt === undefined && (key.expiresAt === undefined || key.expiresAt > now);
}

/** The valid keys of a connection, without those of connection tests. */
export function liveKeys({ keys }: Connection, now: Date): readonly ConnectionKey[] {
  return keys.filter((key) => key.temporary !== true && isLive(key, now));
}

/** The valid key with this name. */
export function liveKeyNamed(connection: Connection, name: string, now: Date): ConnectionKey | undefined {
  return liveKeys(connection, now).find((key) => key.name.toLowerCase() === name.toLowerCase());
}
