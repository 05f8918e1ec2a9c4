import { type TestContext, tests, client } from '../conformance-test.js';
import { urn } from '../../wire/urn.js';

/** Requests of Microsoft Entra ID; in strict mode the server must follow the standards exactly instead. */
export const entraTests = tests('clients', [
  client(
    'ENTRA-ops-01',
    'op is written Add, Replace and Remove',
    async (ctx) => {
      const user = await ctx.user({ nickName: 'Ada' });
      const response = await ctx.patch(`/Users/${user.id}`, [
        { op: 'Add', path: 'title', value: 'Engineer' },
        { op: 'Replace', path: 'displayName', value: 'Ada' },
        { op: 'Remove', path: 'nickName' },
      ]);
      if (ctx.mode === 'strict') return void ctx.refused(response, 400);
      ctx.status(response, [200, 204]);
      const read = await ctx.get(`/Users/${user.id}`);
      ctx.equal(read.get('title'), 'Engineer', 'title');
      ctx.equal(read.get('displayName'), 'Ada', 'displayName');
      ctx.absent(read, 'nickName');
    },
    ['patch'],
  ),
  client(
    'ENTRA-bool-01',
    'active is sent as "True" or "False", and primary as "True" in filters',
    async (ctx) => {
      const user = await ctx.user({ emails: [{ value: 'a@example.com', type: 'work', primary: true }] });
      for (const [text, active] of [
        ['False', false],
        ['True', true],
      ] as const) {
        const response = await ctx.patch(`/Users/${user.id}`, [{ op: 'replace', path: 'active', value: text }]);
        if (ctx.mode === 'strict') {
          ctx.refused(response, 400, 'invalidValue');
          continue;
        }
        ctx.status(response, [200, 204]);
        ctx.equal((await ctx.get(`/Users/${user.id}`)).get('active'), active, `active, sent as "${text}"`);
      }
      const found = await ctx.query('/Users', { filter: `id eq "${user.id}" and emails[primary eq "True"]` });
      if (ctx.mode === 'strict') ctx.refused(found, 400, 'invalidFilter');
      else ctx.equal(found.get('totalResults'), 1, 'matches of primary eq "True"');
    },
    ['patch', 'filter'],
  ),
  client(
    'ENTRA-remove-01',
    'Members are removed by a list of values without a filter; all other members stay',
    async (ctx) => {
      const [leaves, stays] = [await ctx.user(), await ctx.user()];
      const group = await ctx.group({ members: [{ value: leaves.id }, { value: stays.id }] });
      const operation = { op: 'remove', path: 'members', value: [{ value: leaves.id }] };
      const response = await ctx.patch(`/Groups/${group.id}`, [operation]);
      if (ctx.mode === 'strict') ctx.refused(response, 400, 'invalidValue');
      else ctx.status(response, [200, 204]);
      const left = ctx.reading([stays.id], [leaves.id, stays.id]);
      ctx.equal((await memberIds(ctx, group.id)).sort(), left.sort(), 'members afterwards');
    },
    ['patch', 'groups'],
  ),
  client(
    'ENTRA-member-01',
    'A member is sent with "$ref": null',
    async (ctx) => {
      const [user, group] = [await ctx.user(), await ctx.group()];
      const operation = { op: 'add', path: 'members', value: [{ $ref: null, value: user.id }] };
      ctx.status(await ctx.patch(`/Groups/${group.id}`, [operation]), [200, 204]);
      ctx.equal(await memberIds(ctx, group.id), [user.id], 'members');
    },
    ['patch', 'groups'],
  ),
  client(
    'ENTRA-flag-01',
    'Keys of a value without path are paths: name.givenName, or the URN and name of an extension attribute',
    async (ctx) => {
      const user = await ctx.user({ name: { familyName: 'Lovelace' } });
      const value = { 'name.givenName': 'Ada', [`${urn.enterprise}:employeeNumber`]: '42', displayName: 'Ada L.' };
      const response = await ctx.patch(`/Users/${user.id}`, [{ op: 'replace', value }]);
      if (ctx.mode === 'strict') return void ctx.refused(response, 400);
      ctx.status(response, [200, 204]);
      const read = await ctx.get(`/Users/${user.id}`);
      ctx.equal(read.get('name', 'givenName'), 'Ada', 'name.givenName');
      ctx.equal(read.get('name', 'familyName'), 'Lovelace', 'name.familyName');
      ctx.equal(read.get(urn.enterprise, 'employeeNumber'), '42', 'employeeNumber');
      ctx.equal(read.get('displayName'), 'Ada L.', 'displayName');
    },
    ['patch', 'enterprise'],
  ),
  client(
    'ENTRA-upsert-01',
    'A value is set through emails[type eq "work"].value where no such e-mail exists',
    async (ctx) => {
      for (const op of ['add', 'replace']) {
        const user = await ctx.user();
        const value = `${ctx.unique()}@example.com`;
        const response = await ctx.patch(`/Users/${user.id}`, [{ op, path: 'emails[type eq "work"].value', value }]);
        if (ctx.mode === 'strict') {
          ctx.refused(response, 400, 'noTarget');
          continue;
        }
        ctx.status(response, [200, 204]);
        const read = await ctx.get(`/Users/${user.id}`);
        ctx.equal(read.get('emails', 0, 'value'), value, `emails[0].value after ${op}`);
        ctx.equal(read.get('emails', 0, 'type'), 'work', `emails[0].type after ${op}`);
      }
    },
    ['patch'],
  ),
  client(
    'ENTRA-manager-01',
    'The manager is sent as a plain string, or as an array of one',
    async (ctx) => {
      const boss = await ctx.user();
      const path = `${urn.enterprise}:manager`;
      for (const value of [boss.id, [{ value: boss.id }], [{ $ref: `../Users/${boss.id}`, value: boss.id }]]) {
        const user = await ctx.user();
        const response = await ctx.patch(`/Users/${user.id}`, [{ op: 'add', path, value }]);
        if (ctx.mode === 'strict') {
          ctx.refused(response, 400, 'invalidValue');
          continue;
        }
        ctx.status(response, [200, 204]);
        const read = await ctx.get(`/Users/${user.id}`);
        ctx.equal(read.get(urn.enterprise, 'manager', 'value'), boss.id, 'manager.value');
      }
    },
    ['patch', 'enterprise'],
  ),
  client('ENTRA-null-01', 'A create contains many nulls, also for enterprise attributes at the root', async (ctx) => {
    const nulls = {
      displayName: null,
      title: null,
      emails: null,
      name: null,
      addresses: null,
      department: null,
      manager: null,
    };
    const response = await ctx.post('/Users', ctx.userBody(nulls));
    // Unknown names at the root are a quirk: without them the nulls are standard.
    ctx.status(response, ctx.reading([201], [201, 400]));
    if (ctx.mode === 'strict')
      ctx.status(await ctx.post('/Users', ctx.userBody({ ...nulls, department: undefined, manager: undefined })), 201);
  }),
  client(
    'ENTRA-schemas-01',
    'A group names a schema of the client beside the core schema',
    async (ctx) => {
      const own = 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group';
      const response = await ctx.post('/Groups', ctx.groupBody({ schemas: [urn.group, own] }));
      if (ctx.mode === 'strict') return void ctx.refused(response, 400);
      if (ctx.status(response, 201)) ctx.equal(response.get('schemas'), [urn.group], '"schemas"');
    },
    ['groups'],
  ),
  client(
    'ENTRA-filter-01',
    'Filters use eq and and, value paths with a sub-attribute, and values without quotes',
    async (ctx) => {
      const boss = await ctx.user();
      const externalId = ctx.unique('jyoung');
      const value = `${ctx.unique()}@example.com`;
      const extension = ctx.service.capabilities.has('enterprise')
        ? { schemas: [urn.user, urn.enterprise], [urn.enterprise]: { manager: { value: boss.id } } }
        : {};
      const user = await ctx.user({ externalId, emails: [{ value, type: 'work' }], ...extension });
      const finds = async (path: string, filter: string, id: string): Promise<void> => {
        const response = await ctx.query(path, { filter });
        if (ctx.status(response, 200))
          ctx.equal(
            response.resources.map((entry) => entry['id']),
            [id],
            `ids that ${path} finds`,
          );
      };
      await finds('/Users', `userName eq "${String(user.get('userName'))}" and externalId eq "${externalId}"`, user.id);
      const withQuirk = [`emails[type eq "work"].value eq "${value}"`, `externalId eq ${externalId}`];
      if (ctx.service.capabilities.has('enterprise')) withQuirk.push(`id eq "${user.id}" and manager eq "${boss.id}"`);
      for (const filter of withQuirk) {
        if (ctx.mode === 'strict') ctx.refused(await ctx.query('/Users', { filter }), 400, 'invalidFilter');
        else await finds('/Users', filter, user.id);
      }
      if (!ctx.service.capabilities.has('groups')) return;
      const group = await ctx.group({ members: [{ value: user.id }] });
      await finds('/Groups', `id eq "${group.id}" and members eq "${user.id}"`, group.id);
    },
    ['filter'],
  ),
  client(
    'ENTRA-group-01',
    'Groups are read without their members, a PATCH returns 204, and a name that is announced as unique is',
    async (ctx) => {
      const user = await ctx.user();
      const group = await ctx.group({ members: [{ value: user.id }] });
      const read = await ctx.query(`/Groups/${group.id}`, { excludedAttributes: 'members' });
      ctx.check(
        !('members' in read.body),
        'GET /Groups/{id}?excludedAttributes=members: "members" should not be in the body',
      );
      const filter = `displayName eq "${String(group.get('displayName'))}"`;
      const listed = await ctx.query('/Groups', { filter, excludedAttributes: 'members' });
      ctx.equal(
        listed.resources.map((entry) => 'members' in entry),
        [false],
        'whether "members" is in a listed group',
      );
      ctx.status(
        await ctx.patch(`/Groups/${group.id}`, [{ op: 'replace', path: 'displayName', value: ctx.unique() }]),
        [204, 200],
      );
      // Most services let two groups have the same name; only what /Schemas announces can be required.
      if (ctx.service.find({ resourceType: 'Group', name: 'displayName', uniqueness: 'server' }).length === 0) return;
      const other = await ctx.group();
      const displayName = other.get('displayName');
      ctx.refused(await ctx.post('/Groups', { ...ctx.groupBody(), displayName }), 409, 'uniqueness');
      const rename = [{ op: 'replace', path: 'displayName', value: displayName }];
      ctx.refused(await ctx.patch(`/Groups/${group.id}`, rename), 409, 'uniqueness');
    },
    ['groups', 'patch', 'filter'],
  ),
  client(
    'ENTRA-test-01',
    'The connection test asks for a random name and expects 200 with an empty list',
    async (ctx) => {
      const response = await ctx.query('/Users', { filter: `userName eq "${ctx.unique()}"` });
      ctx.status(response, 200);
      ctx.equal(response.get('schemas'), [urn.list], '"schemas"');
      ctx.equal(response.get('totalResults'), 0, 'totalResults');
      ctx.equal(response.get('Resources'), [], 'Resources');
    },
    ['filter'],
  ),
  client('ENTRA-asis-01', 'Values are returned as they were sent', async (ctx) => {
    const sent = {
      displayName: ' Ada  Lovelace ',
      emails: [{ value: 'Ada@EXAMPLE.com', type: 'Work', primary: true }],
      phoneNumbers: [{ value: '(201) 555 0184', type: 'mobile' }],
      locale: 'en_US',
      preferredLanguage: 'EN-us',
    };
    const user = await ctx.user(sent);
    const read = await ctx.get(`/Users/${user.id}`);
    for (const name of ['displayName', 'locale', 'preferredLanguage'] as const)
      ctx.equal(read.get(name), sent[name], name);
    for (const name of ['emails', 'phoneNumbers'] as const) {
      ctx.equal(read.get(name, 0, 'value'), sent[name][0]?.value, `${name}[0].value`);
      ctx.equal(read.get(name, 0, 'type'), sent[name][0]?.type, `${name}[0].type`);
    }
  }),
  client(
    'ENTRA-restore-01',
    'An inactive user is still found, and can be activated again',
    async (ctx) => {
      const user = await ctx.user({ active: true });
      const filter = `userName eq "${String(user.get('userName'))}"`;
      for (const active of [false, true]) {
        await ctx.patch(`/Users/${user.id}`, [{ op: 'replace', path: 'active', value: active }]);
        ctx.equal((await ctx.get(`/Users/${user.id}`)).get('active'), active, 'active on a read');
        ctx.equal((await ctx.query('/Users', { filter })).get('Resources', 0, 'active'), active, 'active in a list');
      }
    },
    ['patch', 'filter'],
  ),
]);

async function memberIds(ctx: TestContext, groupId: string): Promise<unknown[]> {
  return (await ctx.get(`/Groups/${groupId}`)).list('members').map((member) => member['value']);
}
