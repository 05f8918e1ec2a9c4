import type { SortKey } from '../../contract/filter.js';
import type { Stored, User } from '../../contract/resource.js';
import type { CaseContext } from '../case-context.js';
import { attribute } from '../requests.js';
import { SkippedCase } from '../skipped-case.js';
import { type TextAttribute, textAttributes } from '../supported-attributes.js';

export const active = attribute('active', { type: 'boolean' });

export type Direction = 'none' | 'ascending' | 'descending';

/** Sort keys for `displayName`, or for another text attribute that the store keeps. */
export function keysOf(t: CaseContext, direction: Direction): readonly SortKey[] {
  if (direction === 'none') return [];
  const sortAttribute = textToSortBy(t);
  if (sortAttribute === undefined) throw new SkippedCase('the store keeps no text attribute to sort by');
  return [{ attribute: sortAttribute.ref, descending: direction === 'descending' }];
}

// Not externalId and name.givenName, which `createUsers` uses for something else.
function textToSortBy(t: CaseContext): TextAttribute | undefined {
  return textAttributes(t.store.supports).find(({ ref }) => !['externalId', 'name.givenName'].includes(ref.path));
}

/** Creates 25 users. Their displayName, or another text attribute, repeats in upper and lower case; every fifth user has none. */
export async function createUsers(t: CaseContext): Promise<void> {
  const sortAttribute = textToSortBy(t);
  for (let i = 0; i < 25; i++) {
    const rest = t.kept({
      externalId: `X${String(i)}`,
      active: i % 2 === 0,
      name: { givenName: `G${String(i % 4)}` },
      emails: [
        { value: `work${String(i)}@example.com`, type: 'work', primary: true },
        { value: `home${String(i)}@example.com`, type: i % 3 === 0 ? 'home' : 'other' },
      ],
    });
    const sorted =
      i % 5 === 4 ? {} : (sortAttribute?.of(i % 2 === 0 ? `t${String(i % 3)}` : `T${String(i % 3)}`) ?? {});
    const name = 'name' in sorted ? { name: { ...rest.name, ...sorted.name } } : {};
    await t.user(`User${String(i)}`, { ...rest, ...sorted, ...name });
  }
}

/** The numbers in the userNames of `createUsers`. */
export function numbers(users: readonly Stored<User>[]): number[] {
  return users.map(({ userName }) => Number(userName.slice(4)));
}

/** The numbers below `count` for which `which` is true. */
export function numbersBelow(count: number, which: (i: number) => boolean): number[] {
  return Array.from({ length: count }, (_, i) => i).filter(which);
}

/** The normalized sort text of a user of `createUsers`. */
export function sortTextOf(i: number): string | undefined {
  return i % 5 === 4 ? undefined : `t${String(i % 3)}`;
}
