import { describe, expect, it } from '@jest/globals';
import { defaultLimits } from '../../../src/limits.js';
import { parseFilter } from '../../../src/protocol/filter/parse.js';
import { enterpriseUserSchema } from '../../../src/schema/core/enterprise-user.js';
import { groupSchema } from '../../../src/schema/core/group.js';
import { userSchema } from '../../../src/schema/core/user.js';
import { compileResourceType, type ResourceType } from '../../../src/schema/resource-type.js';
import type { Attributes } from '../../../src/contract/attribute.js';
import type { ResourceStore } from '../../../src/contract/store.js';
import { MemoryStore } from '../../../src/stores/memory/memory-store.js';
import { ctx, listQuery, newGroup, newUser } from '../../../src/testing/requests.js';
import { groupsIn } from '../users.js';

const userType = compileResourceType({
  name: 'User',
  endpoint: '/Users',
  schema: userSchema,
  extensions: [{ schema: enterpriseUserSchema }],
});
const groupType = compileResourceType({ name: 'Group', endpoint: '/Groups', schema: groupSchema });

async function world() {
  const store = new MemoryStore();
  const make = (name: string, more: object) => store.create(newUser(name, more), ctx()).resource.id;
  const ada = make('Ada', {
    externalId: 'X1',
    displayName: 'Ada L',
    active: true,
    emails: [
      { value: 'Ada@x.org', type: 'work' },
      { value: 'a@home.org', type: 'home' },
    ],
  });
  const bob = make('Bob', {
    externalId: 'x1',
    displayName: 'ada l',
    active: false,
    emails: [{ value: 'bob@x.org', type: 'home' }],
  });
  const zoe = make('Zoë', { displayName: 'Zoë' });
  const groups = groupsIn(store);
  const crew = (await groups.create(newGroup('Crew', [ada, bob]), ctx())).resource.id;
  const staff = (await groups.create(newGroup('Staff', [crew]), ctx())).resource.id;
  await groups.create(newGroup('crew', [zoe]), ctx());
  return { store, groups, ids: { ada, bob, zoe, crew, staff } };
}

async function responses<R extends object>(
  store: ResourceStore<R>,
  type: ResourceType,
  text: string,
  indexed: boolean,
): Promise<unknown[]> {
  const { filter, equals, matches } = parseFilter(text, type, {
    limits: defaultLimits,
    useQuirk: () => true,
    base: 'https://example.com',
    endpoints: new Map([
      ['User', '/Users'],
      ['Group', '/Groups'],
    ]),
  });
  const query = {
    ...listQuery<R>({ filter }),
    equals: indexed ? equals : {},
    matches: (resource: unknown) => matches(resource as Attributes),
  };
  const { resources } = await store.list(query, ctx());
  return resources.map((resource) =>
    'userName' in resource ? resource.userName : Reflect.get(resource, 'displayName'),
  );
}

describe('MemoryStore under the filters of the library', () => {
  it.each([
    ['userName eq "ADA"', ['Ada']],
    ['userName eq "zoe\u0308"', ['Zoë']],
    ['userName eq "ada" and active eq false', []],
    ['externalId eq "X1"', ['Ada']],
    ['displayName eq "ADA L"', ['Ada', 'Bob']],
    ['displayName eq "ADA L" and externalId eq "x1"', ['Bob']],
    ['emails.value eq "ADA@X.ORG"', ['Ada']],
    ['emails eq "ada@x.org"', ['Ada']],
    ['emails[value eq "a@home.org" and type eq "home"]', ['Ada']],
    ['emails[value eq "a@home.org" and type eq "work"]', []],
    ['emails.value eq "a@home.org" and emails.value eq "ada@x.org"', ['Ada']],
    ['not (userName eq "ada")', ['Bob', 'Zoë']],
    ['userName ne "ada" and displayName eq "ada l"', ['Bob']],
    ['id eq "{ada}"', ['Ada']],
    ['id eq "{crew}"', []],
    ['groups.value eq "{crew}"', ['Ada', 'Bob']],
    ['groups eq "{staff}"', ['Ada', 'Bob']],
    ['groups.type eq "indirect"', ['Ada', 'Bob']],
    ['groups[value eq "{staff}" and type eq "direct"]', []],
    ['groups.display eq "crew" and userName sw "z"', ['Zoë']],
    ['schemas eq "urn:ietf:params:scim:schemas:core:2.0:User"', ['Ada', 'Bob', 'Zoë']],
  ])('users: %s', async (text, expected) => {
    const { store, ids } = await world();
    const filled = text.replace(/\{(\w+)\}/g, (_, name: keyof typeof ids) => ids[name]);
    expect(await responses(store, userType, filled, true)).toEqual(expected);
    expect(await responses(store, userType, filled, false)).toEqual(expected);
  });

  it.each([
    ['displayName eq "CREW"', ['Crew', 'crew']],
    ['members eq "{ada}"', ['Crew']],
    ['members.value eq "{ada}" and members.value eq "{bob}"', ['Crew']],
    ['members.value eq "{ada}" and members.value eq "{zoe}"', []],
    ['members[value eq "{ada}" and type eq "User"]', ['Crew']],
    ['members[value eq "{ada}" and type eq "Group"]', []],
    ['members[value eq "{ada}" and value eq "{bob}"]', []],
    ['members.value eq "{ada}" and not (members.value eq "{bob}")', []],
    ['members.value eq "{ada}" or members.value eq "{zoe}"', ['Crew', 'crew']],
    ['not (members[value eq "{ada}"])', ['Staff', 'crew']],
    ['members.$ref eq "https://example.com/Users/{zoe}"', ['crew']],
    ['members.$ref eq "https://example.com/Groups/{crew}"', ['Staff']],
    ['members pr', ['Crew', 'Staff', 'crew']],
    ['id eq "{staff}" and members eq "{crew}"', ['Staff']],
  ])('groups: %s', async (text, expected) => {
    const { groups, ids } = await world();
    const filled = text.replace(/\{(\w+)\}/g, (_, name: keyof typeof ids) => ids[name]);
    expect(await responses(groups, groupType, filled, true)).toEqual(expected);
    expect(await responses(groups, groupType, filled, false)).toEqual(expected);
  });
});
