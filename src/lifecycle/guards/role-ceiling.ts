import { ForbiddenError } from '../../errors.js';
import type { Awaitable } from '../../contract/awaitable.js';
import type { ScimContext } from '../../contract/context.js';
import type { ProposedChange } from '../../hooks.js';
import type { Guard } from './guards.js';
import { checkOptions } from '../../contract/option-mistakes.js';
import { isObject } from '../../contract/is-object.js';

/**
 * Which values may be granted: only these, or all except these. Case, Unicode width and surrounding whitespace are
 * ignored. Both `value` and `display` of a role count: with `allowed`, each that is present has to be allowed.
 *
 * @example
 * import type { GrantCeiling } from 'express-scim/lifecycle';
 *
 * export const roles: GrantCeiling = { forbidden: ['owner'] };
 * export const userTypes: GrantCeiling = { allowed: ['employee', 'contractor'] };
 */
export type GrantCeiling =
  | { readonly allowed: readonly string[]; readonly forbidden?: undefined }
  | { readonly forbidden: readonly string[]; readonly allowed?: undefined };

/**
 * Options of `roleCeiling`.
 *
 * @example
 * import type { RoleCeilingOptions } from 'express-scim/lifecycle';
 *
 * export const options: RoleCeilingOptions = { roles: { forbidden: ['owner'] }, groups: ['g-owners'] };
 */
export interface RoleCeilingOptions {
  /** Which values of `roles` may be granted. Default: all. */
  readonly roles?: GrantCeiling | undefined;
  /** Which values of `entitlements` may be granted. Default: all. */
  readonly entitlements?: GrantCeiling | undefined;
  /** Which values of `userType` may be set, if your app grants rights by it. Default: all. */
  readonly userType?: GrantCeiling | undefined;
  /** IDs of groups to which the identity provider may not add members. By ID, because a group can be renamed. */
  readonly groups?: readonly string[] | ((groupId: string, ctx: ScimContext) => Awaitable<boolean>) | undefined;
}

const guarded = ['roles', 'entitlements', 'userType'] as const;

/**
 * Keeps the identity provider from granting privileged roles, such as `owner`.
 *
 * A user who already has such a role keeps it, also through a PUT that repeats it. Removing it is allowed (see
 * `lastOwner`). A PUT of a guarded group with members is refused as a whole, because the guard does not know its current
 * members.
 *
 * The guard throws ForbiddenError (403).
 *
 * @example
 * import { roleCeiling } from 'express-scim/lifecycle';
 *
 * export const beforeChange = roleCeiling({
 *   roles: { forbidden: ['owner', 'billing-admin'] },
 *   groups: ['g-owners'],
 * });
 */
export function roleCeiling(options: RoleCeilingOptions): Guard {
  checkOptions(
    options,
    {
      of: 'roleCeiling',
      page: 'lifecycle.md#guards',
      kinds: { roles: 'object', entitlements: 'object', userType: 'object', groups: ['list', 'function'] },
    },
    (given) => guarded.map((name) => mistakeInCeiling(name, given[name])),
  );
  const ceilings = guarded.flatMap((attribute) => {
    const ceiling = options[attribute];
    return ceiling === undefined ? [] : [{ attribute, refuses: compile(ceiling) }];
  });
  return async (change, ctx) => {
    if (change.resourceType === 'Group') return guardGroup(options, change, ctx);
    if (change.resourceType !== 'User') return;
    for (const { attribute, refuses } of ceilings) {
      const refused = valuesOf(change.set[attribute]).filter(refuses);
      if (refused.length === 0) continue;
      const held = new Set(
        valuesOf((await change.current())?.[attribute])
          .filter(refuses)
          .map(textOf),
      );
      if (refused.every((value) => held.has(textOf(value)))) continue;
      throw new ForbiddenError(
        `The identity provider is not permitted to grant this value of ${attribute}. An administrator can grant it in the application.`,
      );
    }
  };
}

async function guardGroup({ groups }: RoleCeilingOptions, change: ProposedChange, ctx: ScimContext): Promise<void> {
  const { id } = change;
  if (groups === undefined || id === undefined || change.addMembers.length === 0) return;
  if (!(typeof groups === 'function' ? await groups(id, ctx) : groups.includes(id))) return;
  throw new ForbiddenError(
    'The identity provider is not permitted to add members to this group. An administrator can add them in the application.',
  );
}

interface Granted {
  readonly value: string | undefined;
  readonly display: string | undefined;
}

function valuesOf(attribute: unknown): Granted[] {
  if (typeof attribute === 'string') return [{ value: attribute, display: undefined }];
  if (!Array.isArray(attribute)) return [];
  return attribute.map((each: unknown) => {
    const { value, display } = (typeof each === 'object' && each !== null ? each : { value: each }) as {
      readonly value?: unknown;
      readonly display?: unknown;
    };
    return {
      value: typeof value === 'string' ? value : undefined,
      display: typeof display === 'string' ? display : undefined,
    };
  });
}

/** @returns what is wrong with a ceiling. One without a list would allow everything. */
export function mistakeInCeiling(name: string, ceiling: unknown): string | undefined {
  if (!isObject(ceiling)) return undefined;
  const [list, ...others] = [ceiling['allowed'], ceiling['forbidden']].filter((each) => each !== undefined);
  if (others.length === 0 && Array.isArray(list) && list.every((value) => typeof value === 'string')) return undefined;
  return `${name} must be { allowed: [...] } or { forbidden: [...] }, with a list of strings`;
}

/** Whether a ceiling refuses a role of this name. */
export function refusesRole(ceiling: GrantCeiling): (role: string) => boolean {
  const refuses = compile(ceiling);
  return (role) => refuses({ value: role, display: undefined });
}

function compile(ceiling: GrantCeiling): (granted: Granted) => boolean {
  if (ceiling.allowed !== undefined) {
    const isAllowed = among(ceiling.allowed);
    return ({ value, display }) => {
      const texts = [value, display].filter((text) => text !== undefined);
      return texts.length === 0 || !texts.every(isAllowed);
    };
  }
  const isForbidden = among(ceiling.forbidden);
  return ({ value, display }) =>
    [value, display].some(
      (text) => text !== undefined && (isForbidden(text) || (looksLikeJson.test(text) && mayName(text, isForbidden))),
    );
}

/** The most UTF-16 code units that NFKC and lower-casing make one of. */
const mostUnitsOfOne = 8;

/** Whether a text is one of the names. Longer texts than could be one are not normalized, since a client can send many. */
function among(names: readonly string[]): (text: string) => boolean {
  const folded = new Set(names.map(fold));
  const longest = Math.max(0, ...[...folded].map((name) => name.length)) * mostUnitsOfOne;
  return (text) => {
    const trimmed = text.trim();
    return trimmed.length <= longest && folded.has(fold(trimmed));
  };
}

const looksLikeJson = /^\s*[{[]/;

/** An identity provider may send an app role as JSON in a string: whether it is a name, or too deep to be looked through. */
function mayName(text: string, isForbidden: (name: string) => boolean): boolean {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return false;
  }
  return holdsName(json, isForbidden, deepest);
}

const deepest = 32;

function holdsName(json: unknown, isForbidden: (name: string) => boolean, depth: number): boolean {
  if (typeof json === 'string') return isForbidden(json);
  if (typeof json !== 'object' || json === null) return false;
  return depth === 0 || Object.values(json).some((each) => holdsName(each, isForbidden, depth - 1));
}

function fold(text: string): string {
  return text.normalize('NFKC').trim().toLowerCase();
}

/** The text of a value that is refused, to find it among those that the user has. */
function textOf({ value, display }: Granted): string {
  return JSON.stringify([comparable(value), comparable(display)]);
}

/** Longer texts are compared exactly: no name of a role is so long. */
const longestFolded = 1_000;

function comparable(text = ''): string {
  return text.length <= longestFolded ? fold(text) : text;
}
