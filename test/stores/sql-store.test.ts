import { describe, expect, it } from '@jest/globals';
import type { User } from '../../src/contract/resource.js';
import { testUserStore } from '../../src/testing/index.js';
import { change, ctx, listQuery } from '../../src/testing/requests.js';
import { createSqlStore } from './trial/sql-store.js';
import { patient } from '../patient.js';

testUserStore({
  ...patient,
  name: 'SQL over a table without version and externalId',
  create: createSqlStore,
  capabilities: { nestedGroups: false },
});

describe('SQL over a table that the host writes too', () => {
  it("lists rows that SCIM did not create, updates them, and detects the host's changes by the version", async () => {
    const { store, database } = createSqlStore();
    await database.transaction((sql) => sql.run(`insert into members (org, login) values ('acme', 'Old')`));
    const [old] = (await store.list(listQuery<User>(), ctx())).resources;
    expect(old).toMatchObject({ id: 'u1', userName: 'Old', active: true });
    const off = await store.update('u1', change<User>({ set: { active: false, externalId: 'X' } }), ctx());
    expect(off?.resource).toMatchObject({ active: false, externalId: 'X' });
    await database.transaction((sql) => sql.run(`update members set job_title = 'Dr' where id = 1`));
    const stale = change<User>({ ifVersion: off?.resource.meta.version, set: { nickName: 'O' } });
    await expect(async () => store.update('u1', stale, ctx())).rejects.toMatchObject({ status: 412 });
  });
});
