import type { Group, Stored, User } from '../../contract/resource.js';
import { type Bench, casesOf } from '../case.js';
import { type TextHolder } from '../kept.js';
import { change, enterprise, listQuery, newUser, nothing, removal, withMembers } from '../requests.js';

const version = /^[A-Za-z0-9._-]{1,128}$/;

async function keeps(t: Bench, name: string, value: unknown): Promise<void> {
  const kept = t.kept({ [name]: value } as Partial<User>);
  const { id } = await t.user('ada', kept);
  t.holds(await t.read(id), kept, 'what get gives after create');
  const { id: other } = await t.user('bob');
  await t.store.update(other, change<User>({ set: kept }), t.ctx());
  t.holds(await t.read(other), kept, 'what get gives after update');
}

/** A value for each attribute. */
export const sampleAttributes: Partial<User> = {
  externalId: '00u1a2b3',
  displayName: 'Ada Lovelace',
  nickName: 'Ada',
  title: 'Engineer',
  userType: 'Employee',
  preferredLanguage: 'en-GB',
  locale: 'en-GB',
  timezone: 'Europe/London',
  profileUrl: 'https://users.example.com/ada',
  active: false,
  name: { givenName: 'Ada', familyName: 'Lovelace', middleName: 'King' },
  emails: [{ value: 'ada@example.com', type: 'work', primary: true }],
  phoneNumbers: [{ value: 'tel:+44-1632-960001', type: 'work' }],
  addresses: [{ streetAddress: '1 Harbour Road', locality: 'London', country: 'GB', type: 'work' }],
  [enterprise]: { department: 'R & D', costCenter: '1.5', manager: { value: 'u-1' } },
};

export const createCases = casesOf(
  'create',
  'A client that reads back something else than it sent writes it again at every cycle.',
  [
    [
      'minted',
      'create mints an id and a version, and `created` equals `lastModified`',
      async (t) => {
        const { resource, changed } = await t.store.create(newUser('ada'), t.ctx());
        t.ok(changed, 'create answered changed: false');
        t.ok(typeof resource.id === 'string' && resource.id !== '', 'the id is empty');
        t.ok(version.test(resource.meta.version), `the version is ${resource.meta.version}`);
        t.same(time(resource.meta.created), time(resource.meta.lastModified), 'created as a time');
      },
    ],
    [
      'answer',
      'what create answers is what get gives',
      async (t) => {
        const { resource } = await t.store.create(newUser('ada', t.kept({ displayName: 'Dr', active: true })), t.ctx());
        t.same(await t.read(resource.id), resource, 'what get gives');
      },
    ],
    [
      'spelling',
      'userName is kept as it is spelt, whatever its key is',
      async (t) => {
        const { id } = await t.user('Ada.LoveLace@Example.com');
        t.holds(await t.read(id), { userName: 'Ada.LoveLace@Example.com' }, 'the user');
      },
    ],
    [
      'absent',
      'an attribute that was not given is absent',
      async (t) => {
        const user = await t.user('ada');
        t.ok(!('displayName' in user) || user.displayName === undefined, 'displayName is there');
        t.ok(!('emails' in user) || user.emails === undefined, 'emails are there');
      },
    ],
    [
      'ids-differ',
      'every resource has an id of its own',
      async (t) => {
        const ids = await t.users(30);
        t.same(new Set(ids).size, 30, 'the number of different ids of 30 users');
      },
    ],
    ...Object.entries(sampleAttributes).map(
      ([name, value]) =>
        [
          `keeps-${name === enterprise ? 'enterprise' : name}`,
          `${name} is kept as it was given`,
          (t: Bench) => keeps(t, name, value),
          [`attribute:${name}`] as const,
        ] as const,
    ),
  ],
);

export const identityCases = casesOf('identity', 'One tenant would see or change the users of another.', [
  ...(
    [
      ['another tenant’s', 'foreign', true],
      ['unknown', 'u999', false],
      ['empty', '', false],
      ['`__proto__`', '__proto__', false],
      ['very long', 'x'.repeat(5_000), false],
      ['with a NUL', 'a\0b', false],
      ['with a quote', "' or 1=1 --", false],
    ] as const
  ).map(
    ([what, id, isForeign], i) =>
      [
        `unknown-${String(i)}`,
        `an id that is ${what} is answered with undefined or false by get, update and delete, and never with an error`,
        async (t: Bench) => {
          const own = await t.user('ada');
          const asked = isForeign ? own.id : id;
          const ctx = t.ctx(isForeign ? 'other' : 'acme');
          t.same(await t.store.get(asked, nothing, ctx), undefined, 'the answer of get');
          const update = change<User>({ ifVersion: 'no', set: t.text.of('x') });
          t.same(await t.store.update(asked, update, ctx), undefined, 'the answer of update');
          t.same(await t.store.delete(asked, removal('no'), ctx), false, 'the answer of delete');
          t.same(await t.read(own.id), own, 'the user of the other tenant or id');
        },
        isForeign ? (['tenants'] as const) : [],
      ] as const,
  ),
  [
    'groups',
    'a group of another tenant is answered as an unknown one, by each call',
    async (t) => {
      const { id } = await t.group('Crew');
      const other = t.ctx('other');
      t.same(await t.groups.get(id, withMembers, other), undefined, 'the answer of get');
      const rename = change<Group>({ set: { displayName: 'Theirs' } });
      t.same(await t.groups.update(id, rename, other), undefined, 'the answer of update');
      t.same(await t.groups.delete(id, removal(), other), false, 'the answer of delete');
      t.same((await t.groups.list(listQuery<Group>(), other)).resources, [], 'what list gives');
      t.holds(await t.groups.get(id, withMembers, t.ctx()), { displayName: 'Crew' }, 'the group');
    },
    ['groups', 'tenants'],
  ],
  [
    'names-of',
    'namesOf tells no name of another tenant',
    async (t) => {
      const { id } = await t.user('ada', t.kept({ displayName: 'Ada Lovelace' }));
      const names = await t.store.namesOf?.([id], t.ctx('other'));
      t.same([...(names ?? [])], [], 'the names');
    },
    ['tenants'],
  ],
  [
    'tenant-names',
    'each tenant may use the same userName',
    async (t) => {
      const acme = await t.user('ada', {}, 'acme');
      const other = await t.user('ada', {}, 'other');
      t.ok(acme.id !== other.id, 'both tenants have one id');
      await t.store.delete(acme.id, removal(), t.ctx('acme'));
      t.ok((await t.read(other.id, 'other')) !== undefined, 'the deletion in one tenant took the user of the other');
    },
    ['tenants'],
  ],
  [
    'never-again',
    'an id is never used again after its resource was deleted',
    async (t) => {
      const seen = new Set<string>();
      for (let i = 0; i < 5; i++) {
        const { id } = await t.user('ada');
        t.ok(!seen.has(id), `id ${id} came back`);
        seen.add(id);
        await t.store.delete(id, removal(), t.ctx());
      }
    },
  ],
  [
    'own-copy',
    'what was given out does not change when the store changes',
    async (t) => {
      const user = await t.user('ada', t.kept({ ...t.text.of('old'), emails: [{ value: 'a@x', type: 'work' }] }));
      const before = JSON.stringify(user);
      await t.store.update(user.id, change<User>({ set: { ...t.text.of('new'), ...t.kept({ emails: [] }) } }), t.ctx());
      t.same(JSON.stringify(user), before, 'the user that create gave out');
    },
  ],
]);

export const uniquenessCases = casesOf(
  'uniqueness',
  'Two accounts for one person: provisioning changes one, and the other keeps its access.',
  [
    [
      'parallel',
      'of 100 parallel creations of one userName, in any letter case, exactly one succeeds; the others throw ConflictError for userName',
      async (t) => {
        const results = await Promise.allSettled(
          Array.from({ length: 100 }, async (_, i) => t.store.create(newUser(i % 2 === 0 ? 'Ada' : 'ADA'), t.ctx())),
        );
        const made = results.filter(({ status }) => status === 'fulfilled').length;
        t.same(made, 1, 'the number of users made');
        for (const result of results) {
          if (result.status === 'rejected') {
            const { status, attribute } = result.reason as { status?: unknown; attribute?: unknown };
            t.same([status, attribute], [409, 'userName'], 'status and attribute of a refusal');
          }
        }
      },
    ],
    [
      'letter-case',
      'a userName that differs in letter case only is taken: the key decides, not the text',
      async (t) => {
        await t.user('Ada');
        await t.refused(
          () => t.store.create(newUser('aDA'), t.ctx()),
          { status: 409, attribute: 'userName' },
          'creating aDA beside Ada',
        );
      },
    ],
    [
      'change',
      'a change to a userName that is taken is refused and changes nothing',
      async (t) => {
        await t.user('ada');
        const bob = await t.user('bob', t.text.of('old'));
        const set = { userName: 'ADA', ...t.text.of('new') };
        await t.refused(
          () => t.store.update(bob.id, change<User>({ set }), t.ctx()),
          { status: 409, attribute: 'userName' },
          'renaming bob to ADA',
        );
        t.same(await t.read(bob.id), bob, 'bob');
      },
    ],
    [
      'parallel-change',
      'of 30 users that are renamed to one userName at once, one gets it',
      async (t) => {
        const ids = await t.users(30);
        const results = await Promise.allSettled(
          ids.map(async (id) => t.store.update(id, change<User>({ set: { userName: 'same' } }), t.ctx())),
        );
        t.same(
          results.filter(({ status }) => status === 'fulfilled').length,
          1,
          'the number of users that got the name',
        );
      },
    ],
    [
      'frees',
      'a change frees the userName that it gives up',
      async (t) => {
        const { id } = await t.user('ada');
        await t.store.update(id, change<User>({ set: { userName: 'eve' } }), t.ctx());
        await t.user('ADA');
        await t.refused(() => t.store.create(newUser('EVE'), t.ctx()), { status: 409 }, 'creating EVE beside eve');
      },
    ],
    [
      'own',
      'a user may keep its own userName, and spell it otherwise',
      async (t) => {
        const { id } = await t.user('ada');
        const result = await t.store.update(id, change<User>({ set: { userName: 'ADA' } }), t.ctx());
        t.same(result?.changed, true, 'changed');
        t.holds(await t.read(id), { userName: 'ADA' }, 'the user');
      },
    ],
    [
      'deleted',
      'deletion frees the userName',
      async (t) => {
        const { id } = await t.user('ada');
        await t.store.delete(id, removal(), t.ctx());
        const again = await t.user('ADA');
        t.ok(again.id !== id, 'the new user has the id of the deleted one');
      },
    ],
    [
      'external-id',
      'externalId is not unique unless a key says so',
      async (t) => {
        await t.user('ada', { externalId: 'same' });
        await t.user('bob', { externalId: 'same' });
      },
    ],
  ],
);

export const versionCases = casesOf(
  'versions',
  'A lost update: one administrator’s change silently takes back another’s.',
  [
    [
      'compare-and-swap',
      'of 40 parallel changes with one ifVersion, one succeeds and the others throw VersionMismatchError',
      async (t) => {
        const { of } = t.text;
        const { id, meta } = await t.user('ada');
        const results = await Promise.allSettled(
          Array.from({ length: 40 }, async (_, i) =>
            t.store.update(id, change<User>({ ifVersion: meta.version, set: of(`t${String(i)}`) }), t.ctx()),
          ),
        );
        t.same(
          results.filter(({ status }) => status === 'fulfilled').length,
          1,
          'the number of changes that succeeded',
        );
        for (const result of results) {
          if (result.status === 'rejected')
            t.same((result.reason as { status?: unknown }).status, 412, 'the status of a refusal');
        }
      },
    ],
    [
      'stale',
      'a change with an old ifVersion is refused and changes nothing',
      async (t) => {
        const { id, meta } = await t.user('ada');
        await t.store.update(id, change<User>({ set: t.text.of('first') }), t.ctx());
        await t.refused(
          () => t.store.update(id, change<User>({ ifVersion: meta.version, set: t.text.of('second') }), t.ctx()),
          { status: 412 },
          'a change with an old version',
        );
        t.holds(await t.read(id), t.text.of('first'), 'the user');
      },
    ],
    [
      'before-name',
      'the version is judged before the name',
      async (t) => {
        await t.user('ada');
        const { id } = await t.user('bob');
        await t.refused(
          () => t.store.update(id, change<User>({ ifVersion: 'stale', set: { userName: 'ada' } }), t.ctx()),
          { status: 412 },
          'a change with an old version and a taken name',
        );
      },
    ],
    [
      'moves',
      'every change gives a new version, also one back to an old state; lastModified never goes back, created stays',
      async (t) => {
        const user = await t.user('ada', t.text.of('a'));
        const versions = new Set([user.meta.version]);
        let last = time(user.meta.lastModified);
        for (const text of ['b', 'a', 'b', 'a']) {
          const result = await t.store.update(user.id, change<User>({ set: t.text.of(text) }), t.ctx());
          const { meta } = result?.resource ?? user;
          versions.add(meta.version);
          t.ok(time(meta.lastModified) >= last, 'lastModified went back');
          last = time(meta.lastModified);
          t.same(time(meta.created), time(user.meta.created), 'created');
        }
        t.same(versions.size, 5, 'the number of versions of five states');
      },
    ],
    [
      'nothing-changes',
      'where everything is already so, changed is false, and version and lastModified stay',
      async (t) => {
        const set = t.kept({ displayName: 'Dr', active: false, name: { givenName: 'Ada', familyName: 'L' } });
        const { id } = await t.user('ada', set);
        const before = await t.read(id);
        const turned = t.kept({ name: { familyName: 'L', givenName: 'Ada' } });
        const same = { ...set, ...turned, userName: 'ada' };
        const result = await t.store.update(
          id,
          change<User>({ set: same, unset: Object.keys(t.kept({ externalId: '' })) as 'externalId'[] }),
          t.ctx(),
        );
        t.same(result?.changed, false, 'changed');
        t.same(await t.read(id), before, 'the user');
      },
    ],
    [
      'blind',
      'a blind active: false survives 20 parallel changes of other attributes',
      async (t) => {
        const { id } = await t.user('ada', { active: true });
        const others = Array.from({ length: 20 }, (_, i) =>
          change<User>({
            set: i % 2 === 0 ? t.text.of(`t${String(i)}`) : { userName: `ada${String(i)}` },
          }),
        );
        const all = [...others.slice(0, 10), change<User>({ set: { active: false } }), ...others.slice(10)];
        await Promise.all(all.map(async (each) => t.store.update(id, each, t.ctx())));
        t.holds(await t.read(id), { active: false }, 'the user');
      },
    ],
    [
      'foreign-write',
      'a write of the host’s own code between a read and a write is seen: the write is refused and the host’s value stays',
      async (t) => {
        const { id, meta } = await t.user('ada', t.text.of('Ada'));
        await t.given.foreignWrite?.(id);
        const changed = await t.read(id);
        t.ok(changed?.displayName !== 'Ada', 'get does not show what the host wrote');
        t.ok(changed?.meta.version !== meta.version, 'the version is the same after the host’s write');
        await t.refused(
          () => t.store.update(id, change<User>({ ifVersion: meta.version, set: t.text.of('Ada L') }), t.ctx()),
          { status: 412 },
          'a change with the version from before',
        );
        t.same((await t.read(id))?.displayName, changed?.displayName, 'displayName');
      },
      ['foreignWrite'],
    ],
  ],
);

export const changeCases = casesOf(
  'changes',
  'A change that does more, or less, than it says is found by nobody until somebody has too much access.',
  [
    [
      'set-and-unset',
      'set and unset happen in one write',
      async (t) => {
        const [one, other] = t.texts(2) as [TextHolder, TextHolder];
        const { id, meta } = await t.user('ada', { ...one.of('Dr'), ...other.of('A') });
        const result = await t.store.update(id, change<User>({ set: other.of('B'), unset: [one.name] }), t.ctx());
        t.same(result?.changed, true, 'changed');
        t.ok(result?.resource.meta.version !== meta.version, 'the version is the same');
        const now = await t.read(id);
        t.holds(now, { ...other.of('B'), [one.name]: undefined }, 'the user');
      },
    ],
    [
      'extension',
      'an extension is one attribute, named by its URN: set replaces it whole, unset takes it away',
      async (t) => {
        const { id } = await t.user('ada', { [enterprise]: { department: 'R & D', costCenter: '1.5' } });
        await t.store.update(id, change<User>({ set: { [enterprise]: { department: 'Sales' } } }), t.ctx());
        t.holds(await t.read(id), { [enterprise]: { department: 'Sales' } }, 'the user');
        await t.store.update(id, change<User>({ unset: [enterprise] }), t.ctx());
        t.same((await t.read(id))?.[enterprise], undefined, 'the extension');
      },
    ],
    [
      'rest-stays',
      'what is named neither in set nor in unset stays',
      async (t) => {
        const rest = t.kept({ externalId: 'A', active: true, emails: [{ value: 'a@x' }] });
        const { id } = await t.user('ada', { ...rest, ...t.text.of('Dr') });
        await t.store.update(id, change<User>({ set: t.text.of('Prof') }), t.ctx());
        t.holds(await t.read(id), { userName: 'ada', ...rest, ...t.text.of('Prof') }, 'the user');
      },
    ],
    [
      'whole-values',
      'set gives whole new values: a complex or multi-valued attribute is replaced, not merged',
      async (t) => {
        const { id } = await t.user('ada', {
          name: { givenName: 'Ada', familyName: 'L' },
          emails: [
            { value: 'a@x', type: 'work' },
            { value: 'b@x', type: 'home' },
          ],
        });
        const set = { name: { givenName: 'Eve' }, emails: [{ value: 'c@x', type: 'work' }] };
        await t.store.update(id, change<User>({ set }), t.ctx());
        t.holds(await t.read(id), set, 'the user');
      },
    ],
    [
      'answer',
      'what update answers is the resource after the write',
      async (t) => {
        const { id } = await t.user('ada', t.text.of('a'));
        const result = await t.store.update(id, change<User>({ set: t.text.of('b') }), t.ctx());
        t.holds(result?.resource, { id, ...t.text.of('b') }, 'the answer');
        if (result?.before !== undefined) t.holds(result.before, { id, ...t.text.of('a') }, '`before` of the answer');
      },
    ],
    [
      'false',
      'false is a value, and no missing one',
      async (t) => {
        const { id } = await t.user('ada', { active: true });
        await t.store.update(id, change<User>({ set: { active: false } }), t.ctx());
        t.holds(await t.read(id), { active: false }, 'the user');
      },
    ],
  ],
);

export const deletionCases = casesOf(
  'deletion',
  'GET would find nobody and POST answer 409 for ever, or somebody who left would still be found.',
  [
    [
      'once',
      'of ten parallel deletions one answers true',
      async (t) => {
        const { id } = await t.user('ada');
        const results = await Promise.all(
          Array.from({ length: 10 }, async () => t.store.delete(id, removal(), t.ctx())),
        );
        t.same(results.filter((deleted) => deleted).length, 1, 'the number of deletions that answered true');
      },
    ],
    [
      'version',
      'a deletion with an old version is refused, one with the right version is done',
      async (t) => {
        const { id, meta } = await t.user('ada');
        await t.refused(
          () => t.store.delete(id, removal('stale'), t.ctx()),
          { status: 412 },
          'a deletion with an old version',
        );
        t.ok((await t.read(id)) !== undefined, 'the user is gone');
        t.same(await t.store.delete(id, removal(meta.version), t.ctx()), true, 'the answer of delete');
      },
    ],
    [
      'invisible',
      'a deleted resource is found by no call',
      async (t) => {
        const { id } = await t.user('ada');
        await t.store.delete(id, removal(), t.ctx());
        t.same(await t.read(id), undefined, 'the answer of get');
        t.same(
          await t.store.update(id, change<User>({ set: t.text.of('x') }), t.ctx()),
          undefined,
          'the answer of update',
        );
        t.same(await t.store.delete(id, removal(), t.ctx()), false, 'the answer of a second delete');
      },
    ],
  ],
);

function time(value: Stored<User>['meta']['created']): number {
  return new Date(value).getTime();
}
