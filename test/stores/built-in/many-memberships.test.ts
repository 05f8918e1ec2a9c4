import { expect, it } from '@jest/globals';
import { sql } from 'kysely';
import type { Group, User } from '../../../src/contract/resource.js';
import { createScimTables, sqlStore } from '../../../src/sql.js';
import { ctx, index, listQuery, newGroup, newUser, withMembers } from '../../../src/testing/requests.js';
import { sqlite } from '../sql/sqlite.js';
import { groupsIn } from '../users.js';

const acme = ctx('acme');
const tooMany = (attribute: string): unknown =>
  expect.objectContaining({ scimType: 'tooMany', message: expect.stringContaining(`excludedAttributes=${attribute}`) });

it('a page of groups with more than 200,000 members is refused; one group is read whole', async () => {
  const { db } = sqlite();
  await createScimTables(db);
  const store = sqlStore(db);
  const groups = groupsIn(store);
  const { id } = (await groups.create(newGroup('Everybody'), acme)).resource;
  await groups.create(newGroup('Nobody'), acme);
  await sql`insert into scim_members (tenant, group_id, member_id)
    with recursive n(i) as (select 1 union all select i + 1 from n where i < 200001)
    select 'acme', ${id}, 'm' || i from n`.execute(db);
  const page = { selection: withMembers, page: index(0, 10) };
  await expect(async () => groups.list(listQuery<Group>(page), acme)).rejects.toEqual(tooMany('members'));
  expect((await groups.list(listQuery<Group>({ page: index(0, 10) }), acme)).resources).toHaveLength(2);
  expect((await groups.get(id, withMembers, acme))?.members).toHaveLength(200_001);
});

it('users with more than 200,000 groups together are refused; one user is read with all of them', async () => {
  const { db } = sqlite();
  await createScimTables(db);
  const store = sqlStore(db);
  const [ada, bob] = [await store.create(newUser('ada'), acme), await store.create(newUser('bob'), acme)];
  const ids = [ada.resource.id, bob.resource.id];
  const numbers = sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < 100001)`;
  await sql`insert into scim_groups (tenant, id, attributes, normalized, created, last_modified, version)
    ${numbers} select 'acme', 'g' || i, '{}', '{}', 0, 0, 1 from n`.execute(db);
  for (const id of ids) {
    await sql`insert into scim_members (tenant, group_id, member_id, user_id)
      ${numbers} select 'acme', 'g' || i, ${id}, ${id} from n`.execute(db);
  }
  await expect(async () => groupsIn(store).groupsOf?.(ids, acme)).rejects.toEqual(tooMany('groups'));
  expect((await groupsIn(store).groupsOf?.(ids.slice(1), acme))?.get(bob.resource.id)).toHaveLength(100_001);
  expect((await store.list(listQuery<User>({ page: index(0, 10) }), acme)).resources).toHaveLength(2);
});
