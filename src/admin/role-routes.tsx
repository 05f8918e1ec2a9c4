import { Roles } from './pages/roles.js';
import { RemoveRoleForm } from './pages/role-forms.js';
import type { RightsJob } from '../lifecycle/access-rights/rights-jobs.js';
import type { Route } from './route.js';
import { addRoleMapping, applyRoleMappings, readRoles, removeRoleMapping, roleMappingOf } from './role-settings.js';
import { formPage, get, json, noticeOf, post, redirect, show } from './route-builders.js';

/** Which groups give which roles, and applying that to all users. */
export const roleRoutes: readonly Route[] = [
  get('/roles', async ({ visit, query }) => {
    const view = await readRoles(visit, query);
    return show(visit, 'roles', 'Roles', <Roles visit={visit} view={view} />, noticeOf(query.get('done')));
  }),
  get('/roles/remove', async ({ visit, query }) => {
    const form = <RemoveRoleForm visit={visit} mapping={await roleMappingOf(visit, query)} inDialog={false} />;
    return formPage(visit, 'roles', 'Remove this role', form);
  }),
  post('/roles', async ({ visit, fields }) => {
    const job = await addRoleMapping(visit, fields);
    return redirect(visit, '/roles', job === undefined ? 'role-added' : 'role-added-applied');
  }),
  post('/roles/remove', async ({ visit, fields }) => {
    const job = await removeRoleMapping(visit, fields);
    return redirect(visit, '/roles', job === undefined ? 'role-removed' : 'role-removed-applied');
  }),
  post('/roles/apply', async ({ visit }) => {
    await applyRoleMappings(visit);
    return redirect(visit, '/roles', 'roles-applied', '#apply');
  }),

  get('/api/roles', async ({ visit, query }) => {
    const { mappings, next, roles, job } = await readRoles(visit, query);
    return json({ mappings, next, roles, job });
  }),
  get('/api/roles/groups', async ({ visit, query }) => {
    const { groups, hasMoreGroups } = await readRoles(visit, query);
    return json({ groups, more: hasMoreGroups });
  }),
  post('/api/roles', async ({ visit, fields }) => json(applied(await addRoleMapping(visit, fields)), 201)),
  post('/api/roles/remove', async ({ visit, fields }) => json(applied(await removeRoleMapping(visit, fields)))),
  post('/api/roles/apply', async ({ visit }) => json(await applyRoleMappings(visit), 202)),
];

function applied(job: RightsJob | undefined): unknown {
  return job === undefined ? { applied: false } : { applied: true, job };
}
