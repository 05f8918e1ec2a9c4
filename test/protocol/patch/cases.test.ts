import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { readResource } from '../../../src/schema/normalise.js';
import { isDeepEqual } from '../../../src/schema/equal.js';
import { createValidator } from '../../../src/schema/validate.js';
import { applyPatch } from '../../../src/protocol/patch/apply.js';
import { readPatch } from '../../../src/protocol/patch/read.js';
import type { Attributes } from '../../../src/store/contract.js';
import { groupType, optionsFor, scimTypeOf, tolerating, userType, withOutcome } from './patching.js';

/** The cases whose form `about` in patches.json tells, run in memory: no store, no HTTP. */
interface Expectation {
  readonly status: number | readonly number[];
  readonly scimType?: string | readonly string[];
  readonly after?: unknown;
  readonly unchanged?: boolean;
  readonly or?: readonly Expectation[];
}
interface Case {
  readonly id: string;
  readonly group: string;
  readonly resourceType: 'User' | 'Group';
  readonly before?: unknown;
  readonly patch?: unknown;
  readonly patches?: readonly unknown[];
  readonly raw?: string;
  readonly target?: string;
  readonly expect: Expectation;
}

const { cases } = JSON.parse(readFileSync(new URL('../../cases/patches.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly Case[];
};

/** Decided by the store or by HTTP, and run where there are such. */
function needsServer(one: Case): boolean {
  return (
    one.target !== undefined ||
    one.id === 'malformed-body/not-json' ||
    [one.expect.status].flat().some((status) => status === 409)
  );
}

const names: Readonly<Record<string, string>> = {
  run: 'r1',
  id: 'id-1',
  uuid: 'nobody',
  gone: 'gone',
  base: 'https://scim.example/v2',
};
const fill = (text: string): string =>
  text.replace(/\{\{(\w+)(?::(\d+))?\}\}/g, (_, name: string, n: string | undefined) =>
    n === undefined ? (names[name] ?? name) : `${name}-${n}`,
  );

/** Placeholders filled in, `$repeat` written out. */
function expand(value: unknown): unknown {
  if (typeof value === 'string') return fill(value);
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown) => {
      const repeat = (item as { $repeat?: { count: number; item: unknown } } | null)?.$repeat;
      if (repeat === undefined) return [expand(item)];
      return Array.from({ length: repeat.count }, (_, i) =>
        expand(JSON.parse(JSON.stringify(repeat.item).replaceAll('{{i}}', String(i + 1)))),
      );
    });
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [fill(key), expand(item)]));
}

const isGone = (value: unknown): boolean => {
  if (value === undefined || value === null) return true;
  if (Array.isArray(value)) return value.every(isGone);
  return typeof value === 'object' && Object.values(value).every(isGone);
};

/** Whether a resource has what a case says of it. */
function holds(wanted: unknown, got: unknown, key = ''): boolean {
  if (wanted === null) return isGone(got) || (key === 'primary' && got === false);
  if (Array.isArray(wanted)) {
    if (!Array.isArray(got)) return isGone(got) && wanted.length === 0;
    return (
      wanted.length === got.length && wanted.every((one: unknown) => got.some((other: unknown) => holds(one, other)))
    );
  }
  if (typeof wanted !== 'object') return wanted === got || (wanted === false && key === 'primary' && got === undefined);
  const said = wanted as Readonly<Record<string, unknown>>;
  if ('$empty' in said) return isGone(got) || got === '';
  if ('$any' in said) return true;
  if ('$count' in said) return (Array.isArray(got) ? got.length : 0) === said['$count'];
  if ('$not' in said) return !holds(said['$not'], got, key);
  if ('$oneOf' in said) return (said['$oneOf'] as unknown[]).some((one) => holds(one, got, key));
  if ('$includes' in said) {
    return (said['$includes'] as unknown[]).every(
      (one) => Array.isArray(got) && got.some((other) => holds(one, other)),
    );
  }
  const object = (typeof got === 'object' && got !== null ? got : {}) as Readonly<Record<string, unknown>>;
  return Object.keys(said).every((name) =>
    holds(said[name], Object.hasOwn(object, name) ? object[name] : undefined, name),
  );
}

/** What a client would see of the resource. */
function shown(one: Case, resource: Attributes): Attributes {
  const type = one.resourceType === 'User' ? userType : groupType;
  const used = type.extensions.filter(({ container }) => !isGone(resource[container.name]));
  const { password: _, ...visible } = resource;
  return {
    ...visible,
    id: 'id-1',
    schemas: [type.schema.id, ...used.map(({ schema }) => schema.id)],
    meta: { resourceType: type.name },
  };
}

function problem(one: Case): string {
  const type = one.resourceType === 'User' ? userType : groupType;
  const validator = createValidator(type, false);
  let current: Attributes = {
    id: 'id-1',
    ...readResource(type, expand(one.before), tolerating()),
  };
  const run = (body: unknown): Attributes => {
    const outcome = applyPatch(readPatch(body, type, optionsFor(type)), current);
    validator.change(outcome.set);
    return withOutcome(current, outcome);
  };
  const bodies = one.raw === undefined ? (one.patches ?? [one.patch]) : [JSON.parse(fill(one.raw)) as unknown];
  for (const body of bodies.slice(0, -1)) current = run(expand(body));
  const frozen = JSON.stringify(current);
  let after = current;
  const refused = scimTypeOf(() => {
    after = run(expand(bodies.at(-1)));
  });
  if (JSON.stringify(current) !== frozen) return 'what was stored has been written to';
  const failures = [one.expect, ...(one.expect.or ?? [])].map((wanted) => {
    const fails = [wanted.status].flat().some((status) => status >= 400);
    if (fails !== (refused !== undefined)) return refused === undefined ? 'was accepted' : `was refused: ${refused}`;
    if (fails) {
      const types = [wanted.scimType ?? refused].flat();
      return types.includes(refused) ? '' : `scimType ${String(refused)}`;
    }
    if (wanted.unchanged === true && !isDeepEqual(current, after)) return `changed: ${JSON.stringify(after)}`;
    return holds(expand(wanted.after ?? {}), shown(one, after)) ? '' : `became ${JSON.stringify(after)}`;
  });
  return failures.includes('') ? '' : failures.join(' / ');
}

describe('the PATCH cases for User and Group', () => {
  it('leaves to a server only what needs one', () => {
    expect(cases.filter(needsServer).map((one) => one.group)).toEqual(
      expect.arrayContaining(['uniqueness', 'answer', 'malformed-body', 'atomic']),
    );
    expect(cases.filter((one) => !needsServer(one)).length).toBeGreaterThan(425);
  });

  for (const one of cases) if (!needsServer(one)) it(one.id, () => expect(problem(one)).toBe(''));
});
