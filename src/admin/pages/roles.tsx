import type { JSX } from 'preact';
import type { NamedGroupRole } from '../../lifecycle/access-rights/role-mapping-administration.js';
import type { RightsJob } from '../../lifecycle/access-rights/rights-jobs.js';
import type { RolesView } from '../role-settings.js';
import type { Visit } from '../visit.js';
import { Card, Empty, Form, Named, Time } from './frame.js';
import { JobTimes } from './job-times.js';
import { AddRoleCard, nameOf, RemoveRoleForm } from './role-forms.js';

/** Which groups give which roles. */
export function Roles({ visit, view }: { readonly visit: Visit; readonly view: RolesView }): JSX.Element {
  const { mappings, next, job } = view;
  const manage = visit.administrator.may === 'manage';
  return (
    <>
      <Card
        id="roles"
        title="Roles from groups"
        about="The members of a group have its role in this application, for as long as they are members."
      >
        {mappings.length === 0 ? (
          <Empty title="No group gives a role">
            {manage
              ? 'Choose a group below, and the role of its members.'
              : 'Ask an administrator who can change these settings to give a group a role.'}
          </Empty>
        ) : (
          <div class="scroll stacked" tabIndex={0} role="region" aria-label="Table of groups and their roles">
            <table class="mapping">
              <thead>
                <tr>
                  <th scope="col">Group</th>
                  <th scope="col">Role</th>
                  <th scope="col">Set by</th>
                  {manage ? (
                    <th scope="col">
                      <span class="unseen">Remove</span>
                    </th>
                  ) : null}
                </tr>
              </thead>
              <tbody>
                {mappings.map((mapping, index) => (
                  <Row key={`${mapping.groupId} ${mapping.role}`} visit={visit} mapping={mapping} index={index} />
                ))}
              </tbody>
            </table>
          </div>
        )}
        {next === undefined ? null : (
          <nav class="pages" aria-label="Pages of the roles">
            <span />
            <a
              class="button"
              href={`${visit.base}/roles?${new URLSearchParams({ 'after-group': next.groupId, 'after-role': next.role }).toString()}`}
              rel="next"
            >
              More
            </a>
          </nav>
        )}
      </Card>
      {manage ? <AddRoleCard visit={visit} view={view} /> : null}
      {manage || job !== undefined ? <ApplyCard visit={visit} job={job} /> : null}
    </>
  );
}

function Row(props: { readonly visit: Visit; readonly mapping: NamedGroupRole; readonly index: number }): JSX.Element {
  const { visit, mapping } = props;
  const { group, groupId, role, isOffered, setBy, setAt } = mapping;
  const dialog = `remove-${String(props.index)}`;
  const query = new URLSearchParams({ group: groupId, role }).toString();
  return (
    <tr>
      <th scope="row">
        <Named text={nameOf(mapping)} />
        {group === undefined ? (
          <>
            {' '}
            <span class="badge warn">Deleted group</span>
          </>
        ) : null}
        <p class="soft">
          <code>
            <Named text={groupId} />
          </code>
        </p>
      </th>
      <td data-label="Role">
        <Named text={role} />
        {isOffered ? null : <p class="soft">This application does not offer this role any more.</p>}
      </td>
      <td data-label="Set by">
        <Named text={setBy} />
        <p class="soft">
          <Time at={new Date(setAt)} />
        </p>
      </td>
      {visit.administrator.may === 'manage' ? (
        <td class="act">
          <a class="button quiet-danger" href={`${visit.base}/roles/remove?${query}`} data-dialog={dialog}>
            Remove
            <span class="unseen">
              {' '}
              role {role} of {nameOf(mapping)}
            </span>
          </a>
          <dialog id={dialog} aria-labelledby={`${dialog}-title`}>
            <h2 id={`${dialog}-title`}>Remove this role</h2>
            <RemoveRoleForm visit={visit} mapping={mapping} inDialog />
          </dialog>
        </td>
      ) : null}
    </tr>
  );
}

/** Applies the roles to users who are members already, and shows how far that is. */
function ApplyCard({ visit, job }: { readonly visit: Visit; readonly job: RightsJob | undefined }): JSX.Element {
  const manage = visit.administrator.may === 'manage';
  return (
    <Card
      id="apply"
      title="Apply to existing users"
      about="Goes through all users: each gets the roles that follow from their groups, and loses those that no longer do."
    >
      {job === undefined ? null : <Progress visit={visit} job={job} />}
      {manage ? (
        <Form visit={visit} action="/roles/apply">
          <button type="submit" class="button">
            {job?.state === 'running' ? 'Start again' : 'Apply now'}
          </button>
        </Form>
      ) : null}
    </Card>
  );
}

function Progress({ visit, job }: { readonly visit: Visit; readonly job: RightsJob }): JSX.Element {
  const { processed, total = 0, state, error } = job;
  const isRunning = state === 'running';
  return (
    <>
      <dl class="facts">
        <div>
          <dt>Progress</dt>
          <dd>
            {isRunning ? '' : 'Done: '}
            {processed.toLocaleString('en-US')}
            {isRunning && total > 0 ? ` of ${total.toLocaleString('en-US')}` : ''}{' '}
            {processed === 1 && !isRunning ? 'user' : 'users'}
          </dd>
        </div>
        <JobTimes job={job} />
      </dl>
      {isRunning ? (
        <>
          <progress aria-label="Users processed" max={Math.max(total, 1)} value={processed} />
          <p class="soft">The application goes on in the background, also after a restart.</p>
          <div class="buttons">
            <a class="button" href={`${visit.base}/roles#apply`}>
              Reload
            </a>
          </div>
        </>
      ) : null}
      {error === undefined ? null : <p class="notice warn">The last attempt failed. The application tries again.</p>}
    </>
  );
}
