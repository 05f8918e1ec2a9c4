import { isObject } from '../../../contract/is-object.js';
import type { Checks } from '../../checks.js';
import { display } from '../../checks.js';
import { index } from '../../requests.js';
import { casesOf, type RunnableCase } from '../../store-case.js';
import { condition, type Kind, withText } from './kind.js';

/** What passes between the library and a store: plain JSON in results, and arguments that stay as they are. */
export function exchangeCases<T extends Checks>(kind: Kind<T>): readonly RunnableCase<T>[] {
  const { prefix, noun, needs } = kind;
  return casesOf<T>(
    `${prefix}-exchange`,
    `The library works with a ${noun} as plain JSON, and uses its own objects again: a retry then writes something else.`,
    [
      [
        'plain-json',
        `every result has the attributes of a ${noun} as plain JSON: no Date, Map, Set, Buffer, bigint or object with toJSON`,
        async (t) => {
          const s = kind.subject(t);
          // A driver that revives dates takes this text for one.
          const time = '2026-01-01T00:00:00.000Z';
          const texts = s.texts.filter(({ keys: [top = ''] }) => s.optional.includes(top));
          const attributes = texts.reduce((all, text) => withText(all, text, time), s.example(1));
          const made = await s.add(1, attributes);
          const updated = await s.update(made.id, s.example(2));
          await s.update(made.id, attributes);
          const results = {
            create: made,
            get: await s.read(made.id),
            list: (await s.list()).resources[0],
            update: updated?.resource,
            'update (`before`)': updated?.before,
          };
          for (const [call, resource] of Object.entries(results)) {
            const { meta: _, ...rest } = { meta: undefined, ...resource };
            const wrong = notJson(rest);
            t.ok(wrong === undefined, `what ${call} returns has ${wrong ?? ''}`);
          }
        },
        needs,
      ],
      [
        'absent',
        `an attribute of a ${noun} without a value is left out of every result; it is not null, and no empty list or object`,
        async (t) => {
          const s = kind.subject(t);
          const made = await s.add(1, s.required(1));
          const updated = await s.update(made.id, s.required(2));
          const results = {
            create: made,
            get: await s.read(made.id),
            list: (await s.list()).resources[0],
            update: updated?.resource,
          };
          for (const [call, resource] of Object.entries(results)) {
            for (const name of s.optional) {
              const value = resource?.[name];
              t.ok(value === undefined, `${name} is ${display(value)} in what ${call} returns; expected none`);
            }
          }
          const { meta: _, ...whole } = (await s.read((await s.add(3)).id)) ?? { meta: undefined };
          for (const [name, value] of Object.entries(whole)) {
            t.ok(!emptyIn(value), `${name} is ${display(value)}, which has an empty or null part`);
          }
        },
        needs,
      ],
      [
        'arguments',
        `a store changes nothing that it is given for a ${noun}: not the resource, the change, the query or the ids`,
        async (t) => {
          const s = kind.subject(t);
          const creation = s.creation(s.example(1));
          const change = s.change(s.example(2), { unset: [] });
          const before = copies([creation, change]);
          const { id } = (await s.store.create(creation, s.ctx())).resource;
          await s.store.update(id, change, s.ctx());
          await s.store.update(id, change, s.ctx());
          t.same(copies([creation, change]), before, 'what create and update were given, after their calls');
          const [attribute] = s.texts;
          const canSort = s.store.supports?.sort !== false && attribute !== undefined;
          const sort = canSort ? [{ attribute, descending: false }] : [];
          const selection = new Set([...s.selection].slice(0, 1));
          const shown = JSON.stringify([sort, [...selection]]);
          await s.list({ sort, selection });
          t.same(JSON.stringify([sort, [...selection]]), shown, 'sort keys and selection after list');
          const ids = [id, 'u999', id];
          await s.store.namesOf?.(ids, s.ctx());
          t.same(ids, [id, 'u999', id], 'the ids after namesOf');
        },
        needs,
      ],
      [
        'own-list',
        `a listed ${noun} does not change when the store does`,
        async (t) => {
          const s = kind.subject(t);
          const { id } = await s.add(1);
          const page = await s.list();
          const before = JSON.stringify(page.resources);
          await s.update(id, s.example(2));
          await s.list();
          await s.remove(id);
          t.same(JSON.stringify(page.resources), before, 'the page that was returned before the changes');
        },
        needs,
      ],
      [
        'results',
        `create of a ${noun} returns changed: true, and delete returns changed: true with id, version and times as they were`,
        async (t) => {
          const s = kind.subject(t);
          const created = await s.store.create(s.creation(s.example(1)), s.ctx());
          t.same(created.changed, true, 'changed, of create');
          const { id, meta } = created.resource;
          const deleted = await s.store.delete(id, s.removal(), s.ctx());
          t.same(deleted?.changed, true, 'changed, of delete');
          t.same(
            [deleted?.resource.id, deleted?.resource.meta.version],
            [id, meta.version],
            'id and version, of delete',
          );
        },
        needs,
      ],
      [
        'reads',
        `reading a ${noun} changes nothing: get, list and namesOf leave version and times`,
        async (t) => {
          const s = kind.subject(t);
          const made = await s.add(1);
          const first = await s.read(made.id);
          t.same(first?.meta, made.meta, 'meta that get returns, compared with create');
          const [listed] = (await s.list()).resources;
          t.same(listed?.meta, made.meta, 'meta that list returns');
          await s.store.namesOf?.([made.id], s.ctx());
          t.same(await s.read(made.id), first, 'what get returns the second time');
        },
        needs,
      ],
      [
        'fresh',
        `get, list, totals and namesOf show a change of a ${noun} at once, and its deletion`,
        async (t) => {
          const s = kind.subject(t);
          const kept = await s.add(1);
          const { id } = await s.add(2);
          const page = index(0, 10);
          const look = async () => {
            const { resources, totalResults } = await s.list({ page });
            const byId = await s.list({ filter: condition('eq', { ...idRef }, id), page });
            const names = await s.store.namesOf?.([id], s.ctx());
            return { total: totalResults, found: byId.totalResults, resources, name: names?.get(id) };
          };
          const before = await look();
          t.same([before.total, before.found], [2, 1], 'the totals of two resources');
          await s.update(id, s.example(5));
          const after = await look();
          const shown = after.resources.find((each) => each.id === id);
          t.holds(shown, s.example(5), 'what list returns after a change');
          t.holds(await s.read(id), s.example(5), 'what get returns after a change');
          const named = Object.values(s.example(2)).some((value) => value === before.name);
          const stays = Object.values(s.example(5)).some((value) => value === before.name);
          if (named && !stays) t.ok(after.name !== before.name, 'namesOf returns the name from before a change');
          await s.remove(id);
          const end = await look();
          t.same([end.total, end.found, end.name ?? null], [1, 0, null], 'totals and name after a deletion');
          t.same(
            end.resources.map((each) => each.id),
            [kept.id],
            'the ids after a deletion',
          );
        },
        needs,
      ],
    ],
  );
}

const idRef = { path: 'id', keys: ['id'], type: 'string', multiValued: false, caseExact: true } as const;

/** Arguments as text; sets and functions are no JSON, and functions cannot be changed. */
function copies(writes: readonly object[]): string {
  return JSON.stringify(writes, (_, value: unknown) => (value instanceof Set ? [...(value as Set<unknown>)] : value));
}

/** What in a value is no JSON, as a part of a sentence; undefined if nothing is. */
function notJson(value: unknown, path = ''): string | undefined {
  const at = path === '' ? '' : ` at ${path}`;
  if (value === undefined || value === null || typeof value === 'string' || typeof value === 'boolean')
    return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `${String(value)}${at}`;
  if (typeof value !== 'object') return `a ${typeof value}${at}`;
  if (Array.isArray(value)) return firstOf(value.entries(), path);
  const { name } = (Object.getPrototypeOf(value) as { readonly constructor?: { readonly name: string } } | null)
    ?.constructor ?? { name: 'Object' };
  const isIterable = Symbol.iterator in value;
  if (value instanceof Date || isIterable || ArrayBuffer.isView(value)) return `a ${name}${at}`;
  if (typeof Reflect.get(value, 'toJSON') === 'function') return `a ${name} with toJSON${at}`;
  return firstOf(Object.entries(value), path);
}

function firstOf(entries: Iterable<readonly [string | number, unknown]>, path: string): string | undefined {
  for (const [name, value] of entries) {
    const found = notJson(value, path === '' ? String(name) : `${path}.${String(name)}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether a value is null, an empty list or object, or has one inside. */
function emptyIn(value: unknown): boolean {
  if (value === null) return true;
  if (Array.isArray(value)) return value.length === 0 || value.some(emptyIn);
  return isObject(value) && (Object.keys(value).length === 0 || Object.values(value).some((each) => each === null));
}
