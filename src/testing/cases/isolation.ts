import type { Group, User } from '../../contract/resource.js';
import type { CaseContext } from '../case-context.js';
import { change, listQuery, members, newGroup, removal, withMembers } from '../requests.js';
import { casesOf } from '../store-case.js';
import type { TextAttribute } from '../supported-attributes.js';
import { updateGroup } from './update-group.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Reads until the writes are over, and checks what each read has seen. */
async function watching(t: CaseContext, writes: Promise<unknown>, read: () => Promise<void>): Promise<void> {
  let isOver = false;
  const over = writes.finally(() => (isOver = true));
  // The store may reject while a read runs.
  over.catch(() => undefined);
  for (let reads = 0; !isOver; reads++) {
    t.ok(reads < 20_000, 'the writes do not end');
    await read();
    await turn();
  }
  await over;
}

/** A write is seen as a whole or not at all, and two writes of different things both stay. */
export const isolationCases = casesOf(
  'races',
  'A reader acts on a state that never was: a user with the new role and the old department, a group that has lost its members.',
  [
    [
      'whole-change',
      'whoever reads while a user is changed sees all of the change or nothing of it',
      async (t) => {
        const [one, other] = t.texts(2) as [TextAttribute, TextAttribute];
        const both = (text: string): Partial<User> => ({ ...one.of(text), ...other.of(text) });
        const { id } = await t.user('ada', both('v0'));
        const write = async (): Promise<void> => {
          for (let n = 1; n <= 12; n++) {
            await t.store.update(id, change<User>({ set: both(`v${String(n)}`) }), t.ctx());
            await turn();
          }
        };
        await watching(t, write(), async () => {
          const [user] = (await t.store.list(listQuery<User>(), t.ctx())).resources;
          for (const seen of [await t.read(id), user]) {
            const texts = Array.from({ length: 13 }, (_, n) => both(`v${String(n)}`));
            const shown = JSON.stringify([seen?.[one.name], seen?.[other.name]]);
            const isWhole = texts.some((each) => JSON.stringify([each[one.name], each[other.name]]) === shown);
            t.ok(isWhole, `a reader saw ${shown}, which no change wrote`);
          }
        });
      },
    ],
    [
      'whole-group',
      'whoever reads a group while it is changed does not see the new name with the old members',
      async (t) => {
        const ids = await t.users(13);
        const { id } = await t.group('Team 0', [ids[0] ?? '']);
        const write = async (): Promise<void> => {
          for (let n = 1; n <= 12; n++) {
            await updateGroup(t, id, { only: true, add: [ids[n] ?? ''] }, { displayName: `Team ${String(n)}` });
            await turn();
          }
        };
        await watching(t, write(), async () => {
          const group = await t.groups.get(id, withMembers, t.ctx());
          const named = Number(group?.displayName.slice(5));
          // A store may read the members in a statement of their own, after a change that is newer than the name.
          const member = ids.indexOf(group?.members?.[0]?.value ?? '');
          t.ok(member >= named, `a reader saw name ${String(named)} with the members of change ${String(member)}`);
        });
      },
      ['groups'],
    ],
    [
      'whole-creation',
      'whoever reads while a group is created sees it with all its members, or not at all',
      async (t) => {
        const ids = await t.users(3);
        const write = async (): Promise<void> => {
          for (let n = 0; n < 10; n++) {
            await t.groups.create(newGroup(`Crew ${String(n)}`, ids), t.ctx());
            await turn();
          }
        };
        await watching(t, write(), async () => {
          const { resources } = await t.groups.list(listQuery<Group>({ selection: withMembers }), t.ctx());
          for (const group of resources) t.same(group.members?.length, 3, 'the number of members of a new group');
        });
      },
      ['groups'],
    ],
    [
      'whole-deletion',
      'whoever reads while users are deleted sees no group with a member that get does not find any more',
      async (t) => {
        const ids = await t.users(10);
        const { id } = await t.group('Crew', ids);
        const gone = new Set<string>();
        const write = async (): Promise<void> => {
          for (const each of ids) {
            await t.store.delete(each, removal(), t.ctx());
            gone.add(each);
            await turn();
          }
        };
        await watching(t, write(), async () => {
          const before = new Set(gone);
          const found = await t.memberIds(id);
          t.same(
            found.filter((each) => before.has(each)),
            [],
            'the members that were deleted before the group was read',
          );
        });
        t.same(await t.memberIds(id), [], 'the members');
      },
      ['groups'],
    ],
    [
      'rename-and-members',
      'a new name of a group and concurrent changes of its members all take effect',
      async (t) => {
        const ids = await t.users(12);
        for (let round = 0; round < 4; round++) {
          const { id } = await t.group('Crew', ids.slice(0, 3));
          const name = `Pilots ${String(round)}`;
          const rename = async () => t.groups.update(id, change<Group>({ set: { displayName: name } }), t.ctx());
          const moves = [
            ...ids
              .slice(3)
              .map(
                (each) => async () =>
                  t.groups.update(id, change<Group>({ members: members({ add: [each] }) }), t.ctx()),
              ),
            async () => t.groups.update(id, change<Group>({ members: members({ remove: [ids[0] ?? ''] }) }), t.ctx()),
          ];
          // In the last round the new name comes after all of them.
          const middle = round * 4;
          const all = [...moves.slice(0, middle), rename, ...moves.slice(middle)];
          await Promise.all(all.map((write) => write()));
          const group = await t.groups.get(id, withMembers, t.ctx());
          t.same(group?.displayName, name, 'the name after the changes');
          t.same(await t.memberIds(id), ids.slice(1).sort(), 'the members after the changes');
        }
      },
      ['groups'],
    ],
    [
      'acknowledged',
      'what a write has acknowledged, the next read of another caller finds: a change, a deletion, a member',
      async (t) => {
        const { id } = await t.user('ada', t.text.of('v0'));
        for (let n = 1; n <= 10; n++) {
          const set = t.text.of(`v${String(n)}`);
          await t.store.update(id, change<User>({ set }), t.ctx());
          const [read, page] = await Promise.all([t.read(id), t.store.list(listQuery<User>(), t.ctx())]);
          t.holds(read, set, 'what get returns after update has returned');
          t.holds(page.resources[0], set, 'what list returns after update has returned');
        }
        await t.store.delete(id, removal(), t.ctx());
        t.same(await t.read(id), undefined, 'what get returns after delete has returned');
      },
    ],
  ],
);
