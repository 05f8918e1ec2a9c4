import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import express from 'express';
import { type ClientId, simulate } from '../../../src/tools/index.js';
import { type RunningServer, startServer } from '../../servers.js';
import { clientFaultCases } from './client-fault-cases.js';
import { type FaultCase, faultCases as commonFaultCases, lookup404 } from './fault-cases.js';
import { everyNth, type Fault, faulty, refusal } from './faulty.js';
import { isPending } from './pending.js';

const faultCases = [...commonFaultCases, ...clientFaultCases];

describe('a server with one fault', () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer(express);
  });
  afterAll(() => server.close());
  const play = (client: ClientId, fault: Fault) =>
    simulate({
      ...server,
      client,
      users: 8,
      groups: 3,
      pageSize: 5,
      maxWaitMilliseconds: 2,
      fetch: faulty(server.baseUrl, fault),
    });

  const findsOut = async (_: string, { client, found, fault }: FaultCase): Promise<void> => {
    const report = await play(client, fault());
    const rules = report.findings.map(({ rule }) => rule);
    expect(rules).toEqual(expect.arrayContaining([...found]));
    for (const finding of report.findings.filter(({ rule }) => found.includes(rule))) {
      expect(finding.next).toContain(report.name);
      expect(finding.reference).toMatch(/^RFC \d{4} \d/);
      expect(JSON.stringify(finding)).not.toContain(server.key);
    }
  };
  const named = (cases: readonly FaultCase[]) => cases.map((each) => [each.name, each] as const);
  it.each(named(faultCases.filter(({ client }) => !isPending(client))))('that %s is found out', findsOut);
  // The server without the fault does not get that far: see pending.ts.
  const later = named(faultCases.filter(({ client }) => isPending(client)));
  if (later.length > 0) it.skip.each(later)('pending: that %s is found out', findsOut);

  it('that only starts slowly costs nothing but time: each failed request is retried', async () => {
    const busy = everyNth(7);
    const report = await play('entra', { response: () => (busy() ? refusal(503) : undefined) });
    expect(report.passed).toBe(true);
    expect(report.retried).toBeGreaterThan(10);
    expect(new Set(report.findings.map(({ rule, severity }) => `${rule} ${severity}`))).toEqual(
      new Set(['server-error warning']),
    );
  });

  it('with a rate limit is retried after Retry-After', async () => {
    const busy = everyNth(9);
    const report = await play('okta', {
      response: () => (busy() ? refusal(429, undefined, { 'retry-after': '1' }) : undefined),
    });
    expect(report.findings).toEqual([]);
    expect(report.throttled).toBeGreaterThan(10);
  });

  it('names the consequence that is specific to the client', async () => {
    const [first] = (await play('entra', lookup404)).findings;
    expect(first).toMatchObject({ rule: 'empty-match', severity: 'error', consequence: 'quarantine' });
    const forgiving = await play('okta', lookup404);
    expect(forgiving.findings.find(({ rule }) => rule === 'empty-match')).toMatchObject({ severity: 'warning' });
  });

  it('reports a finding once, with the number of occurrences', async () => {
    const { findings } = await play('entra', lookup404);
    const matches = findings.filter(({ rule, step }) => rule === 'empty-match' && step === 'match user');
    expect(matches.map(({ times }) => times)).toEqual([8]);
  });
});
