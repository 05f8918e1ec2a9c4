import { describe, expect, it } from '@jest/globals';

interface Check {
  readonly tester: string;
  readonly check: string;
  readonly outcome: string;
  readonly reason: string;
}
interface Judge {
  readScim2(text: string): Check[];
  readSanity(text: string): Check[];
  judge(checks: readonly Check[]): {
    readonly failed: readonly Check[];
    readonly used: ReadonlyMap<unknown, number>;
    readonly unused: readonly unknown[];
  };
}
const file = new URL('../../../.ci/testers/judge.mjs', import.meta.url).href;
const { readScim2, readSanity, judge } = (await import(file)) as Judge;

const members = (sent: string, came: string): string => `Performing a SCIM compliance check on http://x/ ...
SUCCESS random_url
  /x correctly returned a 404 error
ERROR check_add_attribute
  Attribute 'members' was not added or has unexpected value
Patched value: [Members(value='1', display=${sent})]
Returned value: [Members(value=${came}, display='Ada')]
SKIPPED object_deletion
`;

describe('judging independent testers', () => {
  it('parses the output of scim2, including reasons of several lines', () => {
    const checks = readScim2(members('None', "'1'"));
    expect(checks.map(({ check, outcome }) => [check, outcome])).toEqual([
      ['random_url', 'passed'],
      ['check_add_attribute', 'failed'],
      ['object_deletion', 'skipped'],
    ]);
    expect(checks[1]?.reason).toMatch(/^Attribute 'members'.*\nPatched value: .*\nReturned value: /);
  });

  it('accepts what an exception names, and nothing else', () => {
    const failed = (came: string): readonly string[] =>
      judge(readScim2(members('None', came))).failed.map(({ check }) => check);
    expect(failed("'1'")).toEqual(['object_deletion']);
    expect(failed("'2'")).toEqual(['check_add_attribute', 'object_deletion']);
  });

  it('reports unused exceptions', () => {
    expect(judge(readScim2('SUCCESS random_url\n')).unused).toHaveLength(3);
  });

  it('parses the output of scim-sanity', () => {
    const results = [
      { name: 'GET /Schemas', status: 'pass' },
      { name: 'PATCH /Groups/{id} add member', status: 'fail', message: 'Expected 200, got 204' },
      { name: 'PATCH /Users/{id}', status: 'fail', message: 'Expected 200, got 204' },
      { name: 'Agent CRUD Lifecycle', status: 'skip', message: 'Agent not supported by server' },
      { name: 'GET /Users', status: 'warn' },
    ];
    const { failed, unused } = judge(readSanity(JSON.stringify({ results })));
    expect(failed.map(({ check }) => check)).toEqual(['PATCH /Users/{id}', 'GET /Users']);
    expect(unused).toEqual([]);
  });
});
