import type { Checks } from '../../checks.js';
import { casesOf, type RunnableCase } from '../../store-case.js';
import type { Kind } from './kind.js';

/** Names of tenants of which each is another one, although a database may take two of them for the same. */
const names = [
  'acme',
  'ACME',
  'acme ',
  ' acme',
  'acmé',
  'acme2',
  'acm',
  'acme-1',
  'acme_1',
  'acme%',
  'acme:1',
  'acme/1',
  "acme'",
  'constructor',
  '__proto__',
  `${'a'.repeat(95)}1`,
  `${'a'.repeat(95)}2`,
] as const;

/** Tenants whose names are similar are as separate as any others. */
export function similarTenantCases<T extends Checks>(kind: Kind<T>): readonly RunnableCase<T>[] {
  const { prefix, noun, needs } = kind;
  return casesOf<T>(`${prefix}-tenants`, `Otherwise one tenant sees or changes a ${noun} of another.`, [
    [
      'similar',
      `tenants are compared exactly: letter case, accents, spaces, signs, a common beginning and the end of a long name count`,
      async (t) => {
        const s = kind.subject(t);
        const made = new Map<string, string>();
        // With the same unique values, which each tenant may have.
        for (const tenant of names) made.set(tenant, (await s.add(1, s.example(1), tenant)).id);
        t.same(new Set(made.values()).size, names.length, 'the number of different ids');
        for (const [tenant, id] of made) {
          const page = await s.list({}, tenant);
          const found = page.resources.map((each) => each.id);
          t.same([page.totalResults, found], [1, [id]], `total and ids of the tenant ${JSON.stringify(tenant)}`);
          for (const [other, theirs] of made) {
            if (other === tenant) continue;
            const what = `of the tenant ${JSON.stringify(other)} as ${JSON.stringify(tenant)}`;
            t.same(await s.read(theirs, tenant), undefined, `what get returns ${what}`);
          }
        }
        const [first = '', second = ''] = names;
        const id = made.get(first) ?? '';
        t.same(
          await s.update(id, s.example(2), { tenant: second }),
          undefined,
          'what update in another tenant returns',
        );
        t.same(await s.remove(id, undefined, second), false, `whether delete in another tenant found a ${noun}`);
        const before = await s.read(id, first);
        await s.remove(made.get(second) ?? '', undefined, second);
        t.same(await s.read(id, first), before, `the ${noun} after one of another tenant was deleted`);
      },
      [...needs, 'tenants'],
    ],
  ]);
}
