import { describe, expect, it } from '@jest/globals';
import type { AttributeRef, Filter } from '../../../src/index.js';
import { compileFilter } from '../../../src/protocol/filter/compile.js';

const ref = (path: string, more: Partial<AttributeRef>): AttributeRef => ({
  ...{ path, keys: path.split('.'), type: 'string', multiValued: false, caseExact: false, ...more },
});
const emails = ref('emails', { type: 'complex', multiValued: true });

const users: readonly { readonly emails?: unknown }[] = [
  {},
  { emails: [] },
  { emails: [{}] },
  { emails: [{ value: null }] },
  { emails: [{ value: '' }] },
  { emails: [{ value: '', type: 'work' }] },
  { emails: [{ value: 'a' }, { value: '' }] },
];

describe('empty texts in filters', () => {
  it.each(['eq', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'] as const)(
    'compare alike with and without brackets: emails.value %s "" and emails[value %s ""]',
    (op) => {
      for (const value of ['', 'a']) {
        const plain: Filter = { op, attribute: ref('emails.value', { multiValued: true }), value };
        const inside: Filter = {
          op: 'some',
          attribute: emails,
          filter: { op, attribute: ref('emails.value', {}), value },
        };
        for (const user of users) {
          const where = { user, value };
          expect({ ...where, found: compileFilter(inside)(user) }).toEqual({
            ...where,
            found: compileFilter(plain)(user),
          });
        }
      }
    },
  );

  it('are no value for pr, and neither is an object without members for a negation in brackets', () => {
    const present: Filter = { op: 'present', attribute: emails };
    expect(users.map((user) => compileFilter(present)(user))).toEqual([false, false, false, false, false, true, true]);
    const filter: Filter = { op: 'not', filter: { op: 'eq', attribute: ref('emails.type', {}), value: 'home' } };
    const negated = compileFilter({ op: 'some', attribute: emails, filter });
    expect(users.map((user) => negated(user))).toEqual([false, false, false, false, true, true, true]);
  });
});
