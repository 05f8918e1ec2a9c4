import type { GroupsOfUser } from './directory.js';
import type { GroupRole, GrantedRole, RightSource, RoleGrant, UserRights, WithheldRole } from './rights.js';

/** What the roles of a user follow from. */
export interface RightsFacts {
  readonly active: boolean;
  readonly groups: GroupsOfUser;
  /** Roles that groups give, by the ID of the group. */
  readonly mapping: ReadonlyMap<string, readonly GroupRole[]>;
  readonly manualGrants: readonly RoleGrant[];
}

/** Which of the mapped roles a user may get. */
export interface RightsRules {
  /** True for a role that your app has. */
  exists(role: string): boolean;
  /** True for a role that no identity provider may grant. */
  isAboveCeiling(role: string): boolean;
  /** Whether deactivated users keep the roles of their groups. */
  readonly keepsInactive: boolean;
}

/** The complete desired state of a user's roles: a pure function, in a fixed order. */
export function desiredRights(
  { tenant, userId }: Pick<UserRights, 'tenant' | 'userId'>,
  facts: RightsFacts,
  rules: RightsRules,
): UserRights {
  const { active, groups, mapping, manualGrants } = facts;
  const granted = new Map<string, RightSource[]>();
  const withheld = new Map<string, { readonly reason: WithheldRole['reason']; readonly sources: RightSource[] }>();
  for (const { role, setBy, setAt } of manualGrants) addTo(granted, role, { kind: 'manual', setBy, setAt });
  for (const groupId of [...groups.keys()].sort()) {
    const membership = groups.get(groupId) ?? 'direct';
    for (const { role, setBy, setAt, connection } of mapping.get(groupId) ?? []) {
      const source: RightSource = {
        kind: 'group',
        groupId,
        membership,
        setBy,
        setAt,
        ...(connection !== undefined && { connection }),
      };
      const reason = reasonAgainst(role, active, rules);
      if (reason === undefined) addTo(granted, role, source);
      else {
        const sources = withheld.get(role)?.sources ?? [];
        sources.push(source);
        withheld.set(role, { reason, sources });
      }
    }
  }
  return {
    tenant,
    userId,
    exists: true,
    active,
    roles: inOrder(granted).map(([role, sources]): GrantedRole => ({ role, sources })),
    withheld: inOrder(withheld).map(([role, { reason, sources }]) => ({ role, reason, sources })),
  };
}

/** The desired state of a deleted user. */
export function noRights(tenant: string, userId: string): UserRights {
  return { tenant, userId, exists: false, active: false, roles: [], withheld: [] };
}

function reasonAgainst(role: string, active: boolean, rules: RightsRules): WithheldRole['reason'] | undefined {
  if (rules.isAboveCeiling(role)) return 'ceiling';
  if (!rules.exists(role)) return 'unknown-role';
  return active || rules.keepsInactive ? undefined : 'inactive';
}

function addTo(roles: Map<string, RightSource[]>, role: string, source: RightSource): void {
  const sources = roles.get(role);
  if (sources === undefined) roles.set(role, [source]);
  else sources.push(source);
}

function inOrder<T>(roles: ReadonlyMap<string, T>): readonly (readonly [string, T])[] {
  return [...roles].sort(([one], [other]) => (one < other ? -1 : Number(one > other)));
}
