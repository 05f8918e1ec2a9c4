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
  'What an answer leaves out a client takes for gone, and sends away with its next PUT; members that nobody asked for make the lookup of a large group last for seconds.',
  [
    [
      'get',
      'get gives each attribute that is wanted, also where only that one is',
      async (t) => {
        const given = { userName: 'ada', ...sample(t) };
        const { id } = await t.user('ada', given);
        for (const [name, value] of Object.entries(given)) {
          t.holds(await t.store.get(id, new Set([name]), t.ctx()), { id, [name]: value }, `what get gives of ${name}`);
        }
      },
    ],
    [
      'list',
      'list gives each attribute that is wanted, whatever it sorts and pages by',
      async (t) => {
        const given = { userName: 'ada', ...sample(t) };
        const { id } = await t.user('ada', given);
        for (const [name, value] of Object.entries(given)) {
          const query = listQuery<User>({ selection: new Set([name]), page: index(0, 5) });
          const { resources } = await t.store.list(query, t.ctx());
          t.holds(resources[0], { id, [name]: value }, `what list gives of ${name}`);
        }
      },
    ],
    [
      'writes',
      'create and update answer what is wanted, with id and meta',
      async (t) => {
        const given = sample(t);
        const selection = new Set(Object.keys(given));
        const created = await t.store.create({ ...newUser('ada', given), selection }, t.ctx());
        t.holds(created.resource, given, 'the answer of create');
        const { id, meta } = created.resource;
        const result = await t.store.update(id, change<User>({ set: { userName: 'eve' }, selection }), t.ctx());
        t.holds(result?.resource, { id, ...given }, 'the answer of update');
        t.ok(result?.resource.meta.version !== meta.version, 'the version is the same');
      },
    ],
    [
      'nothing',
      'id and meta are given where nothing is wanted',
      async (t) => {
        const { id, meta } = await t.user('ada', sample(t));
        t.holds(await t.store.get(id, nothing, t.ctx()), { id, meta }, 'what get gives');
        const { resources } = await t.store.list(listQuery<User>({ selection: nothing }), t.ctx());
        t.holds(resources[0], { id, meta }, 'what list gives');
      },
    ],
    [
      'members-of-writes',
      'create and update answer members only where they are wanted',
      async (t) => {
        const [a = '', b = ''] = await t.users(2);
        const created = await t.groups.create({ ...newGroup('Crew', [a]), selection: nothing }, t.ctx());
        t.ok(!('members' in created.resource), 'create answers members that nobody wants');
        const add = change<Group>({ members: members({ add: [b] }), selection: nothing });
        const updated = await t.groups.update(created.resource.id, add, t.ctx());
        t.ok(updated !== undefined && !('members' in updated.resource), 'update answers members that nobody wants');
      },
      ['groups'],
    ],
  ],
);
