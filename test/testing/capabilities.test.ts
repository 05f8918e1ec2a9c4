import { describe, expect, it } from '@jest/globals';
import type { ResourceStore, Supports, UserStore } from '../../src/contract/store.js';
import { MemoryStore } from '../../src/stores/memory/memory-store.js';
import { runStoreCases, type StoreTestOptions } from '../../src/testing/index.js';
import { seed } from '../random.js';
import { strictStore } from './strict-store.js';

/** A correct store that declares less, and throws when it is called with what it does not support. */
function lesserStore(supports: Supports): UserStore {
  const sound = new MemoryStore();
  const refuse = (holds: boolean, what: string): void => {
    if (holds) throw new Error(`This store has no ${what}.`);
  };
  function lesser<R extends object>(store: ResourceStore<R>, isUsers: boolean): ResourceStore<R> {
    const paths = new Set(supports.attributes?.map((path) => path.split('.')[0]));
    const kept = (names: readonly string[]): void => {
      refuse(isUsers && supports.attributes !== undefined && !names.every((name) => paths.has(name)), names.join());
    };
    return {
      supports: isUsers ? supports : { ...supports, attributes: undefined },
      create: (creation, ctx) => {
        kept(Object.keys(creation.resource));
        refuse(supports.tenants === 'one' && ctx.tenant !== 'default', 'second tenant');
        refuse(supports.pendingMembers === false && creation.members?.pending === 'keep', 'unknown members');
        return store.create(creation, ctx);
      },
      get: (id, selection, ctx) => store.get(id, selection, ctx),
      list: (query, ctx) => {
        refuse(supports.sort === false && query.sort.length > 0, 'order');
        refuse(supports.cursor === false && query.page.kind === 'cursor', 'cursor');
        refuse(supports.filter === 'equals' && query.filter !== undefined && isMore(query), 'filter');
        return store.list(query, ctx);
      },
      update: (id, change, ctx) => {
        kept([...Object.keys(change.set), ...change.unset]);
        refuse(supports.pendingMembers === false && change.members?.pending === 'keep', 'unknown members');
        return store.update(id, change, ctx);
      },
      delete: (id, removal, ctx) => store.delete(id, removal, ctx),
    };
  }
  return { ...lesser(sound, true), groups: lesser(sound.groups, false) };
}

// A filter that `equals` does not fully describe: neither an equality nor several of them under `and`.
function isMore({ filter }: { readonly filter?: { readonly op: string } | undefined }): boolean {
  return filter?.op !== 'eq' && filter?.op !== 'and';
}

async function counts(options: Omit<StoreTestOptions, 'name'>): Promise<Readonly<Record<string, unknown>>> {
  const results = await runStoreCases({ name: 'a store', randomRuns: 10, seed, ...options });
  const of = (status: string): number => results.filter((each) => each.status === status).length;
  return {
    failed: results.filter(({ status }) => status === 'failed').map(({ message }) => message),
    passed: of('passed'),
    random: results.find(({ case: { id } }) => id === 'random-filters')?.status,
  };
}

describe('the store test suite requires what a store declares, and no more', () => {
  it('passes a store that returns exactly the requested attributes', async () => {
    expect(await counts({ create: strictStore })).toMatchObject({ failed: [], random: 'passed' });
  });

  it.each<[string, Supports, number, string]>([
    ['no sorting', { sort: false }, 170, 'passed'],
    ['no cursors', { cursor: false }, 170, 'passed'],
    ['one tenant', { tenants: 'one' }, 170, 'passed'],
    ['no pending members', { pendingMembers: false }, 180, 'passed'],
    ['equalities only', { filter: 'equals' }, 100, 'skipped'],
    [
      'a name, an address and a switch',
      { attributes: ['userName', 'name.givenName', 'name.familyName', 'emails.value', 'active'] },
      140,
      'passed',
    ],
    ['a label and nothing else', { attributes: ['userName', 'title'] }, 115, 'passed'],
    ['names alone', { attributes: ['userName'] }, 55, 'passed'],
  ])('%s', async (_, supports, atLeast, random) => {
    const found = await counts({ create: () => lesserStore(supports) });
    expect(found).toMatchObject({ failed: [], random });
    expect(found['passed']).toBeGreaterThanOrEqual(atLeast);
  });

  it('skips text comparisons of the database where texts are not exact, and still compares random filters', async () => {
    const found = await counts({ create: () => new MemoryStore(), capabilities: { exactText: false } });
    expect(found).toMatchObject({ failed: [], random: 'passed' });
  });
});
