import type { Stored, User } from '../../contract/resource.js';
import { change } from '../requests.js';
import { casesOf } from '../store-case.js';

export const versionCases = casesOf(
  'versions',
  'A lost update: one administrator’s change silently overwrites another’s.',
  [
    [
      'compare-and-swap',
      'of 40 concurrent changes with the same ifVersion, one succeeds and the others throw VersionMismatchError',
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
      'a change with an outdated ifVersion is refused and changes nothing',
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
      'the version is checked before uniqueness',
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
      'every change assigns a new version, even if it restores an earlier state, except where versions are made of the content; lastModified never decreases, created never changes',
      async (t) => {
        const user = await t.user('ada', t.text.of('a'));
        const versions = new Set([user.meta.version]);
        let last = milliseconds(user.meta.lastModified);
        let current = user.meta.version;
        for (const text of ['b', 'a', 'b', 'a']) {
          const result = await t.store.update(user.id, change<User>({ set: t.text.of(text) }), t.ctx());
          const { meta } = result?.resource ?? user;
          t.ok(meta.version !== current, 'the version is the same after a change');
          current = meta.version;
          versions.add(meta.version);
          t.ok(milliseconds(meta.lastModified) >= last, 'lastModified went back');
          last = milliseconds(meta.lastModified);
          t.same(milliseconds(meta.created), milliseconds(user.meta.created), 'created');
        }
        const states = t.underTest.contentVersions === true ? 2 : 5;
        t.same(versions.size, states, 'the number of versions of five states');
      },
    ],
    [
      'nothing-changes',
      'a no-op update returns changed: false and keeps version and lastModified',
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
      'unconditional',
      'an unconditional active: false survives 20 concurrent changes of other attributes',
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
      'a write by your app between a read and a write is detected: the write is refused, and your app’s value stays',
      async (t) => {
        const { id, meta } = await t.user('ada', t.text.of('Ada'));
        await t.underTest.foreignWrite?.(id);
        const changed = await t.read(id);
        t.ok(changed?.displayName !== 'Ada', 'get does not return what the app wrote');
        t.ok(changed?.meta.version !== meta.version, 'the version is the same after the app’s write');
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

function milliseconds(value: Stored<User>['meta']['created']): number {
  return new Date(value ?? Number.NaN).getTime();
}
