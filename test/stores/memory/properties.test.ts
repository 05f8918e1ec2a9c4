import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isScimError } from '../../../src/errors.js';
import type { Filter, ListQuery } from '../../../src/contract/filter.js';
import type { Group, Stored, User } from '../../../src/contract/resource.js';
import type { ResourceStore, UserStore } from '../../../src/contract/store.js';
import { MemoryStore } from '../../../src/stores/memory/memory-store.js';
import {
  attribute,
  change,
  ctx,
  cursor,
  eq,
  index,
  listQuery,
  members,
  newGroup,
  newUser,
  removal,
  withMembers,
} from '../../../src/testing/requests.js';
import { createMapStore } from '../trial/map-store.js';
import { groupsIn } from '../users.js';
import { random } from '../../random.js';

const names = fc.constantFrom('Ada', 'ADA', 'bob', 'Eve', 'mallory', 'Zoë');
const emails = fc.array(fc.record({ value: fc.constantFrom('a@x', 'A@X', 'b@x', 'c@x') }), { maxLength: 3 });
const attributes = fc.record(
  { externalId: fc.constantFrom('1', 'x', 'X'), displayName: names, emails, active: fc.boolean() },
  { requiredKeys: [] },
);
const who = fc.nat(20);
const command = fc.oneof(
  fc.record({ kind: fc.constant('createUser' as const), name: names, more: attributes }),
  fc.record({
    kind: fc.constant('updateUser' as const),
    who,
    name: fc.option(names, { nil: undefined }),
    more: attributes,
    unset: fc.subarray(['externalId', 'emails', 'displayName'] as const),
  }),
  fc.record({ kind: fc.constant('deleteUser' as const), who }),
  fc.record({ kind: fc.constant('createGroup' as const), name: names, who: fc.array(who, { maxLength: 4 }) }),
  fc.record({
    kind: fc.constant('updateGroup' as const),
    who,
    name: fc.option(names, { nil: undefined }),
    add: fc.array(who, { maxLength: 3 }),
    remove: fc.array(who, { maxLength: 3 }),
    only: fc.boolean(),
    unknown: fc.constantFrom('keep' as const, 'reject' as const),
  }),
  fc.record({ kind: fc.constant('deleteGroup' as const), who }),
);
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never;

/** A store with the ids it minted by number, so that two stores can be asked for the same. */
class Side {
  readonly store: UserStore;
  readonly users: string[] = [];
  readonly groups: string[] = [];

  constructor(store: UserStore) {
    this.store = store;
  }

  async run(step: Command): Promise<unknown> {
    try {
      return await this.#run(step);
    } catch (error) {
      if (!isScimError(error)) throw error;
      return error.status;
    }
  }

  id(n: number): string {
    return this.users[n] ?? this.groups[n - this.users.length] ?? `pending${n}`;
  }

  async #run(step: Command): Promise<unknown> {
    const groups = groupsIn(this.store);
    switch (step.kind) {
      case 'createUser':
        this.users.push((await this.store.create(newUser(step.name, step.more), ctx())).resource.id);
        return 'created';
      case 'updateUser': {
        const set = { ...step.more, ...(step.name !== undefined && { userName: step.name }) };
        const unset = step.unset.filter((name) => !Object.hasOwn(set, name));
        return (await this.store.update(this.id(step.who), change<User>({ set, unset }), ctx()))?.changed;
      }
      case 'deleteUser':
        return (await this.store.delete(this.id(step.who), removal(), ctx()))?.changed;
      case 'createGroup':
        this.groups.push(
          (
            await groups.create(
              newGroup(
                step.name,
                step.who.map((n) => this.id(n)),
              ),
              ctx(),
            )
          ).resource.id,
        );
        return 'created';
      case 'updateGroup': {
        const add = [...new Set(step.add.map((n) => this.id(n)))];
        const remove = step.only ? [] : step.remove.map((n) => this.id(n)).filter((id) => !add.includes(id));
        const delta = members({ add, remove, only: step.only, pending: step.unknown });
        const result = await groups.update(
          this.id(step.who),
          change<Group>({ set: step.name === undefined ? {} : { displayName: step.name }, members: delta }),
          ctx(),
        );
        return [
          result?.changed,
          result?.added?.map((id) => this.name(id)).sort(),
          result?.removed?.map((id) => this.name(id)).sort(),
        ];
      }
      case 'deleteGroup':
        return (await groups.delete(this.id(step.who), removal(), ctx()))?.changed;
    }
  }

  name(id: string): string {
    const user = this.users.indexOf(id);
    const group = this.groups.indexOf(id);
    return user >= 0 ? `user${user}` : group >= 0 ? `group${group}` : id;
  }

  async find<R extends object>(store: ResourceStore<R>, query: ListQuery<R>): Promise<unknown> {
    const page = await store.list(query, ctx());
    return { total: page.totalResults, found: page.resources.map((resource) => this.plain(resource)).sort() };
  }

  plain(resource: Stored<object>): string {
    const { id, meta: _, members: held = [], ...rest } = resource as Stored<Group>;
    const entries = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1));
    return JSON.stringify([this.name(id), entries, held.map(({ value }) => this.name(value)).sort()]);
  }
}

describe('MemoryStore beside a plain Map', () => {
  it('returns the same for every command and every list', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 40 }), async (commands) => {
        const memory = new Side(new MemoryStore());
        const plain = new Side(createMapStore());
        for (const step of commands) expect(await memory.run(step)).toEqual(await plain.run(step));
        const userFilters = (side: Side): (Filter | undefined)[] => [
          undefined,
          ...['ada', 'bob', 'zoë'].flatMap((name) => [
            eq('userName', name),
            eq('displayName', name),
            { op: 'not' as const, filter: eq('userName', name) },
          ]),
          ...['1', 'x', 'X'].map((value) => eq('externalId', value)),
          ...['a@x', 'b@x', 'A@X'].map((value) => eq('emails.value', value)),
          { op: 'and', filters: [eq('emails.value', 'a@x'), eq('displayName', 'ada'), eq('active', true)] },
          { op: 'or', filters: [eq('emails.value', 'c@x'), eq('externalId', 'X')] },
          eq('id', side.id(0)),
        ];
        const groupFilters = (side: Side): (Filter | undefined)[] => [
          undefined,
          eq('displayName', 'ada'),
          ...[0, 1, 2, 3].flatMap((n) => [
            eq('members.value', side.id(n)),
            { op: 'not' as const, filter: eq('members.value', side.id(n)) },
          ]),
          { op: 'and', filters: [eq('members.value', side.id(0)), eq('displayName', 'ada')] },
          {
            op: 'and',
            filters: [eq('members.value', side.id(0)), { op: 'not', filter: eq('members.value', side.id(1)) }],
          },
          { op: 'or', filters: [eq('members.value', side.id(0)), eq('members.value', side.id(1))] },
          { op: 'present', attribute: attribute('members.value') },
        ];
        for (let i = 0; i < userFilters(memory).length; i++) {
          const [ours, theirs] = [memory, plain].map((side) =>
            side.find(side.store, listQuery<User>({ ...filterAt(userFilters(side), i) })),
          );
          expect(await ours).toEqual(await theirs);
        }
        for (let i = 0; i < groupFilters(memory).length; i++) {
          const [ours, theirs] = [memory, plain].map((side) =>
            side.find(
              groupsIn(side.store),
              listQuery<Group>({ selection: withMembers, ...filterAt(groupFilters(side), i) }),
            ),
          );
          expect(await ours).toEqual(await theirs);
        }
        await pagesFit(memory.store);
      }),
      random(80),
    );
  });
});

function filterAt(filters: readonly (Filter | undefined)[], i: number): { readonly filter?: Filter } {
  const filter = filters[i];
  return filter === undefined ? {} : { filter };
}

// However a list is asked for, pages of it are parts of the whole.
async function pagesFit(store: UserStore): Promise<void> {
  for (const sort of [[], [{ attribute: attribute('displayName'), descending: true }]]) {
    for (const filter of [undefined, eq('active', true), eq('emails.value', 'a@x')]) {
      const ask = async (page: Parameters<typeof listQuery>[0]) =>
        store.list(listQuery<User>({ sort, ...(filter && { filter }), ...page }), ctx());
      const whole = (await ask({})).resources.map(({ id }) => id);
      for (let offset = 0; offset <= whole.length; offset += 3) {
        expect((await ask({ page: index(offset, 3) })).resources.map(({ id }) => id)).toEqual(
          whole.slice(offset, offset + 3),
        );
      }
      const walked: string[] = [];
      for (
        let page = await ask({ page: cursor(2) });
        ;
        page = await ask({ page: cursor(2, { ...(page.next && { after: page.next }) }) })
      ) {
        walked.push(...page.resources.map(({ id }) => id));
        if (page.next === undefined) break;
      }
      expect(walked).toEqual(whole);
    }
  }
}
