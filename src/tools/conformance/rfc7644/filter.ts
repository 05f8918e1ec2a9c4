import { implied, may, must, tests } from '../conformance-test.js';
import { urn } from '../../wire/urn.js';
import { finds, rejects, createUsers } from './filtered-users.js';

const everybody = ['ann', 'bob', 'cy'];
const none: readonly string[] = [];
const work = 'emails[type eq "work"';

/** RFC 7644 3.4.2.2: filters. */
export const filterTests = tests(
  'filter',
  [
    may('7644-3.4.2.2-01', 'Filtering is announced where it is offered', async (ctx) => {
      ctx.equal((await ctx.get('/ServiceProviderConfig')).get('filter', 'supported'), true, 'filter.supported');
    }),
    must(
      '7644-3.4.2.2-02',
      'Only matching resources are returned',
      finds({ 'userName eq "$-ann"': ['ann'], 'userName eq "$-nobody"': none }),
    ),
    must(
      '7644-3.4.2.2-03',
      'Attribute names and operators are case-insensitive',
      finds({ 'USERNAME Eq "$-ann" OR Title PR': ['ann', 'bob'], 'NOT (title pr) AND UserType EQ "employee"': ['cy'] }),
    ),
    must(
      '7644-3.4.2.2-04',
      'eq matches equal values',
      finds({ 'userName eq "$-bob"': ['bob'], 'userName eq "$-bo"': none }),
    ),
    must('7644-3.4.2.2-05', 'ne matches different values', finds({ 'userName ne "$-bob"': ['ann', 'cy'] })),
    implied('7644-3.4.2.2-06', 'ne matches resources without a value', finds({ 'title ne "Guide"': ['bob', 'cy'] })),
    implied(
      '7644-3.4.2.2-07',
      'ne of a multi-valued attribute matches when any value differs, or there is none',
      finds({
        'emails.type ne "work"': ['ann', 'bob', 'cy'],
        'emails[type ne "work"]': ['ann', 'bob'],
        'not (emails.type eq "work")': ['cy'],
        'not (emails.type ne "work")': none,
      }),
    ),
    must(
      '7644-3.4.2.2-08',
      'co, sw and ew match a part, the beginning and the end, or the whole',
      finds({
        'title co "our g"': ['bob'],
        'title sw "tour"': ['bob'],
        'title ew "guide"': ['ann', 'bob'],
        'title sw "Guide"': ['ann'],
        'title co "x"': none,
      }),
    ),
    implied(
      '7644-3.4.2.2-09',
      'Wildcards of databases are literal characters',
      finds({
        'nickName co "%_"': ['cy'],
        'title co "%"': none,
        'title co "_"': none,
        'nickName ew "\\"\\\\"': ['cy'],
      }),
    ),
    must(
      '7644-3.4.2.2-10',
      'pr matches when a non-empty value exists',
      finds({
        'title pr': ['ann', 'bob'],
        'name pr': ['cy'],
        'emails pr': ['ann', 'bob'],
        'name.familyName pr': none,
        'userName pr': everybody,
      }),
    ),
    must(
      '7644-3.4.2.2-11',
      'gt, ge, lt and le compare strings',
      finds({
        'userName gt "$-ann"': ['bob', 'cy'],
        'userName ge "$-bob"': ['bob', 'cy'],
        'userName lt "$-bob"': ['ann'],
        'userName le "$-bob"': ['ann', 'bob'],
      }),
    ),
    must(
      '7644-3.4.2.2-12',
      'gt, ge, lt and le compare points in time, whatever the zone',
      finds({
        'meta.created gt "2011-05-13T04:42:34Z"': everybody,
        'meta.created lt "2011-05-13T04:42:34+02:00"': none,
        'meta.lastModified lt "2100-01-01T00:00:00-05:00"': everybody,
      }),
    ),
    must('7644-3.4.2.2-13', 'gt, ge, lt and le compare numbers', async (ctx) => {
      const attribute = ctx.attribute({ type: 'integer', multiValued: false, mutability: 'readWrite' });
      const { endpoint } = attribute.resourceType;
      const marker = ctx.unique('n');
      for (const number of [9, 10]) {
        ctx.need(
          await ctx.post(endpoint, ctx.bodyWith(attribute, number, { externalId: `${marker}-${String(number)}` })),
          201,
        );
      }
      for (const [term, number] of [
        ['lt 10', 9],
        ['le 9', 9],
        ['gt 9', 10],
        ['ge 10', 10],
      ] as const) {
        const filter = `externalId sw "${marker}" and ${attribute.path} ${term}`;
        ctx.equal(
          (await ctx.query(endpoint, { filter })).resources.map((resource) => resource['externalId']),
          [`${marker}-${String(number)}`],
          `found by ${term}`,
        );
      }
    }),
    must(
      '7644-3.4.2.2-14',
      'gt, ge, lt and le on booleans and binary values are rejected',
      rejects('active gt true', 'x509Certificates.value gt "AAAA"', 'emails.primary le false'),
    ),
    implied('7644-3.4.2.2-15', 'co and sw on booleans are rejected', rejects('active co true', 'active sw true')),
    implied('7644-3.4.2.2-16', 'null matches attributes without a value', async (ctx) => {
      await finds({ 'title eq null': ['cy'], 'title ne null': ['ann', 'bob'] })(ctx);
      await rejects('title gt null', 'title co null')(ctx);
    }),
    implied(
      '7644-3.4.2.2-17',
      'Booleans are compared with true and false',
      finds({ 'active eq false': ['bob'], 'active ne false': ['ann', 'cy'], [`emails[primary eq true]`]: ['ann'] }),
    ),
    must(
      '7644-3.4.2.2-18',
      'and matches when both terms match',
      finds({ 'title pr and userType eq "Employee"': ['ann'] }),
    ),
    must(
      '7644-3.4.2.2-19',
      'or matches when either term matches',
      finds({ 'title eq "Guide" or userType eq "Intern"': ['ann', 'bob'] }),
    ),
    must(
      '7644-3.4.2.2-20',
      'not matches when its term does not',
      finds({ 'not (title pr)': ['cy'], 'not(title pr)': ['cy'] }),
    ),
    must(
      '7644-3.4.2.2-21',
      'The operators have the precedence not, and, or',
      finds({
        'title eq "Guide" or title pr and userType eq "Intern"': ['ann', 'bob'],
        'not (title pr) or userType eq "Intern" and active eq true': ['cy'],
      }),
    ),
    must(
      '7644-3.4.2.2-22',
      'Parentheses take precedence over all operators',
      finds({ '(title eq "Guide" or title pr) and userType eq "Intern"': ['bob'] }),
    ),
    may(
      '7644-3.4.2.2-23',
      'In a value path one value must match all terms',
      finds({ [`${work} and value ew "@work.example"]`]: ['ann'] }),
    ),
    implied(
      '7644-3.4.2.2-24',
      'Outside a value path different values can match different terms',
      finds({ 'emails.type eq "work" and emails.value ew "@work.example"': ['ann', 'bob'] }),
    ),
    implied(
      '7644-3.4.2.2-25',
      'Value paths can be combined like other terms',
      finds({
        [`not (${work}])`]: ['cy'],
        [`${work} and value ew "@work.example"] or userType eq "Intern"`]: ['ann', 'bob'],
      }),
    ),
    implied(
      '7644-3.4.2.2-26',
      'A sub-attribute can follow a value path, or is rejected in strict mode',
      async (ctx) => {
        const filter = `${work}].value eq "bob@home.example"`;
        if (ctx.mode === 'strict') ctx.refused(await ctx.query('/Users', { filter }), 400, 'invalidFilter');
        else await finds({ [filter]: ['bob'], [`${work}].value eq "bob@work.example"`]: none })(ctx);
      },
    ),
    must('7644-3.4.2.2-27', 'Value paths cannot be nested, but can contain parentheses', async (ctx) => {
      await rejects('emails[type[value eq "x"]]')(ctx);
      await finds({ 'emails[(type eq "work") or (type eq "home")]': ['ann', 'bob'] })(ctx);
    }),
    must('7644-3.4.2.2-28', 'Values are JSON, with JSON escapes', async (ctx) => {
      await finds({ 'nickName eq "100%_\\"\\\\"': ['cy'], 'title eq "\\u0047uide"': ['ann'] })(ctx);
      await rejects("title eq 'Guide'", 'title eq "Guide', 'title eq "\\x"')(ctx);
      if (ctx.mode === 'strict') await rejects('title eq Guide')(ctx);
    }),
    must(
      '7644-3.4.2.2-29',
      'An invalid filter is rejected with 400 invalidFilter',
      rejects(
        'userName',
        'userName eq',
        'eq "x"',
        '(userName pr',
        'userName pr)',
        'emails[type eq "work"',
        'userName pr and',
        'and userName pr',
      ),
    ),
    must(
      '7644-3.4.2.2-30',
      'An unknown operator is rejected with 400 invalidFilter',
      rejects('userName regex "x"', 'userName = "x"', 'userName like "x"'),
    ),
    must(
      '7644-3.4.2.2-31',
      'Attribute names can have their URN as a prefix, in any case',
      finds({
        [`${urn.user}:userName eq "$-ann"`]: ['ann'],
        [`${urn.user.toUpperCase()}:name.givenName eq "cyrus"`]: ['cy'],
        [`${urn.enterprise}:department pr`]: none,
      }),
    ),
    must(
      '7644-3.4.2.2-32',
      'A multi-valued attribute matches when one value does',
      finds({ 'emails.value eq "ann@home.example"': ['ann'] }),
    ),
    must(
      '7644-3.4.2.2-33',
      'A complex attribute requires a sub-attribute; a multi-valued one means its value',
      async (ctx) => {
        await finds({ 'emails co "bob@"': ['bob'] })(ctx);
        await rejects('name eq "x"', 'name co "x"')(ctx);
      },
    ),
    must('7644-3.4.2.2-34', 'A default value can be used in a filter', async (ctx) => {
      const { find } = await createUsers(ctx);
      const user = await ctx.user();
      if (user.get('active') === undefined) ctx.skip('active has no default');
      ctx.equal(await find(`active eq ${String(user.get('active'))}`), ['ann', 'cy'], 'users found by the default');
    }),
    must(
      '7644-3.4.2.2-35',
      'Comparisons are case-sensitive where the schema says so',
      finds({ 'userName eq "$-ANN"': ['ann'], 'externalId eq "$-ANN"': ['ann'], 'externalId eq "$-ann"': none }),
    ),
    may(
      '7644-3.4.2.2-36',
      'schemas can be used in a filter',
      async (ctx) => {
        const userName = ctx.unique('e');
        await ctx.user({ userName, schemas: [urn.user, urn.enterprise], [urn.enterprise]: { department: 'D' } });
        const plain = await ctx.user();
        const count = async (name: unknown): Promise<unknown> =>
          (
            await ctx.query('/Users', { filter: `schemas eq "${urn.enterprise}" and userName eq "${String(name)}"` })
          ).get('totalResults');
        ctx.equal(await count(userName), 1, 'users with the extension');
        ctx.equal(await count(plain.get('userName')), 0, 'users without it');
      },
      ['enterprise'],
    ),
    implied('7644-3.4.2.2-37', 'Common attributes can be used in a filter', async (ctx) => {
      const user = await ctx.user({ externalId: ctx.unique('x') });
      const terms = [
        `id eq "${user.id}"`,
        `externalId eq "${String(user.get('externalId'))}"`,
        `meta.resourceType eq "User" and id eq "${user.id}"`,
        `meta.location eq "${String(user.get('meta', 'location'))}"`,
        `meta.created ge "${String(user.get('meta', 'created'))}" and id eq "${user.id}"`,
      ];
      for (const filter of terms)
        ctx.equal(
          (await ctx.query('/Users', { filter })).get('Resources', 0, 'id'),
          user.id,
          `found by ${filter.slice(0, 20)}`,
        );
    }),
    implied(
      '7644-3.4.2.2-38',
      'An attribute that the resource type does not have is rejected with 400 invalidFilter',
      rejects('nosuch eq "x"', 'name.nosuch eq "x"', `${urn.user}:nosuch pr`),
    ),
    implied('7644-3.4.2.2-39', 'A filter on an attribute that is never returned is rejected', async (ctx) => {
      for (const filter of ['password pr', 'password sw "a"']) {
        const response = await ctx.query('/Users', { filter });
        if (response.status === 403) ctx.refused(response, 403, 'sensitive');
        else ctx.refused(response, 400, 'invalidFilter');
      }
    }),
    implied('7644-3.4.2.2-40', 'An extremely large filter is rejected quickly', async (ctx) => {
      const monsters = [
        `${'('.repeat(1_000)}title pr${')'.repeat(1_000)}`,
        `title eq "${'x'.repeat(10_000)}"`,
        Array(2_000).fill('title pr').join(' or ').slice(0, 12_000),
      ];
      for (const filter of monsters) {
        const response = await ctx.query('/Users', { filter });
        ctx.status(response, [400, 413, 414, 431]);
      }
    }),
  ],
  ['filter'],
);
