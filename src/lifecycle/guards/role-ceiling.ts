import { ForbiddenError } from '../../errors.js';
import type { Awaitable } from '../../contract/awaitable.js';
import type { ScimContext } from '../../contract/context.js';
import type { ProposedChange } from '../../hooks.js';
import type { Guard } from './guards.js';

/** What may be granted: either only these values, or all but these. Letter case and width do not count. */
export type Ceiling =
  | { readonly allowed: readonly string[]; readonly forbidden?: undefined }
  | { readonly forbidden: readonly string[]; readonly allowed?: undefined };

/** Options of `roleCeiling`. */
export interface RoleCeilingOptions {
  /** Values of `roles`. */
  readonly roles?: Ceiling | undefined;
  /** Values of `entitlements`. */
  readonly entitlements?: Ceiling | undefined;
  /** `userType`, where the host gives rights by it. */
  readonly userType?: Ceiling | undefined;
  /** Ids of groups that nobody is put into by the identity provider. By id: a name can be chosen by whoever renames. */
  readonly groups?: readonly string[] | ((groupId: string, ctx: ScimContext) => Awaitable<boolean>) | undefined;
}

const guarded = ['roles', 'entitlements', 'userType'] as const;

/**
 * Keeps the identity provider from granting privileged roles, such as `owner`.
 *
 * Who has such a role already keeps it, also through a PUT that repeats it; taking it away is allowed (see `lastOwner`).
 * Of a guarded group a PUT with members is refused as a whole, since who is in it already is not known here.
 *
 * @throws ForbiddenError (403)
 *
 * @example
 * roleCeiling({ roles: { forbidden: ['owner', 'billing-admin'] }, groups: [ownersGroupId] });
 */
export function roleCeiling(options: RoleCeilingOptions): Guard {
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

function compile(ceiling: Ceiling): (granted: Granted) => boolean {
  if (ceiling.allowed !== undefined) {
    const allowed = new Set(ceiling.allowed.map(fold));
    return ({ value, display }) => !allowed.has(fold(value ?? display ?? ''));
  }
  const forbidden = new Set(ceiling.forbidden.map(fold));
  return ({ value, display }) =>
    [value, display].some((text) => text !== undefined && namesIn(text).some((name) => forbidden.has(fold(name))));
}

/** The text itself and, where an identity provider sends an app role as JSON in a string, what stands inside. */
function namesIn(text: string): readonly string[] {
  if (!/^\s*[{[]/.test(text)) return [text];
  try {
    return [text, ...stringsIn(JSON.parse(text))];
  } catch {
    return [text];
  }
}

function stringsIn(json: unknown): string[] {
  if (typeof json === 'string') return [json];
  return typeof json === 'object' && json !== null ? Object.values(json).flatMap(stringsIn) : [];
}

function fold(text: string): string {
  return text.normalize('NFKC').trim().toLowerCase();
}

function textOf({ value, display }: Granted): string {
  return JSON.stringify([fold(value ?? ''), fold(display ?? '')]);
}
