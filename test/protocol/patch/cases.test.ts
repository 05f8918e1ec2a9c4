import { beforeAll, describe, expect, it } from '@jest/globals';
import { readResource } from '../../../src/schema/read-resource.js';
import { isSameJson } from '../../../src/schema/equal.js';
import { createValidator } from '../../../src/schema/validate.js';
import { applyPatch } from '../../../src/protocol/patch/apply.js';
import { readPatch } from '../../../src/protocol/patch/read.js';
import type { Attributes } from '../../../src/contract/attribute.js';
import { type Case, cases, expand as expandWith, holds, isGone } from '../../cases/patch-cases.js';
import { groupType, optionsFor, scimTypeOf, usingQuirk, userType, withOutcome } from './patching.js';

/** Groups of cases that depend on the store or on HTTP: patches.http.test.ts runs them. */
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

const expand = (value: unknown): unknown => expandWith(value, fill);

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
    ...readResource(type, expand(one.before), usingQuirk()),
  };
  const run = (body: unknown): Attributes => {
    const outcome = applyPatch(readPatch(body, type, optionsFor(type)), current);
    void validator.change(outcome.set);
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
  const failures = [one.expect, ...(one.expect.or ?? [])].map((expected) => {
    const fails = [expected.status].flat().some((status) => status >= 400);
    if (fails !== (refused !== undefined)) return refused === undefined ? 'was accepted' : `was refused: ${refused}`;
    if (fails) {
      const types = [expected.scimType ?? refused].flat();
      return types.includes(refused) ? '' : `scimType ${String(refused)}`;
    }
    if (expected.unchanged === true && !isSameJson(current, after)) return `changed: ${JSON.stringify(after)}`;
    return holds(expand(expected.after ?? {}), shown(one, after)) ? '' : `became ${JSON.stringify(after)}`;
  });
  return failures.includes('') ? '' : failures.join(' / ');
}

describe('the PATCH cases for User and Group', () => {
  // Once the compiler is loaded, a check is synchronous.
  beforeAll(async () => createValidator(userType, false).change({}));

  it('needs a server for a few groups only', () => {
    expect(cases.filter(needsServer).map((one) => one.group)).toEqual(
      expect.arrayContaining(['uniqueness', 'response', 'malformed-body', 'atomic']),
    );
    expect(cases.filter((one) => !needsServer(one)).length).toBeGreaterThan(425);
  });

  for (const one of cases) if (!needsServer(one)) it(one.id, () => expect(problem(one)).toBe(''));
});
