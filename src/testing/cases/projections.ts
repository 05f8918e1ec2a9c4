import type { Group, User } from '../../contract/resource.js';
import type { CaseContext } from '../case-context.js';
import { casesOf } from '../store-case.js';
import { change, index, listQuery, members, newGroup, newUser, nothing } from '../requests.js';
import { sampleUser } from './sample-user.js';

/** Everything of the sample that the store keeps. */
function sample(t: CaseContext): Partial<User> {
  return t.kept(sampleUser);
}

export const projectionCases = casesOf(
  'projections',
  'A client assumes that a missing attribute is unassigned and removes it with its next PUT. Members that were not requested make reading a large group take seconds.',
  [
    [
      'get',
      'get returns each selected attribute, also if it is the only one',
      async (t) => {
        const attributes = { userName: 'ada', ...sample(t) };
        const { id } = await t.user('ada', attributes);
        for (const [name, value] of Object.entries(attributes)) {
          t.holds(
            await t.store.get(id, new Set([name]), t.ctx()),
            { id, [name]: value },
            `what get returns of ${name}`,
          );
        }
      },
    ],
    [
      'list',
      'list returns each selected attribute, whatever it sorts and pages by',
      async (t) => {
        const attributes = { userName: 'ada', ...sample(t) };
        const { id } = await t.user('ada', attributes);
        for (const [name, value] of Object.entries(attributes)) {
          const query = listQuery<User>({ selection: new Set([name]), page: index(0, 5) });
          const { resources } = await t.store.list(query, t.ctx());
          t.holds(resources[0], { id, [name]: value }, `what list returns of ${name}`);
        }
      },
    ],
    [
      'writes',
      'create and update return the selected attributes with id and meta',
      async (t) => {
        const attributes = sample(t);
        const selection = new Set(Object.keys(attributes));
        const created = await t.store.create({ ...newUser('ada', attributes), selection }, t.ctx());
        t.holds(created.resource, attributes, 'what create returns');
        const { id, meta } = created.resource;
        const result = await t.store.update(id, change<User>({ set: { userName: 'eve' }, selection }), t.ctx());
        t.holds(result?.resource, { id, ...attributes }, 'what update returns');
        t.ok(result?.resource.meta.version !== meta.version, 'the version is the same');
      },
    ],
    [
      'nothing',
      'id and meta are returned if nothing is selected',
      async (t) => {
        const { id, meta } = await t.user('ada', sample(t));
        t.holds(await t.store.get(id, nothing, t.ctx()), { id, meta }, 'what get returns');
        const { resources } = await t.store.list(listQuery<User>({ selection: nothing }), t.ctx());
        t.holds(resources[0], { id, meta }, 'what list returns');
      },
    ],
    [
      'members-of-writes',
      'create and update return members only if selected',
      async (t) => {
        const [a = '', b = ''] = await t.users(2);
        const created = await t.groups.create({ ...newGroup('Crew', [a]), selection: nothing }, t.ctx());
        t.ok(!('members' in created.resource), 'create returns members that were not selected');
        const add = change<Group>({ members: members({ add: [b] }), selection: nothing });
        const updated = await t.groups.update(created.resource.id, add, t.ctx());
        t.ok(
          updated !== undefined && !('members' in updated.resource),
          'update returns members that were not selected',
        );
      },
      ['groups'],
    ],
  ],
);
