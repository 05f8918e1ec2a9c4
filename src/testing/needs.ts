import type { Supports } from '../contract/store.js';
import { isKept } from '../contract/supports.js';
import { groupExtension } from './cases/resources/group-kind.js';
import { SkippedCase } from './skipped-case.js';
import type { Need } from './store-case.js';
import type { StoreUnderTest } from './store-under-test.js';

/** @throws SkippedCase that says why the store cannot pass a case with these needs */
export function requireNeeds(underTest: StoreUnderTest, needs: readonly Need[]): void {
  const reasons = needs.filter((need) => !has(underTest, need)).map(reasonFor);
  if (reasons.length > 0) throw new SkippedCase(reasons.join(', '));
}

function isAttribute(need: Need): need is `attribute:${string}` {
  return need.startsWith('attribute:');
}

function has(underTest: StoreUnderTest, need: Need): boolean {
  const { store } = underTest;
  const { groups } = store;
  const supports: Supports = store.supports ?? {};
  if (isAttribute(need)) return isKept(supports, need.slice('attribute:'.length));
  switch (need) {
    case 'groups':
      return groups !== undefined;
    case 'groupExtension':
      return groups !== undefined && underTest.anyAttribute !== false && isKept(groups.supports, groupExtension);
    case 'tenants':
      return supports.tenants !== 'one';
    case 'sort':
      return supports.sort !== false;
    case 'cursor':
      return supports.cursor !== false;
    case 'cursorBackward':
      return supports.cursor === undefined || supports.cursor === true;
    case 'filter':
      return supports.filter !== 'equals';
    case 'pendingMembers':
      return groups !== undefined && (groups.supports ?? supports).pendingMembers !== false;
    case 'outbox':
      return supports.outbox === true;
    case 'checks':
      return supports.checks === true && (groups === undefined || groups.supports?.checks === true);
    case 'exactText':
    case 'longText':
    case 'nestedGroups':
    case 'valueOrder':
      return underTest[need] !== false;
    case 'databaseText':
      return underTest.exactText === false;
    case 'anyAttribute':
      return underTest.anyAttribute === true;
    default:
      return underTest[need] !== undefined;
  }
}

const reasons: Readonly<Record<Exclude<Need, `attribute:${string}`>, string>> = {
  groups: 'the store has no groups',
  groupExtension: 'the store keeps no extension of Group',
  tenants: 'the store has one tenant (supports.tenants)',
  sort: 'the store does not sort (supports.sort)',
  cursor: 'the store does not page by cursor (supports.cursor)',
  cursorBackward: 'the store pages by cursor to the next page only (supports.cursor)',
  filter: 'the store filters by equality only (supports.filter)',
  pendingMembers: 'the store keeps no pending members (supports.pendingMembers)',
  outbox: 'the store has no outbox (supports.outbox)',
  checks: 'the store runs no checks (supports.checks)',
  breakAt: 'the suite cannot make its writes fail (capability breakAt)',
  another: 'the suite cannot open a second store on the database (capability another)',
  foreignWrite: 'the suite cannot write as the app (capability foreignWrite)',
  exactText: 'the store compares texts as its database does (capability exactText)',
  databaseText:
    'the store compares texts as the library does, so there is no difference to report (capability exactText)',
  longText: 'the store keeps no long texts (capability longText)',
  anyAttribute: 'the store keeps no attributes without a schema (capability anyAttribute)',
  valueOrder: 'the store returns the primary value first (capability valueOrder)',
  nestedGroups: 'groups cannot be members of groups (capability nestedGroups)',
};

function reasonFor(need: Need): string {
  return isAttribute(need) ? `the store does not keep ${need.slice('attribute:'.length)}` : reasons[need];
}
