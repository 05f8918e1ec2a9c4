import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isSameJson } from '../../../src/schema/equal.js';
import type { Attributes } from '../../../src/contract/attribute.js';
import { enterprise, groupType, outcome, patched, refusal, scimTypeOf, userType, withOutcome } from './patching.js';
import { random } from '../../random.js';

interface Email {
  readonly value?: string;
  readonly type?: string;
  readonly display?: string;
  readonly primary?: boolean;
}
interface Operation {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path?: string;
  readonly value?: unknown;
}
type Plain = Record<string, unknown>;

const word = fc.constantFrom('a', 'b', 'c');
const kind = fc.constantFrom('work', 'home', 'other');
const email: fc.Arbitrary<Email> = fc.record(
  { value: word, type: kind, display: word, primary: fc.constant(true) },
  { requiredKeys: ['value'] },
);
const onePrimary = (emails: readonly Email[]): Email[] => {
  let hasPrimary = false;
  return emails.map(({ primary, ...rest }) => {
    if (primary !== true || hasPrimary) return rest;
    hasPrimary = true;
    return { ...rest, primary };
  });
};
// Values with the same `value` and `type` are the same value, so a generated list has each pair once.
const emails = fc
  .uniqueArray(email, {
    maxLength: 3,
    selector: ({ value, type }) => `${value} ${type}`,
  })
  .map(onePrimary);
const person = fc.record({ givenName: word, familyName: word }, { requiredKeys: [] });
const user = fc
  .record(
    {
      title: word,
      name: person,
      emails,
      [enterprise]: fc.record({ department: word, division: word }, { requiredKeys: [] }),
    },
    { requiredKeys: [] },
  )
  .map((generated) => JSON.parse(JSON.stringify(pruned(generated) ?? {})) as Plain);

const change = fc.constantFrom('add' as const, 'replace' as const);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({
    op: change,
    path: fc.constantFrom('title', 'name.givenName', `${enterprise}:department`),
    value: fc.option(word),
  }),
  fc.record({ op: change, path: fc.constant('name'), value: person }),
  fc.record({
    op: change,
    path: fc.constant(enterprise),
    value: fc.record({ division: word }, { requiredKeys: [] }),
  }),
  fc.record({ op: change, path: fc.constant('emails'), value: emails }),
  fc.record({
    op: change,
    value: fc.record({ title: word, emails, 'name.familyName': word }, { requiredKeys: [] }),
  }),
  fc.record({
    op: change,
    path: kind.map((type) => `emails[type eq "${type}"].display`),
    value: fc.option(word),
  }),
  fc.record({
    op: change,
    path: kind.map((type) => `emails[type eq "${type}"].primary`),
    value: fc.constant(true),
  }),
  fc.record({
    op: fc.constant('replace' as const),
    path: kind.map((type) => `emails[type eq "${type}"]`),
    value: email,
  }),
  fc.record({
    op: fc.constant('remove' as const),
    path: fc.oneof(
      fc.constantFrom('title', 'name', 'name.givenName', 'emails', enterprise, `${enterprise}:department`),
      kind.map((type) => `emails[type eq "${type}"]`),
      kind.map((type) => `emails[type eq "${type}"].display`),
    ),
  }),
);
const operations = fc.array(operation, { minLength: 1, maxLength: 8 });

/** Undefined for a value without content, at any depth. */
function pruned(value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  if (Array.isArray(value)) {
    const kept = value.map(pruned).filter((one) => one !== undefined);
    return kept.length === 0 ? undefined : kept;
  }
  if (typeof value !== 'object') return value;
  const kept = Object.entries(value).flatMap(([key, one]) => {
    const inner = pruned(one);
    return inner === undefined ? [] : [[key, inner] as const];
  });
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

class Refused extends Error {}

/** RFC 7644 3.5.2 in its plainest form, for the attributes above: copies everything, then changes the copy. */
function reference(resource: Plain, operationList: readonly Operation[]): Plain {
  let now = structuredClone(resource);
  for (const { op, path, value } of operationList) {
    if (path === undefined) {
      for (const [key, one] of Object.entries(value as Plain)) step(now, op, key, one);
    } else step(now, op, path, value);
    now = (pruned(now) ?? {}) as Plain;
  }
  return now;
}

function step(now: Plain, op: Operation['op'], path: string, value: unknown): void {
  const filtered = /^emails\[type eq "(\w+)"\](?:\.(\w+))?$/.exec(path);
  if (filtered !== null) {
    const [, type = '', sub] = filtered;
    stepEmails(now, op, type, sub, structuredClone(value));
    return;
  }
  const [holder, key] = place(now, path);
  if (op === 'remove') delete holder[key];
  else if (path === 'emails' && op === 'replace') now['emails'] = structuredClone(value);
  else if (path === 'emails') {
    const list = (now['emails'] ??= []) as Plain[];
    for (const one of value as Plain[]) {
      // A value without anything new changes nothing; one with the same value and type is merged; all others are new.
      const says = list.some((other) => Object.entries(one).every(([name, part]) => other[name] === part));
      const same = list.find((other) => other['value'] === one['value'] && other['type'] === one['type']);
      if (says) continue;
      const placed = same ?? {};
      if (same === undefined) list.push(placed);
      Object.assign(placed, one);
      if (one['primary'] === true) demote(list, placed);
    }
  } else if (typeof value === 'object' && value !== null)
    holder[key] = { ...(holder[key] as Plain | undefined), ...value };
  else holder[key] = value;
}

function place(now: Plain, path: string): [Plain, string] {
  if (path.startsWith(`${enterprise}:`)) return [(now[enterprise] ??= {}) as Plain, path.slice(enterprise.length + 1)];
  if (path.startsWith('name.')) return [(now['name'] ??= {}) as Plain, path.slice(5)];
  return [now, path];
}

function stepEmails(now: Plain, op: Operation['op'], type: string, sub: string | undefined, value: unknown): void {
  const list = (now['emails'] ??= []) as Plain[];
  const matching = list.filter((one) => one['type'] === type);
  if (op === 'remove') {
    if (sub === undefined) now['emails'] = list.filter((one) => !matching.includes(one));
    else for (const one of matching) delete one[sub];
    return;
  }
  if (sub === undefined) {
    if (matching.length === 0) throw new Refused('noTarget');
    if ((value as Email).primary === true && matching.length > 1) throw new Refused('invalidValue');
    for (const one of matching) {
      // The type that the filter compares stays, where the new value has none (standards reading 59).
      for (const name of Object.keys(one)) if (name !== 'type') delete one[name];
      Object.assign(one, value);
      if (one['primary'] === true) demote(list, one);
    }
    return;
  }
  if (sub === 'primary' && matching.length > 1) throw new Refused('invalidValue');
  if (matching.length === 0 && value !== null) {
    const made = { type };
    list.push(made);
    matching.push(made);
  }
  for (const one of matching) {
    one[sub] = value;
    if (sub === 'primary') demote(list, one);
  }
}

function demote(list: readonly Plain[], but: Plain): void {
  for (const one of list) if (one !== but && one['primary'] === true) one['primary'] = false;
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
  return value;
}

describe('any sequence of operations', () => {
  it('gives the result, or the error, of a plain implementation of RFC 7644 3.5.2', () => {
    let accepted = 0;
    fc.assert(
      fc.property(user, operations, (before, operationList) => {
        let expected: Plain | string;
        try {
          expected = reference(before, operationList);
          accepted++;
        } catch (error) {
          if (!(error instanceof Refused)) throw error;
          expected = error.message;
        }
        if (typeof expected === 'string') expect(refusal(userType, before, operationList)).toBe(expected);
        else expect(patched(userType, before, operationList)).toEqual(expected);
      }),
      random(3_000),
    );
    expect(accepted).toBeGreaterThan(500);
  });

  it('never writes to the resource or to the request, whether it succeeds or not', () => {
    fc.assert(
      fc.property(user, operations, (before, operationList) => {
        scimTypeOf(() => outcome(userType, freeze(before), freeze(operationList)));
      }),
      random(),
    );
  });

  it('does the same in one PATCH as in one PATCH for each operation', () => {
    fc.assert(
      fc.property(user, operations, (before, operationList) => {
        let one: Attributes = before;
        const refused = scimTypeOf(() => {
          for (const single of operationList) one = patched(userType, one, [single]);
        });
        expect(refusal(userType, before, operationList)).toBe(refused);
        if (refused === undefined) expect(patched(userType, before, operationList)).toEqual(one);
      }),
      random(1_000),
    );
  });

  it('returns what differs and nothing else', () => {
    fc.assert(
      fc.property(user, operations, (before, operationList) => {
        scimTypeOf(() => {
          const { set, unset } = outcome(userType, before, operationList);
          for (const [name, value] of Object.entries(set)) expect(isSameJson(before[name], value)).toBe(false);
          for (const name of unset) expect(before[name]).toBeDefined();
          expect(unset.filter((name) => name in set)).toEqual([]);
        });
      }),
      random(),
    );
  });
});

describe('any sequence of operations on members', () => {
  const id: fc.Arbitrary<string> = fc.constantFrom('u1', 'u2', 'g1', 'g2');
  const ids = fc.uniqueArray(id);
  const list = (of: readonly string[]): Plain[] =>
    of.map((value) => ({
      value,
      type: value.startsWith('g') ? 'Group' : 'User',
    }));
  const memberOperation: fc.Arbitrary<Operation> = fc.oneof(
    fc.record({
      op: change,
      path: fc.constant('members'),
      value: ids.map(list),
    }),
    fc.record({
      op: fc.constant('remove' as const),
      path: fc.constant('members'),
      value: ids.map(list),
    }),
    fc.record({
      op: fc.constant('remove' as const),
      path: id.map((one) => `members[value eq "${one}"]`),
    }),
    fc.record({
      op: fc.constant('remove' as const),
      path: fc.tuple(id, id).map(([one, other]) => `members[value eq "${one}" or value eq "${other}"]`),
    }),
    fc.record({
      op: fc.constant('remove' as const),
      path: fc.constantFrom('members', 'members[type eq "Group"]'),
    }),
  );

  it('folds into one delta with the same effect as the operations in turn', () => {
    fc.assert(
      fc.property(ids, fc.array(memberOperation, { maxLength: 10 }), (before, operationList) => {
        const now = new Set(before);
        for (const { op, path = '', value } of operationList) {
          const named = ((value ?? []) as { value: string }[]).map((one) => one.value);
          const quoted = [...path.matchAll(/value eq "(\w+)"/g)].map(([, one]) => one ?? '');
          if (op === 'add') for (const one of named) now.add(one);
          else if (op === 'replace') {
            now.clear();
            for (const one of named) now.add(one);
          } else if (path.includes('Group')) ['g1', 'g2'].forEach((one) => now.delete(one));
          else if (quoted.length > 0) quoted.forEach((one) => now.delete(one));
          else if (value !== undefined) named.forEach((one) => now.delete(one));
          else now.clear();
        }
        const group = { displayName: 'x', members: list(before) };
        const result = outcome(groupType, group, operationList);
        const after = (withOutcome(group, result)['members'] ?? []) as {
          value: string;
        }[];
        expect(after.map((one) => one.value).sort()).toEqual([...now].sort());
        const added = (result.members?.add ?? []).map((one) => one.value);
        expect(added.filter((one) => result.members?.remove.includes(one))).toEqual([]);
      }),
      random(1_000),
    );
  });
});
