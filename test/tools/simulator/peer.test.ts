import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import express from 'express';
import SCIMMY from 'scimmy';
import SCIMMYRouters from 'scimmy-routers';
import { simulate, type SimulationReport } from '../../../src/tools/index.js';
import { serve, type ServedType } from '../conformance/serve.js';

const key = 'the-key-of-the-peer';

interface PeerRecord {
  readonly id: string;
  readonly meta: { readonly created: Date; readonly lastModified: Date };
}

/** Handlers as the peer's documentation has them: a map, and its own filter over all of it. */
function handlers() {
  const records = new Map<string, PeerRecord>();
  return {
    ingress(resource: { id?: string }, data: object): PeerRecord {
      const old = resource.id === undefined ? undefined : records.get(resource.id);
      const now = new Date();
      const plain = JSON.parse(JSON.stringify(data)) as object;
      const record = {
        ...plain,
        id: old?.id ?? randomUUID(),
        meta: { created: old?.meta.created ?? now, lastModified: now },
      };
      records.set(record.id, record);
      return record;
    },
    egress(resource: { id?: string; filter?: { match(list: PeerRecord[]): PeerRecord[] } }) {
      if (resource.id !== undefined) {
        const record = records.get(resource.id);
        if (record === undefined) throw new SCIMMY.Types.Error(404, null as never, 'not found');
        return record;
      }
      const all = [...records.values()];
      return resource.filter?.match(all) ?? all;
    },
    degress(resource: { id?: string }) {
      records.delete(resource.id ?? '');
    },
  };
}

describe('another implementation, so that the simulated clients do not only fit this library', () => {
  let server: ServedType;
  const reports = new Map<string, SimulationReport>();
  beforeAll(async () => {
    SCIMMY.Config.set({ patch: true, filter: true });
    SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser, false);
    SCIMMY.Resources.declare(SCIMMY.Resources.User, handlers() as never);
    SCIMMY.Resources.declare(SCIMMY.Resources.Group, handlers() as never);
    const app = express();
    app.use(
      new SCIMMYRouters({
        type: 'bearer',
        handler: (req: { header(name: string): string | undefined }) => {
          if (req.header('authorization') !== `Bearer ${key}`) throw new Error('unauthorized');
          return 'peer';
        },
      } as never) as never,
    );
    server = await serve(app);
    for (const client of ['entra', 'okta'] as const) {
      reports.set(client, await simulate({ baseUrl: server.url, key, client, users: 8, groups: 3, pageSize: 5 }));
    }
  });
  afterAll(() => server.close());
  const findings = (client: string) => reports.get(client)?.findings ?? [];

  it.each([
    ['disable-refused', 'booleans as text'],
    ['manager-refused', 'a manager as text'],
    ['update-refused', 'an element of a list that is not there yet'],
    ['conflict-accepted', 'two users of one name, where the host does not look'],
  ] as const)('meets %s: Entra sends %s', (rule, _) => {
    expect(findings('entra').map((finding) => finding.rule)).toContain(rule);
  });

  it('has other findings with Okta', () => {
    const rules = findings('okta').map(({ rule }) => rule);
    expect(rules).toContain('conflict-accepted');
    expect(rules).not.toContain('disable-refused');
  });

  it('runs to the end and cleans up', () => {
    for (const report of reports.values()) {
      expect(report.stages.filter(({ outcome }) => outcome === 'played').length).toBeGreaterThan(15);
      expect(report.leftBehind).toEqual([]);
    }
  });
});
