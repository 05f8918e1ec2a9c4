import type { JSX } from 'preact';
import type { NamedGroup } from '../../lifecycle/access-rights/named-groups.js';
import type { NamedGroupRole } from '../../lifecycle/access-rights/role-mapping-administration.js';
import type { RolesView } from '../role-settings.js';
import { shortenedTo, visible } from '../visible.js';
import type { Visit } from '../visit.js';
import { Card, Empty, Form, FormButtons, Named } from './frame.js';

const longestOption = 100;

/** Chooses a group and the role that its members get. */
export function AddRoleCard({ visit, view }: { readonly visit: Visit; readonly view: RolesView }): JSX.Element {
  const { groups, roles, search, hasMoreGroups } = view;
  return (
    <Card
      id="add-role"
      title="Give a group a role"
      about="Groups are kept by their ID: a group that the identity provider renames keeps its role."
    >
      {search === '' && !hasMoreGroups ? null : (
        <form
          method="get"
          action={`${visit.base}/roles#add-role`}
          class="filter"
          role="search"
          aria-label="Find a group"
        >
          <div class="field wide">
            <label for="search">Name of the group</label>
            <input id="search" name="search" value={search} maxLength={200} autocomplete="off" />
          </div>
          <div class="buttons">
            <button type="submit" class="button">
              Find
            </button>
          </div>
        </form>
      )}
      {groups.length === 0 ? (
        <Empty title={search === '' ? 'No groups yet' : 'No group has this name'}>
          {search === '' ? (
            'The identity provider has not sent any groups. Assign groups to the application there.'
          ) : (
            <a href={`${visit.base}/roles#add-role`}>Show all groups</a>
          )}
        </Empty>
      ) : roles.length === 0 ? (
        <Empty title="No roles">This application offers no roles that a group can give.</Empty>
      ) : (
        <Form visit={visit} action="/roles" class="stack">
          <div class="field">
            <label for="role-group">Group</label>
            <select id="role-group" name="group" required>
              <option value="">Choose a group</option>
              {groups.map((group) => (
                <option key={group.id} value={group.id}>
                  {optionLabel(group, groups)}
                </option>
              ))}
            </select>
            {hasMoreGroups ? <p class="hint">There are more groups: find one by its name.</p> : null}
          </div>
          <div class="field">
            <label for="role-role">Role of its members</label>
            <select id="role-role" name="role" required>
              <option value="">Choose a role</option>
              {roles.map((role) => (
                <option key={role} value={role}>
                  {visible(shortenedTo(longestOption, role))}
                </option>
              ))}
            </select>
          </div>
          <ApplyChoice text="Apply to existing users: those who are members already get the role." />
          <div class="buttons">
            <button type="submit" class="button primary">
              Add
            </button>
          </div>
        </Form>
      )}
    </Card>
  );
}

/** Form to remove a mapping: asks for confirmation. */
export function RemoveRoleForm(props: {
  readonly visit: Visit;
  readonly mapping: NamedGroupRole;
  readonly inDialog: boolean;
}): JSX.Element {
  const { visit, mapping, inDialog } = props;
  return (
    <Form visit={visit} action="/roles/remove" class="stack">
      <input type="hidden" name="group" value={mapping.groupId} />
      <input type="hidden" name="role" value={mapping.role} />
      <p>
        From now on,{' '}
        <strong>
          <Named text={nameOf(mapping)} />
        </strong>{' '}
        does not give the role{' '}
        <strong>
          <Named text={mapping.role} />
        </strong>
        . Members who have it from another group, or were given it manually, keep it.
      </p>
      <ApplyChoice text="Apply to existing users: members lose the role." />
      <FormButtons visit={visit} inDialog={inDialog} label="Remove role" cancel="/roles" dangerous />
    </Form>
  );
}

/** The name of the group of a mapping; its ID where it has none, or does not exist any more. */
export function nameOf({ group, groupId }: NamedGroupRole): string {
  return group === undefined || group.name.trim() === '' ? groupId : group.name;
}

function ApplyChoice({ text }: { readonly text: string }): JSX.Element {
  return (
    <label class="choice">
      <input type="checkbox" name="apply" value="true" checked />
      <span>{text}</span>
    </label>
  );
}

/** The name of a group, with its ID where another one has the same name. */
function optionLabel({ id, name }: NamedGroup, groups: readonly NamedGroup[]): string {
  const isUnique = name.trim() !== '' && groups.filter((each) => each.name === name).length === 1;
  const label = visible(shortenedTo(longestOption, name));
  return isUnique ? label : `${label} (${visible(shortenedTo(longestOption, id))})`.trim();
}
