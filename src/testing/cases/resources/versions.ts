import type { Checks } from '../../checks.js';
import { casesOf, type RunnableCase } from '../../store-case.js';
import { type Kind, withText } from './kind.js';

const version = /^[A-Za-z0-9._-]{1,128}$/;

/** Versions and times of a resource type. */
export function resourceVersionCases<T extends Checks>(kind: Kind<T>): readonly RunnableCase<T>[] {
  const { prefix, noun, needs } = kind;
  return casesOf<T>(
    `${prefix}-versions`,
    `A lost update: one administrator’s change of a ${noun} silently overwrites another’s.`,
    [
      [
        'compare-and-swap',
        `of 20 concurrent changes of a ${noun} with one ifVersion, one succeeds and the others throw VersionMismatchError`,
        async (t) => {
          const s = kind.subject(t);
          const [text] = s.needTexts(1);
          if (text === undefined) return;
          const { id, meta } = await s.add(1);
          const results = await Promise.allSettled(
            Array.from({ length: 20 }, async (_, i) =>
              s.update(id, withText(s.example(1), text, `Concurrent ${String(i)}`), { ifVersion: meta.version }),
            ),
          );
          const succeeded = results.filter(({ status }) => status === 'fulfilled').length;
          t.same(succeeded, 1, 'the number of changes that succeeded');
          for (const result of results) {
            if (result.status === 'rejected')
              t.same((result.reason as { status?: unknown }).status, 412, 'the status of a refusal');
          }
        },
        needs,
      ],
      [
        'stale',
        `a change or deletion of a ${noun} with an outdated ifVersion is refused and changes nothing; the current one succeeds`,
        async (t) => {
          const s = kind.subject(t);
          const { id, meta } = await s.add(1);
          const [name = ''] = s.names;
          const result = await s.update(id, { [name]: s.example(2)[name] }, { ifVersion: meta.version });
          const now = await s.read(id);
          t.same(now?.meta.version, result?.resource.meta.version, 'the version that get returns');
          const refused = { status: 412 };
          const stale = { ifVersion: meta.version };
          await t.refused(() => s.update(id, s.example(3), stale), refused, 'a change with an old version');
          await t.refused(() => s.update(id, {}, stale), refused, 'a change of nothing with an old version');
          const current = { ifVersion: now?.meta.version ?? '' };
          t.same((await s.update(id, {}, current))?.changed, false, 'changed, of nothing with the current version');
          const unset = { ...stale, unset: s.optional };
          await t.refused(() => s.update(id, {}, unset), refused, 'an unset with an old version');
          await t.refused(() => s.remove(id, meta.version), refused, 'a deletion with an old version');
          t.same(await s.read(id), now, `the ${noun}`);
          t.same(await s.remove(id, now?.meta.version), true, 'whether a deletion with the current version found it');
        },
        needs,
      ],
      [
        'before-conflict',
        `the version of a ${noun} is checked before its unique values`,
        async (t) => {
          const s = kind.subject(t);
          if (s.unique.length === 0) t.skip(`a ${noun} has no unique attribute`);
          await s.add(1);
          const { id } = await s.add(2);
          await t.refused(
            () => s.update(id, s.example(1), { ifVersion: 'stale' }),
            { status: 412 },
            'a change with an old version and a taken value',
          );
        },
        needs,
      ],
      [
        'move',
        `each change of a ${noun} has another version; created never changes`,
        async (t) => {
          const s = kind.subject(t);
          const made = await s.add(1);
          const versions = [made.meta.version];
          const [name = ''] = s.names;
          for (const n of [2, 1, 2]) {
            const result = await s.update(made.id, { [name]: s.example(n)[name] });
            versions.push(result?.resource.meta.version ?? '');
            t.same(time(result?.resource.meta.created), time(made.meta.created), 'created');
          }
          const isContent = s.capabilities.contentVersions === true;
          const repeats = versions.filter((each, i) => versions.indexOf(each) !== i && !(isContent && i >= 2));
          t.same(repeats, [], 'the versions that came back');
          t.ok(versions[2] !== versions[1] && versions[3] !== versions[2], 'a change kept the version');
        },
        needs,
      ],
      [
        'created',
        `created of a ${noun} stays after a change, in what update, get and list return`,
        async (t) => {
          const s = kind.subject(t);
          const { id } = await s.add(1);
          const created = (await s.read(id))?.meta.created;
          // A clock of whole milliseconds may not have moved yet.
          await new Promise((resolve) => setTimeout(resolve, 5));
          for (const n of [2, 3]) {
            const result = await s.update(id, s.example(n));
            const [listed] = (await s.list()).resources;
            const read = await s.read(id);
            for (const [what, each] of Object.entries({ update: result?.resource, get: read, list: listed }))
              t.same(time(each?.meta.created), time(created), `created that ${what} returns after a change`);
          }
        },
        needs,
      ],
      [
        'parallel',
        `of 15 concurrent unconditional changes of a ${noun} each has its own version, and the last one is stored`,
        async (t) => {
          const s = kind.subject(t);
          const [text] = s.needTexts(1);
          if (text === undefined) return;
          const [top = ''] = text.keys;
          const { id } = await s.add(1);
          const changes = Array.from({ length: 15 }, async (_, i) =>
            s.update(id, { [top]: withText(s.example(1), text, `Parallel ${String(i)}`)[top] }),
          );
          const versions = (await Promise.all(changes)).map((result) => result?.resource.meta.version);
          t.same(new Set(versions).size, 15, 'the number of versions');
          t.ok(versions.includes((await s.read(id))?.meta.version), 'get returns a version that no change returned');
        },
        needs,
      ],
      [
        'times',
        `created and lastModified of a ${noun} are dates or RFC 3339 texts, equal after create`,
        async (t) => {
          const s = kind.subject(t);
          const made = await s.add(1);
          const updated = (await s.update(made.id, s.example(2)))?.resource;
          const [listed] = (await s.list()).resources;
          for (const resource of [made, updated, await s.read(made.id), listed]) {
            for (const name of ['created', 'lastModified'] as const) {
              const value: unknown = resource?.meta[name];
              t.ok(value === undefined || isTime(value), `meta.${name} is ${JSON.stringify(value)}, which is no time`);
            }
          }
          t.same(time(made.meta.created), time(made.meta.lastModified), 'created after create, as a time');
        },
        needs,
      ],
      [
        'last-modified',
        `lastModified of a ${noun} moves with a change, if not at once, then within two seconds, and never goes back`,
        async (t) => {
          const s = kind.subject(t);
          const { id, meta } = await s.add(1);
          if (meta.lastModified === undefined) t.skip('the store has no lastModified');
          const [name = ''] = s.names;
          let last = time(meta.lastModified);
          const end = performance.now() + 2_500;
          // The last change begins after the end, also where this process stood still in between.
          for (let n = 2, isLast = false; !isLast; n++) {
            isLast = performance.now() >= end;
            const result = await s.update(id, { [name]: s.example(2 + (n % 2))[name] });
            const now = time(result?.resource.meta.lastModified);
            t.ok(now >= last, 'lastModified went back');
            if (now > time(meta.lastModified)) return;
            last = now;
            // A column of whole seconds moves late.
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
          t.ok(false, 'lastModified did not move in two seconds of changes');
        },
        needs,
      ],
      [
        'text',
        `a version of a ${noun} is a string of 1 to 128 characters of A-Z a-z 0-9 . _ -, in every result`,
        async (t) => {
          const s = kind.subject(t);
          const made = await s.add(1);
          const updated = (await s.update(made.id, s.example(2)))?.resource;
          const same = (await s.update(made.id, s.example(2)))?.resource;
          const [listed] = (await s.list()).resources;
          for (const resource of [made, updated, same, await s.read(made.id), listed]) {
            const value: unknown = resource?.meta.version;
            t.ok(typeof value === 'string' && version.test(value), `the version is ${JSON.stringify(value)}`);
            t.ok(typeof resource?.id === 'string', `the id is ${JSON.stringify(resource?.id)}`);
          }
          const versions = [updated, same, listed].map((each) => each?.meta.version);
          t.same(new Set(versions).size, 1, `the number of versions of one state of the ${noun}`);
        },
        needs,
      ],
    ],
  );
}

function time(value: unknown): number {
  return value === undefined ? 0 : new Date(value as string | Date).getTime();
}

// RFC 3339 5.6, as RFC 7643 2.3.5 requires it.
const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

function isTime(value: unknown): boolean {
  if (typeof value === 'string') return rfc3339.test(value) && !Number.isNaN(Date.parse(value));
  return value instanceof Date && !Number.isNaN(value.getTime());
}
