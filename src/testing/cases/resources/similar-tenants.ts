import type { Checks } from '../../checks.js';
import { casesOf, type RunnableCase } from '../../store-case.js';
import type { Kind } from './kind.js';

/** Names of which each is another one, whatever the collation of a column is. */
const names = [
  'acme',
  'acme2',
  'acm',
  'acme-1',
  'acme_1',
  'acme%',
  'acme:1',
  'acme/1',
  "acme'",
  'constructor',
] as const;
const longNames = [`${'a'.repeat(95)}1`, `${'a'.repeat(95)}2`] as const;

/** Names that many collations take for the same. */
const letters = ['acme', 'ACME', 'acme ', ' acme', 'acmé', '__proto__'] as const;

/** Tenants whose names are similar are as separate as any others. */
export function similarTenantCases<T extends Checks>(kind: Kind<T>): readonly RunnableCase<T>[] {
  const { prefix, noun, needs } = kind;
  return casesOf<T>(`${prefix}-tenants`, `Otherwise one tenant sees or changes a ${noun} of another.`, [
    [
      'similar',
      `tenants with a common beginning, with signs, and with long names that differ at the end are separate`,
      (t) => separate(t, kind, [...names, ...longNames]),
      [...needs, 'tenants'],
    ],
    [
      'letters',
      `tenants are compared exactly: letter case, accents and spaces count`,
      (t) => separate(t, kind, letters),
      // Where texts compare as the database does, the collation of the app's column decides.
      [...needs, 'tenants', 'exactText'],
    ],
  ]);
}

async function separate<T extends Checks>(t: T, kind: Kind<T>, tenants: readonly string[]): Promise<void> {
  const s = kind.subject(t);
  const made = new Map<string, string>();
  // With the same unique values, which each tenant may have.
  for (const tenant of tenants) made.set(tenant, (await s.add(1, s.example(1), tenant)).id);
  t.same(new Set(made.values()).size, tenants.length, 'the number of different ids');
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
  const [first = '', second = ''] = tenants;
  const id = made.get(first) ?? '';
  const { noun } = kind;
  t.same(await s.update(id, s.example(2), { tenant: second }), undefined, 'what update in another tenant returns');
  t.same(await s.remove(id, undefined, second), false, `whether delete in another tenant found a ${noun}`);
  const before = await s.read(id, first);
  await s.remove(made.get(second) ?? '', undefined, second);
  t.same(await s.read(id, first), before, `the ${noun} after one of another tenant was deleted`);
}
