import type { NamedGroup } from '../lifecycle/access-rights/named-groups.js';
import type { RightsJob } from '../lifecycle/access-rights/rights-jobs.js';
import type {
  NamedGroupRole,
  RoleMappingAdministration,
} from '../lifecycle/access-rights/role-mapping-administration.js';
import { audited } from './audited.js';
import type { Fields } from './fields.js';
import { PanelError } from './panel-error.js';
import { shortenedTo, visible } from './visible.js';
import type { Visit } from './visit.js';

/** What the page of roles shows. */
export interface RolesView {
  readonly mappings: readonly NamedGroupRole[];
  /** The mapping behind which the next page begins; undefined on the last page. */
  readonly next: Place | undefined;
  /** The roles to choose from. */
  readonly roles: readonly string[];
  /** The groups to choose from, and whether there are more than these. */
  readonly groups: readonly NamedGroup[];
  readonly hasMoreGroups: boolean;
  /** What was searched for. */
  readonly search: string;
  readonly job: RightsJob | undefined;
}

/** One mapping: a group and a role. */
interface Place {
  readonly groupId: string;
  readonly role: string;
}

const pageSize = 50;
const shownGroups = 50;
const longestName = 200;

/**
 * @param query `search`: part of the name of a group; `after-group` and `after-role`: the mapping behind which the page begins
 * @throws PanelError 404 where the host does not offer it
 */
export async function readRoles(visit: Visit, query: URLSearchParams): Promise<RolesView> {
  const administration = administrationOf(visit);
  const { tenant } = visit.connection;
  const found = await administration.list(tenant, { after: placeOf(query), limit: pageSize + 1 });
  const mappings = found.slice(0, pageSize);
  const last = found.length > pageSize ? mappings.at(-1) : undefined;
  const search = (query.get('search') ?? '').slice(0, longestName);
  const groups = await administration.groups(tenant, search, shownGroups + 1);
  return {
    mappings,
    next: last && { groupId: last.groupId, role: last.role },
    roles: await administration.roles(tenant),
    groups: groups.slice(0, shownGroups),
    hasMoreGroups: groups.length > shownGroups,
    search,
    job: shownJob(visit, await administration.progress(tenant)),
  };
}

/** Gives the members of a group a role. */
export async function addRoleMapping(visit: Visit, fields: Fields): Promise<RightsJob | undefined> {
  const administration = administrationOf(visit);
  const { groupId, role } = readPlace(fields);
  const { tenant, id: connection } = visit.connection;
  const mapping = { groupId, role, connection, setBy: shortenedTo(longestName, visible(visit.administrator.user)) };
  const subjects = { group: shortenedTo(longestName, groupId), role: shortenedTo(longestName, role) };
  await audited(visit, 'role-mapping.added', subjects, async () => {
    const refusal = await administration.set(tenant, mapping);
    if (refusal === 'unknown-role') throw new PanelError(400, 'Choose a role from the list.');
    if (refusal === 'unknown-group') throw new PanelError(400, 'This group does not exist. Choose one from the list.');
  });
  return applyWhereAsked(visit, fields);
}

/** Takes a role from the members of a group. */
export async function removeRoleMapping(visit: Visit, fields: Fields): Promise<RightsJob | undefined> {
  const administration = administrationOf(visit);
  const { groupId, role } = readPlace(fields);
  // Afterwards nothing leads from the ID to the name.
  const [mapping] = await administration.list(visit.connection.tenant, { groupId, limit: 1 });
  const name = mapping?.group?.name ?? '';
  const subjects = {
    ...{ group: shortenedTo(longestName, groupId), role: shortenedTo(longestName, role) },
    ...(name !== '' && { name: shortenedTo(longestName, name) }),
  };
  await audited(visit, 'role-mapping.removed', subjects, async () => {
    const isRemoved = await administration.remove(visit.connection.tenant, groupId, role);
    if (!isRemoved)
      throw new PanelError(409, 'This group does not give this role, or somebody has removed it already.');
  });
  return applyWhereAsked(visit, fields);
}

/** Applies the mapping to all users of the tenant. */
export async function applyRoleMappings(visit: Visit): Promise<RightsJob> {
  const administration = administrationOf(visit);
  const job = await audited(visit, 'role-mapping.applied', {}, () =>
    administration.apply(visit.connection.tenant, visit.administrator.user),
  );
  return shownJob(visit, job);
}

/** @throws PanelError 400, or 404 for a mapping that does not exist */
export async function roleMappingOf(visit: Visit, query: URLSearchParams): Promise<NamedGroupRole> {
  const { groupId, role } = readPlace(query);
  const mappings = await administrationOf(visit).list(visit.connection.tenant, { groupId, limit: 1_000 });
  const mapping = mappings.find((each) => each.role === role);
  if (mapping === undefined) throw new PanelError(404, 'This group does not give this role.');
  return mapping;
}

/** A changed mapping that is not applied leaves users with roles that no group gives them: leaving it out is a choice. */
async function applyWhereAsked(visit: Visit, fields: Fields): Promise<RightsJob | undefined> {
  return fields.get('apply') === 'true' ? applyRoleMappings(visit) : undefined;
}

/** The messages of a database may be personal data. */
function shownJob<J extends RightsJob | undefined>({ administrator }: Visit, job: J): J {
  if (job?.error === undefined || administrator.seePersonalData) return job;
  return { ...job, error: 'The last attempt failed.' };
}

/** @throws PanelError 400 */
function readPlace(source: { get(name: string): string | null | undefined }): Place {
  const [groupId, role] = [source.get('group') ?? '', source.get('role') ?? ''];
  if (groupId === '') throw new PanelError(400, 'Choose a group.');
  if (role === '') throw new PanelError(400, 'Choose a role.');
  return { groupId, role };
}

/** @throws PanelError 400 */
function placeOf(query: URLSearchParams): Place | undefined {
  const [groupId, role] = [query.get('after-group'), query.get('after-role')];
  if (groupId === null || role === null) return undefined;
  // PostgreSQL refuses NUL in a text.
  if (`${groupId}${role}`.includes('\0')) throw new PanelError(400, 'after-group and after-role name a mapping.');
  return { groupId, role };
}

function administrationOf({ options }: Visit): RoleMappingAdministration {
  if (options.roleMappings === undefined) throw new PanelError(404, 'This page does not exist.');
  return options.roleMappings;
}
