import type { Stored, User } from '../../contract/resource.js';
import type { CaseContext } from '../case-context.js';
import { change, enterprise, newUser } from '../requests.js';
import { casesOf } from '../store-case.js';
import { sampleUser } from './sample-user.js';

const version = /^[A-Za-z0-9._-]{1,128}$/;

async function keeps(t: CaseContext, name: string, value: unknown): Promise<void> {
  const kept = t.kept({ [name]: value } as Partial<User>);
  const { id } = await t.user('ada', kept);
  t.holds(await t.read(id), kept, 'what get returns after create');
  const { id: other } = await t.user('bob');
  await t.store.update(other, change<User>({ set: kept }), t.ctx());
  t.holds(await t.read(other), kept, 'what get returns after update');
}

export const createCases = casesOf(
  'create',
  'A client that reads back other values than it sent writes them again in every cycle.',
  [
    [
      'id-and-version',
      'create assigns an id and a version, and `created` equals `lastModified`',
      async (t) => {
        const { resource, changed } = await t.store.create(newUser('ada'), t.ctx());
        t.ok(changed, 'create returned changed: false');
        t.ok(typeof resource.id === 'string' && resource.id !== '', 'the id is empty');
        t.ok(version.test(resource.meta.version), `the version is ${resource.meta.version}`);
        t.same(milliseconds(resource.meta.created), milliseconds(resource.meta.lastModified), 'created as a time');
      },
    ],
    [
      'returned',
      'create returns the same resource as get',
      async (t) => {
        const { resource } = await t.store.create(newUser('ada', t.kept({ displayName: 'Dr', active: true })), t.ctx());
        t.same(await t.read(resource.id), resource, 'what get returns');
      },
    ],
    [
      'user-name-case',
      'userName keeps its case, although its key is normalized',
      async (t) => {
        const { id } = await t.user('Ada.LoveLace@Example.com');
        t.holds(await t.read(id), { userName: 'Ada.LoveLace@Example.com' }, 'the user');
      },
    ],
    [
      'absent',
      'an attribute that was not set is absent',
      async (t) => {
        const user = await t.user('ada');
        t.ok(!('displayName' in user) || user.displayName === undefined, 'displayName is there');
        t.ok(!('emails' in user) || user.emails === undefined, 'emails are there');
      },
    ],
    [
      'ids-differ',
      'every resource has a unique id',
      async (t) => {
        const ids = await t.users(30);
        t.same(new Set(ids).size, 30, 'the number of different ids of 30 users');
      },
    ],
    ...Object.entries(sampleUser).map(
      ([name, value]) =>
        [
          `keeps-${name === enterprise ? 'enterprise' : name}`,
          `${name} is stored unchanged: every part, letter case, and the order of values`,
          (t: CaseContext) => keeps(t, name, value),
          [`attribute:${name}`] as const,
        ] as const,
    ),
  ],
);

function milliseconds(value: Stored<User>['meta']['created']): number {
  return new Date(value ?? Number.NaN).getTime();
}
