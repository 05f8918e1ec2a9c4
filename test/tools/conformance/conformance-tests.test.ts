import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { conformanceTests, type ConformanceReport, runConformanceTests } from '../../../src/tools/index.js';
import { type TestedServer, serveTested } from './serve.js';
import { patient } from '../../patient.js';

/** Features that this version does not offer: exactly their tests are skipped. */
const notOffered = [
  'bulk',
  'cursor',
  'search',
  'rootQuery',
  'me',
  'async',
  'securityEvents',
  'roles',
  'profile',
  'device',
];
const notAnnounced = ['changePassword', 'password'];

describe.each([
  ['Express 5', '5', false],
  ['Express 4', '4', false],
  ['Express 5, strict', '5', true],
] as const)('the conformance tests of a memory store behind %s', (_, version, strict) => {
  let server: TestedServer;
  let report: ConformanceReport;
  beforeAll(async () => {
    server = await serveTested(version, strict);
    report = await runConformanceTests(server.target, patient);
  });
  afterAll(() => server.close());

  it.each(conformanceTests.map(({ id, requirement }) => ({ id, requirement })))('$id $requirement', ({ id }) => {
    const result = report.results.find((each) => each.id === id);
    expect(result?.status === 'failed' ? result.messages : []).toEqual([]);
    expect(result?.status).toMatch(/passed|skipped/);
  });

  it('skips what is not offered, and nothing else', () => {
    const mode = strict ? 'defaultMode' : 'strictMode';
    const allowed = [...notOffered, ...notAnnounced, mode].map((name) => new RegExp(`does not offer: .*\\b${name}\\b`));
    const others = report.results.filter(
      (result) => result.status === 'skipped' && !allowed.some((pattern) => pattern.test(result.reason)),
    );
    expect(others).toEqual([]);
  });

  it('leaves nothing behind', async () => {
    for (const { baseUrl, key } of [server.target, ...[server.target.secondTenant ?? server.target]]) {
      for (const endpoint of ['/Users', '/Groups', '/Assets']) {
        const response = await fetch(`${baseUrl}${endpoint}?count=0`, { headers: { authorization: `Bearer ${key}` } });
        expect(await response.json()).toMatchObject({ totalResults: 0 });
      }
    }
  });
});
