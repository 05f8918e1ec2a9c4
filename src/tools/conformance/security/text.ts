import { tests, must, should } from '../conformance-test.js';
import { urn } from '../../wire/urn.js';

/** RFC 7644 7.7: injection. */
export const injectionTests = tests('security', [
  should(
    '7644-7.7-01',
    'Values are data: text that looks like a query language is stored and compared as text',
    async (ctx) => {
      const hostile = [
        `' OR '1'='1`,
        `x'; DROP TABLE users; --`,
        '{"$ne":null}',
        '%',
        '_',
        '*)(uid=*',
        '__proto__',
        '<script>',
      ];
      for (const text of hostile) {
        const nickName = `${text} ${ctx.unique()}`;
        const user = await ctx.user({ nickName });
        const filter = `nickName eq ${JSON.stringify(nickName)}`;
        const found = ctx.need(await ctx.query('/Users', { filter }), 200);
        ctx.equal(
          found.resources.map((entry) => entry['id']),
          [user.id],
          `ids that a filter on ${JSON.stringify(text)} finds`,
        );
        const bare = await ctx.query('/Users', {
          filter: `id eq "${user.id}" and nickName eq ${JSON.stringify(text)}`,
        });
        ctx.equal(bare.get('totalResults'), 0, `matches of the bare text ${JSON.stringify(text)}`);
      }
      for (const path of ['__proto__.polluted', 'constructor.prototype.polluted']) {
        const user = await ctx.user();
        const response = await ctx.patch(`/Users/${user.id}`, [{ op: 'add', path, value: 'yes' }]);
        ctx.refused(response, 400, ['invalidPath', 'noTarget', 'invalidValue', 'invalidSyntax']);
      }
      const raw = `{"schemas":["${urn.user}"],"userName":"${ctx.unique()}","__proto__":{"active":false}}`;
      const made = await ctx.post('/Users', undefined, { raw });
      if (made.status === 201) ctx.differs(made.get('active'), false, 'active, sent under __proto__');
      else ctx.refused(made, 400);
    },
    ['filter', 'patch'],
  ),
]);

/** RFC 7644 5 and 7.8: normalization of text. */
export const textTests = tests('i18n', [
  must('7644-5-01', 'userName is normalized as PRECIS specifies before names are compared', async (ctx) => {
    const name = ctx.unique();
    await ctx.user({ userName: `Jürgen-${name}`.normalize('NFC') });
    const twin = await ctx.post('/Users', ctx.userBody({ userName: `Jürgen-${name}`.normalize('NFD') }));
    ctx.refused(twin, 409, 'uniqueness');
    await ctx.user({ userName: `abc-${name}` });
    // Full-width letters map to the common ones (RFC 8265 3.2).
    ctx.refused(await ctx.post('/Users', ctx.userBody({ userName: `ａｂｃ-${name}` })), 409, 'uniqueness');
    for (const bad of ['\u0007', '\u202e', '\u200b']) {
      ctx.refused(await ctx.post('/Users', ctx.userBody({ userName: `a${bad}b-${name}` })), 400, 'invalidValue');
    }
    const spaced = await ctx.post('/Users', ctx.userBody({ userName: `a\u00a0b-${name}` }));
    // User names in directories contain spaces: only strict mode rejects them.
    if (ctx.mode === 'strict') ctx.refused(spaced, 400, 'invalidValue');
    else ctx.status(spaced, [201, 400]);
  }),
  must(
    '7644-7.8-01',
    'Text is normalized before a filter compares it: Unicode composition, and case beyond ASCII',
    async (ctx) => {
      const user = await ctx.user({ title: 'Ärztliche Direktorin'.normalize('NFD') });
      for (const title of ['Ärztliche Direktorin'.normalize('NFC'), 'ÄRZTLICHE DIREKTORIN'.normalize('NFC')]) {
        const filter = `id eq "${user.id}" and title eq "${title}"`;
        ctx.equal(
          (await ctx.query('/Users', { filter })).get('totalResults'),
          1,
          'matches of the title in another encoding or case',
        );
      }
      const filter = `id eq "${user.id}" and title sw "${'är'.normalize('NFC')}"`;
      ctx.equal(
        (await ctx.query('/Users', { filter })).get('totalResults'),
        1,
        'matches of the beginning of the title',
      );
    },
    ['filter'],
  ),
]);
