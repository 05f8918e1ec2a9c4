import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import express from 'express';
import { type ClientId, clientIds, simulate } from '../../../src/tools/index.js';
import { quirks } from '../../../src/quirks/quirks.js';
import { expresses } from '../../http/app.js';
import { type RunningServer, startServer } from '../../servers.js';
import { isPending } from './pending.js';

/** Names of the simulated clients in the registry of quirks. */
const inRegistry: Readonly<Record<ClientId, readonly string[]>> = {
  entra: ['Microsoft Entra ID'],
  'entra-flag': ['Microsoft Entra ID'],
  okta: ['Okta'],
  authentik: ['authentik'],
  onelogin: ['OneLogin'],
  jumpcloud: ['JumpCloud'],
  keycloak: ['Keycloak'],
  ping: ['Ping'],
  sailpoint: ['SailPoint'],
  google: ['Google Workspace'],
  rippling: ['Rippling'],
  syncope: ['Apache Syncope', 'ConnId'],
  'scim-sdk': ['SCIM-SDK', 'SCIM for Keycloak'],
  ssosync: ['ssosync'],
  databricks: ['Databricks SDK'],
  salesforce: ['Salesforce'],
};

const size = { users: 8, groups: 3, pageSize: 5 };

describe.each(expresses)('every client on %s', (_, make) => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer(make, { onQuirk: ({ quirk }) => void applied.add(quirk) });
  });
  afterAll(() => server.close());
  const applied = new Set<string>();

  const completes = async (client: ClientId): Promise<void> => {
    applied.clear();
    const report = await simulate({ ...server, client, ...size });
    // The panel calls a quirk unusual where the registry does not name the provider.
    const known = quirks.filter(({ clients }) =>
      inRegistry[client].some((name) => clients.some((each) => each === name)),
    );
    expect(known.map(({ id }) => id)).toEqual(expect.arrayContaining([...applied]));
    expect(report.findings).toEqual([]);
    expect(report.passed).toBe(true);
    expect(report.stages.filter(({ outcome, requests }) => outcome !== 'played' || requests === 0)).toEqual([]);
    expect(report.leftBehind).toEqual([]);
    const users = await fetch(`${server.baseUrl}/Users`, { headers: { authorization: `Bearer ${server.key}` } });
    expect(await users.json()).toMatchObject({ totalResults: 0 });
  };
  const title = '%s completes all stages without a finding, and leaves nothing behind';
  it.each(clientIds.filter((client) => !isPending(client)))(title, completes);
  it.failing.each(clientIds.filter(isPending))(`pending: ${title}`, completes);

  it('runs concurrently with other runs, on a server that is in use', async () => {
    const kept = await simulate({ ...server, client: 'okta', ...size, keep: true });
    expect(kept.leftBehind.length).toBeGreaterThan(8);
    const reports = await Promise.all(
      (['entra', 'okta'] as const).map((client) => simulate({ ...server, client, ...size })),
    );
    expect(reports.flatMap(({ findings }) => findings)).toEqual([]);
  });
});

describe('a run', () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer(express);
  });
  afterAll(() => server.close());

  it('reports its progress and respects the concurrency', async () => {
    let under = 0;
    let most = 0;
    const counting: typeof fetch = async (input, init) => {
      most = Math.max(most, ++under);
      try {
        return await fetch(input, init);
      } finally {
        under--;
      }
    };
    const steps: string[] = [];
    const onProgress = ({ stage }: { stage: string }): unknown => steps.at(-1) === stage || steps.push(stage);
    const report = await simulate({ ...server, client: 'entra', ...size, concurrency: 3, fetch: counting, onProgress });
    expect(most).toBe(3);
    expect(steps).toEqual(report.stages.map(({ name }) => name));
  });

  it('of authentik sends no more operations in a PATCH than bulk.maxOperations says', async () => {
    const sizes = async (maxOperations: number): Promise<readonly number[]> => {
      const found: number[] = [];
      const limited: typeof fetch = async (input, init = {}) => {
        if (init.method === 'PATCH') {
          found.push((JSON.parse(String(init.body)) as { Operations: unknown[] }).Operations.length);
        }
        const response = await fetch(input, init);
        if (!String(input).endsWith('/ServiceProviderConfig')) return response;
        const config = (await response.json()) as { bulk: object };
        return Response.json({ ...config, bulk: { ...config.bulk, maxOperations } }, response);
      };
      await simulate({ ...server, client: 'authentik', ...size, fetch: limited });
      return found;
    };
    expect(Math.max(...(await sizes(2)))).toBe(2);
    // Below 1 there is no limit: all members of the largest group join in one request.
    expect(Math.max(...(await sizes(0)))).toBe(size.users);
  });

  it('ends when its signal aborts, and still deletes what it created', async () => {
    const stop = new AbortController();
    const report = await simulate({
      ...server,
      client: 'entra',
      ...size,
      signal: stop.signal,
      onProgress: ({ requests }) => requests === 40 && stop.abort(new Error('enough')),
    });
    expect(report.stages.map(({ outcome }) => outcome)).toEqual(expect.arrayContaining(['played', 'stopped']));
    expect(report.leftBehind).toEqual([]);
    const users = await fetch(`${server.baseUrl}/Users`, { headers: { authorization: `Bearer ${server.key}` } });
    expect(await users.json()).toMatchObject({ totalResults: 0 });
  });

  it('reports a server that cannot be reached', async () => {
    const report = await simulate({
      baseUrl: 'http://127.0.0.1:1/scim',
      key: 'k',
      client: 'entra',
      ...size,
      maxWaitMilliseconds: 1,
    });
    expect(report.findings.map(({ rule }) => rule)).toContain('no-response');
    expect(report.stages.at(-1)?.outcome).toBe('skipped');
  });

  it('rejects sizes that are out of range', async () => {
    await expect(simulate({ ...server, client: 'entra', users: 1 })).rejects.toThrow('users must be an integer from 2');
    await expect(simulate({ ...server, client: 'entra', concurrency: 0 })).rejects.toThrow(RangeError);
  });
});
