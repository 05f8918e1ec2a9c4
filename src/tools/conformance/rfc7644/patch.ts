import { type TestContext, tests, implied, must, should } from '../conformance-test.js';
import type { PatchOperation } from '../../wire/patch-operation.js';
import type { HttpResponse } from '../../wire/response.js';
import { urn } from '../../wire/urn.js';

const done = [200, 204];

/** Makes a user, patches it, and gives what is there then. */
async function patched(ctx: TestContext, before: object, operations: readonly PatchOperation[]): Promise<HttpResponse> {
  const user = await ctx.user(before);
  ctx.need(await ctx.patch(`/Users/${user.id}`, operations), done);
  return ctx.get(`/Users/${user.id}`);
}

/** Patches must be refused, and change nothing. */
async function refused(
  ctx: TestContext,
  before: object,
  operations: readonly PatchOperation[],
  scimType: string | readonly string[],
): Promise<void> {
  const user = await ctx.user(before);
  ctx.refused(await ctx.patch(`/Users/${user.id}`, operations), 400, scimType);
  ctx.equal((await ctx.get(`/Users/${user.id}`)).body, user.body, 'the resource after the refusal');
}

const twoMails = {
  emails: [
    { value: 'w@x.example', type: 'work', primary: true },
    { value: 'h@x.example', type: 'home' },
  ],
};
const workMail = 'emails[type eq "work"]';
const valuesOf = (response: HttpResponse): unknown =>
  response
    .list('emails')
    .map((email) => email['value'])
    .sort();

/** RFC 7644 3.5.2: PATCH. */
export const patchTests = tests(
  'patch',
  [
    should('7644-3.5-02', 'PATCH is supported, and announced', async (ctx) => {
      ctx.equal((await ctx.get('/ServiceProviderConfig')).get('patch', 'supported'), true, 'patch.supported');
      ctx.equal((await patched(ctx, {}, [{ op: 'add', path: 'title', value: 'x' }])).get('title'), 'x', 'title');
    }),
    must('7644-3.5.2-01', 'The body is a PatchOp', async (ctx) => {
      const user = await ctx.user();
      const Operations = [{ op: 'add', path: 'title', value: 'x' }];
      for (const schemas of [undefined, [urn.user], []])
        ctx.refused(await ctx.patch(`/Users/${user.id}`, { schemas, Operations }), 400, 'invalidSyntax');
      ctx.absent(await ctx.get(`/Users/${user.id}`), 'title');
    }),
    must('7644-3.5.2-02', 'Operations is a list that is not empty', async (ctx) => {
      const user = await ctx.user();
      for (const Operations of [undefined, {}, 'x']) {
        ctx.refused(await ctx.patch(`/Users/${user.id}`, { schemas: [urn.patch], Operations }), 400, [
          'invalidSyntax',
          'invalidValue',
        ]);
      }
      const empty = await ctx.patch(`/Users/${user.id}`, []);
      if (ctx.mode === 'strict') ctx.refused(empty, 400, 'invalidSyntax');
      else ctx.status(empty, [200, 204, 400]);
    }),
    must('7644-3.5.2-03', 'op is add, remove or replace', async (ctx) => {
      await refused(ctx, {}, [{ op: 'move', path: 'title', value: 'x' }], ['invalidSyntax', 'invalidValue']);
      const user = await ctx.user();
      const response = await ctx.patch(`/Users/${user.id}`, [{ op: 'Replace', path: 'title', value: 'x' }]);
      if (ctx.mode === 'default') ctx.status(response, done);
    }),
    must('7644-3.5.2-04', 'A path that cannot be read: 400 invalidPath', async (ctx) => {
      for (const path of ['emails[type eq', 'emails[type eq "work"', 'title..x', '[type eq "work"]']) {
        await refused(ctx, {}, [{ op: 'replace', path, value: 'x' }], ['invalidPath', 'invalidFilter']);
      }
    }),
    implied('7644-3.5.2-05', 'A path that names nothing of the schema: 400 invalidPath', (ctx) =>
      refused(ctx, {}, [{ op: 'replace', path: 'nosuch', value: 'x' }], ['invalidPath', 'noTarget']),
    ),
    must('7644-3.5.2-06', 'Read-only attributes cannot be changed: 400 mutability', async (ctx) => {
      for (const path of ['id', 'meta.created', 'groups']) {
        await refused(
          ctx,
          {},
          [{ op: 'replace', path, value: path === 'groups' ? [{ value: 'x' }] : 'x' }],
          'mutability',
        );
      }
    }),
    must('7644-3.5.2-07', 'An immutable attribute can be set once', async (ctx) => {
      const attribute = ctx.attribute({
        mutability: 'immutable',
        type: 'string',
        multiValued: false,
        resourceType: 'User',
      });
      const user = await ctx.user();
      const set = (value: string): Promise<HttpResponse> =>
        ctx.patch(`/Users/${user.id}`, [{ op: 'add', path: attribute.path, value }]);
      ctx.status(await set('first'), done);
      ctx.refused(await set('second'), 400, 'mutability');
      ctx.equal((await ctx.get(`/Users/${user.id}`)).get(...attribute.steps), 'first', attribute.path);
    }),
    must('7644-3.5.2-08', 'A value that does not fit: 400 invalidValue', async (ctx) => {
      await refused(ctx, {}, [{ op: 'replace', path: 'active', value: 'maybe' }], ['invalidValue', 'invalidSyntax']);
      await refused(ctx, {}, [{ op: 'replace', path: 'title', value: 7 }], ['invalidValue', 'invalidSyntax']);
    }),
    must('7644-3.5.2-09', 'Paths may have their URN', async (ctx) => {
      const read = await patched(ctx, {}, [
        { op: 'add', path: `${urn.user}:title`, value: 'x' },
        { op: 'add', path: `${urn.user.toUpperCase()}:NAME.givenName`, value: 'y' },
      ]);
      ctx.equal(read.get('title'), 'x', 'title');
      ctx.equal(read.get('name', 'givenName'), 'y', 'name.givenName');
    }),
    must(
      '7644-3.5.2-10',
      'An extension’s attribute brings the extension’s URI',
      async (ctx) => {
        const read = await patched(ctx, {}, [{ op: 'add', path: `${urn.enterprise}:department`, value: 'D' }]);
        ctx.includes(read.get('schemas'), urn.enterprise, '"schemas"');
        ctx.equal(read.get(urn.enterprise, 'department'), 'D', 'department');
      },
      ['enterprise'],
    ),
    implied(
      '7644-3.5.2-11',
      'A whole extension can be named',
      async (ctx) => {
        const value = { department: 'D', costCenter: 'C' };
        const named = { op: 'add', path: urn.enterprise, value };
        // The interoperability profile wants a path in every operation.
        for (const operation of ctx.reading([named, { op: 'add', value: { [urn.enterprise]: value } }], [named])) {
          ctx.equal((await patched(ctx, {}, [operation])).get(urn.enterprise, 'costCenter'), 'C', 'costCenter');
        }
      },
      ['enterprise'],
    ),
    must('7644-3.5.2-12', 'Operations run in order', async (ctx) => {
      const read = await patched(ctx, {}, [
        { op: 'add', path: 'title', value: 'a' },
        { op: 'replace', path: 'title', value: 'b' },
        { op: 'add', path: 'nickName', value: 'c' },
        { op: 'remove', path: 'nickName' },
      ]);
      ctx.equal(read.get('title'), 'b', 'title');
      ctx.absent(read, 'nickName');
    }),
    must('7644-3.5.2-13', 'A new primary value ends the old one', async (ctx) => {
      const read = await patched(ctx, twoMails, [
        { op: 'add', path: 'emails', value: [{ value: 'o@x.example', type: 'other', primary: true }] },
      ]);
      const primary = read.list('emails').filter((email) => email['primary'] === true);
      ctx.equal(
        primary.map((email) => email['value']),
        ['o@x.example'],
        'the primary values',
      );
    }),
    must('7644-3.5.2-14', 'All operations are done, or none of them', (ctx) =>
      refused(
        ctx,
        { title: 'a' },
        [
          { op: 'replace', path: 'title', value: 'b' },
          { op: 'replace', path: 'active', value: 'maybe' },
        ],
        ['invalidValue', 'invalidSyntax'],
      ),
    ),
    must('7644-3.5.2-15', 'The answer is 200 with the resource, or 204', async (ctx) => {
      const user = await ctx.user();
      const response = await ctx.patch(`/Users/${user.id}`, [{ op: 'add', path: 'title', value: 'x' }]);
      ctx.status(response, done);
      if (response.status === 200) ctx.equal(response.body, (await ctx.get(`/Users/${user.id}`)).body, 'the answer');
      else ctx.equal(response.text, '', 'the body of the 204');
    }),
    must('7644-3.5.2-16', 'The answer is 200 where attributes are asked for', async (ctx) => {
      const user = await ctx.user();
      const response = await ctx.patch(`/Users/${user.id}?attributes=userName`, [
        { op: 'add', path: 'title', value: 'x' },
      ]);
      ctx.status(response, 200);
      ctx.equal(Object.keys(response.body).sort(), ['id', 'schemas', 'userName'], 'the names in the answer');
    }),
    implied('7644-3.5.2-17', 'An unknown id: 404', async (ctx) => {
      ctx.refused(await ctx.patch(`/Users/${ctx.unique()}`, [{ op: 'add', path: 'title', value: 'x' }]), 404);
    }),
    implied('7644-3.5.2-18', 'A taken name is refused', async (ctx) => {
      const [first, second] = [await ctx.user(), await ctx.user()];
      const operations = [{ op: 'replace', path: 'userName', value: first.get('userName') }];
      ctx.refused(await ctx.patch(`/Users/${second.id}`, operations), [409, 400], 'uniqueness');
      ctx.equal((await ctx.get(`/Users/${second.id}`)).get('userName'), second.get('userName'), 'userName');
    }),
    implied('7644-3.5.2-19', 'Names of JavaScript’s own are no attributes', async (ctx) => {
      const user = await ctx.user();
      const raw = `{"schemas":["${urn.patch}"],"Operations":[{"op":"add","value":{"__proto__":{"title":"x"},"constructor":{"prototype":{"title":"x"}}}}]}`;
      ctx.status(await ctx.send('PATCH', `/Users/${user.id}`, undefined, { raw }), [200, 204, 400]);
      ctx.absent(await ctx.get(`/Users/${user.id}`), 'title');
      ctx.absent(await ctx.user(), 'title');
    }),
  ],
  ['patch'],
);

/** RFC 7644 3.5.2.1: add. */
export const patchAddTests = tests(
  'patch-add',
  [
    must('7644-3.5.2.1-01', 'add needs a value', (ctx) =>
      refused(ctx, {}, [{ op: 'add', path: 'title' }], ['invalidValue', 'invalidSyntax']),
    ),
    must('7644-3.5.2.1-02', 'Without a path the value is an object of attributes', async (ctx) => {
      const user = await ctx.user(twoMails);
      const operations = [{ op: 'add', value: { nickName: 'B', emails: [{ value: 'o@x.example', type: 'other' }] } }];
      const response = await ctx.patch(`/Users/${user.id}`, operations);
      if (ctx.mode === 'strict') {
        ctx.status(response, [200, 204, 400]);
        return;
      }
      ctx.status(response, done);
      const read = await ctx.get(`/Users/${user.id}`);
      ctx.equal(read.get('nickName'), 'B', 'nickName');
      ctx.equal(valuesOf(read), ['h@x.example', 'o@x.example', 'w@x.example'], 'e-mails');
      await refused(ctx, {}, [{ op: 'add', value: 'x' }], ['invalidValue', 'invalidSyntax']);
    }),
    must('7644-3.5.2.1-03', 'What is not there is added', async (ctx) => {
      ctx.equal((await patched(ctx, {}, [{ op: 'add', path: 'title', value: 'x' }])).get('title'), 'x', 'title');
    }),
    must('7644-3.5.2.1-04', 'Into a complex value: the others stay', async (ctx) => {
      const read = await patched(ctx, { name: { givenName: 'A', familyName: 'B' } }, [
        { op: 'add', path: 'name', value: { givenName: 'X' } },
      ]);
      ctx.equal(read.get('name'), { givenName: 'X', familyName: 'B' }, 'name');
    }),
    must('7644-3.5.2.1-05', 'To several values: the new ones join them', async (ctx) => {
      for (const value of [[{ value: 'o@x.example', type: 'other' }], { value: 'o@x.example', type: 'other' }]) {
        const read = await patched(ctx, twoMails, [{ op: 'add', path: 'emails', value }]);
        ctx.equal(valuesOf(read), ['h@x.example', 'o@x.example', 'w@x.example'], 'e-mails');
      }
    }),
    must('7644-3.5.2.1-06', 'To a single value: it is replaced', async (ctx) => {
      ctx.equal(
        (await patched(ctx, { title: 'a' }, [{ op: 'add', path: 'title', value: 'b' }])).get('title'),
        'b',
        'title',
      );
    }),
    should('7644-3.5.2.1-07', 'What is there already is no error, and is there once', async (ctx) => {
      const read = await patched(ctx, twoMails, [{ op: 'add', path: 'emails', value: [twoMails.emails[1]] }]);
      ctx.equal(valuesOf(read), ['h@x.example', 'w@x.example'], 'e-mails');
    }),
    must('7644-3.5.2.1-08', 'Nothing changed: lastModified stays', async (ctx) => {
      const user = await ctx.user({ title: 'a' });
      await ctx.wait(20);
      ctx.need(await ctx.patch(`/Users/${user.id}`, [{ op: 'add', path: 'title', value: 'a' }]), done);
      ctx.equal((await ctx.get(`/Users/${user.id}`)).get('meta'), user.get('meta'), 'meta');
    }),
    implied('7644-3.5.2.1-09', 'A value path that matches nothing creates, or is noTarget', async (ctx) => {
      const operations = [{ op: 'add', path: `${workMail}.value`, value: 'n@x.example' }];
      if (ctx.mode === 'strict') return refused(ctx, {}, operations, 'noTarget');
      ctx.equal((await patched(ctx, {}, operations)).get('emails'), [{ type: 'work', value: 'n@x.example' }], 'emails');
    }),
    implied(
      '7644-3.5.2.1-10',
      'Without a path keys may be paths',
      async (ctx) => {
        const read = await patched(ctx, {}, [
          { op: 'add', value: { 'name.givenName': 'K', [`${urn.user}:title`]: 'T' } },
        ]);
        ctx.equal(read.get('name', 'givenName'), 'K', 'name.givenName');
        ctx.equal(read.get('title'), 'T', 'title');
        ctx.absent(read, 'name.givenName');
      },
      ['defaultMode'],
    ),
  ],
  ['patch'],
);

/** RFC 7644 3.5.2.2: remove. */
export const patchRemoveTests = tests(
  'patch-remove',
  [
    must('7644-3.5.2.2-01', 'remove needs a path: 400 noTarget', (ctx) =>
      refused(ctx, {}, [{ op: 'remove' }], ctx.reading(['noTarget'], ['noTarget', 'invalidSyntax'])),
    ),
    must('7644-3.5.2.2-02', 'A single value is gone', async (ctx) => {
      ctx.absent(await patched(ctx, { title: 'a' }, [{ op: 'remove', path: 'title' }]), 'title');
    }),
    must('7644-3.5.2.2-03', 'All values are gone', async (ctx) => {
      ctx.absent(await patched(ctx, twoMails, [{ op: 'remove', path: 'emails' }]), 'emails');
    }),
    must('7644-3.5.2.2-04', 'The values that match are gone', async (ctx) => {
      const user = await ctx.user(twoMails);
      const response = await ctx.patch(`/Users/${user.id}`, [{ op: 'remove', path: workMail }]);
      if (ctx.mode === 'strict' && response.status === 400) return;
      ctx.status(response, done);
      ctx.equal(valuesOf(await ctx.get(`/Users/${user.id}`)), ['h@x.example'], 'e-mails');
      ctx.absent(await patched(ctx, twoMails, [{ op: 'remove', path: 'emails[type pr]' }]), 'emails');
    }),
    must('7644-3.5.2.2-05', 'A sub-attribute of the values that match is gone', async (ctx) => {
      const read = await patched(ctx, { emails: [{ value: 'w@x.example', type: 'work', display: 'W' }] }, [
        { op: 'remove', path: `${workMail}.display` },
      ]);
      ctx.equal(read.get('emails'), [{ value: 'w@x.example', type: 'work' }], 'emails');
    }),
    must('7644-3.5.2.2-06', 'What is required or read-only stays: 400 mutability', async (ctx) => {
      for (const path of ['userName', 'id', 'groups']) await refused(ctx, {}, [{ op: 'remove', path }], 'mutability');
    }),
    should(
      '7644-3.5.2.2-07',
      'A member that is none is no error',
      async (ctx) => {
        const group = await ctx.group();
        const response = await ctx.patch(`/Groups/${group.id}`, [
          { op: 'remove', path: `members[value eq "${ctx.unique()}"]` },
        ]);
        if (ctx.mode === 'strict' && response.status === 400) return;
        ctx.status(response, done);
      },
      ['groups'],
    ),
    implied(
      '7644-3.5.2.2-08',
      'Members that are listed are removed, and no others',
      async (ctx) => {
        const [first, second] = [await ctx.user(), await ctx.user()];
        const group = await ctx.group({ members: [{ value: first.id }, { value: second.id }] });
        const response = await ctx.patch(`/Groups/${group.id}`, [
          { op: 'remove', path: 'members', value: [{ value: first.id }] },
        ]);
        ctx.status(response, ctx.reading(done, [200, 204, 400]));
        const members = (await ctx.get(`/Groups/${group.id}`)).list('members').map((member) => member['value']);
        ctx.includes(members, second.id, 'members');
        if (response.status !== 400) ctx.equal(members, [second.id], 'members');
      },
      ['groups'],
    ),
    implied('7644-3.5.2.2-09', 'What is not there is no error', async (ctx) => {
      const user = await ctx.user({ title: 'a' });
      for (let i = 0; i < 2; i++)
        ctx.status(await ctx.patch(`/Users/${user.id}`, [{ op: 'remove', path: 'title' }]), done);
    }),
    implied(
      '7644-3.5.2.2-10',
      'With its last attribute an extension’s URI goes',
      async (ctx) => {
        const before = { schemas: [urn.user, urn.enterprise], [urn.enterprise]: { department: 'D' } };
        const read = await patched(ctx, before, [{ op: 'remove', path: `${urn.enterprise}:department` }]);
        ctx.equal(read.get('schemas'), [urn.user], '"schemas"');
        ctx.absent(read, urn.enterprise);
      },
      ['enterprise'],
    ),
  ],
  ['patch'],
);

/** RFC 7644 3.5.2.3: replace. */
export const patchReplaceTests = tests(
  'patch-replace',
  [
    must('7644-3.5.2.3-01', 'Without a path each attribute of the value is replaced', async (ctx) => {
      const user = await ctx.user();
      const response = await ctx.patch(`/Users/${user.id}`, [{ op: 'replace', value: { active: false } }]);
      if (ctx.mode === 'strict') {
        ctx.status(response, [200, 204, 400]);
        return;
      }
      ctx.status(response, done);
      ctx.equal((await ctx.get(`/Users/${user.id}`)).get('active'), false, 'active');
    }),
    must('7644-3.5.2.3-02', 'A single value is replaced', async (ctx) => {
      ctx.equal(
        (await patched(ctx, { title: 'a' }, [{ op: 'replace', path: 'title', value: 'b' }])).get('title'),
        'b',
        'title',
      );
    }),
    must('7644-3.5.2.3-03', 'All values are replaced', async (ctx) => {
      ctx.equal(
        valuesOf(await patched(ctx, twoMails, [{ op: 'replace', path: 'emails', value: [{ value: 'n@x.example' }] }])),
        ['n@x.example'],
        'e-mails',
      );
    }),
    must('7644-3.5.2.3-04', 'What is not there is added', async (ctx) => {
      ctx.equal((await patched(ctx, {}, [{ op: 'replace', path: 'title', value: 'x' }])).get('title'), 'x', 'title');
    }),
    must('7644-3.5.2.3-05', 'In a complex value the others stay', async (ctx) => {
      const read = await patched(ctx, { name: { givenName: 'A', familyName: 'B' } }, [
        { op: 'replace', path: 'name', value: { givenName: 'X' } },
      ]);
      ctx.equal(read.get('name', 'givenName'), 'X', 'name.givenName');
      ctx.equal(read.get('name', 'familyName'), ctx.reading('B', undefined), 'name.familyName');
    }),
    must('7644-3.5.2.3-06', 'The values that match are replaced', async (ctx) => {
      const user = await ctx.user(twoMails);
      const response = await ctx.patch(`/Users/${user.id}`, [
        { op: 'replace', path: workMail, value: { value: 'n@x.example', type: 'work' } },
      ]);
      if (ctx.mode === 'strict' && response.status === 400) return;
      ctx.status(response, done);
      ctx.equal(valuesOf(await ctx.get(`/Users/${user.id}`)), ['h@x.example', 'n@x.example'], 'e-mails');
    }),
    must('7644-3.5.2.3-07', 'A sub-attribute of the values that match is replaced', async (ctx) => {
      const read = await patched(ctx, twoMails, [{ op: 'replace', path: `${workMail}.value`, value: 'n@x.example' }]);
      ctx.equal(valuesOf(read), ['h@x.example', 'n@x.example'], 'e-mails');
    }),
    must(
      '7644-3.5.2.3-08',
      'A value path that matches nothing: 400 noTarget, or created as Entra needs it',
      async (ctx) => {
        const operations = [{ op: 'replace', path: 'emails[type eq "other"].value', value: 'o@x.example' }];
        if (ctx.mode === 'strict') return refused(ctx, twoMails, operations, 'noTarget');
        ctx.equal(
          valuesOf(await patched(ctx, twoMails, operations)),
          ['h@x.example', 'o@x.example', 'w@x.example'],
          'e-mails',
        );
        await refused(
          ctx,
          twoMails,
          [{ op: 'replace', path: 'emails[value sw "zz"].display', value: 'x' }],
          'noTarget',
        );
      },
    ),
    implied('7644-3.5.2.3-09', 'null says unassigned; what is required cannot be', async (ctx) => {
      ctx.absent(await patched(ctx, { title: 'a' }, [{ op: 'replace', path: 'title', value: null }]), 'title');
      ctx.absent(await patched(ctx, twoMails, [{ op: 'replace', path: 'emails', value: [] }]), 'emails');
      await refused(ctx, {}, [{ op: 'replace', path: 'userName', value: null }], ['invalidValue', 'mutability']);
    }),
  ],
  ['patch'],
);
