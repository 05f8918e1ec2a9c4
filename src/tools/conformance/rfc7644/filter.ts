import { type TestContext, tests, implied, may, must } from '../conformance-test.js';
import type { HttpResponse } from '../../wire/response.js';
import { urn } from '../../wire/urn.js';

/** A handful of users that only this test's filters find. */
interface Users {
  readonly prefix: string;
  /** The keys of those that the filter finds, sorted. */
  find(filter: string): Promise<readonly string[]>;
  ask(filter: string): Promise<HttpResponse>;
}

const attributes = {
  ann: {
    title: 'Guide',
    userType: 'Employee',
    emails: [
      { value: 'ann@work.example', type: 'work', primary: true },
      { value: 'ann@home.example', type: 'home' },
    ],
  },
  bob: {
    title: 'tour guide',
    userType: 'Intern',
    active: false,
    emails: [
      { value: 'bob@home.example', type: 'work' },
      { value: 'bob@work.example', type: 'home' },
    ],
  },
  cy: { userType: 'Employee', name: { givenName: 'Cyrus' }, nickName: '100%_"\\' },
};

async function users(ctx: TestContext): Promise<Users> {
  const prefix = ctx.unique('f');
  const keys = new Map<string, string>();
  for (const [key, values] of Object.entries(attributes)) {
    keys.set(
      (await ctx.user({ userName: `${prefix}-${key}`, externalId: `${prefix}-${key.toUpperCase()}`, ...values })).id,
      key,
    );
  }
  const ask = (filter: string): Promise<HttpResponse> => ctx.query('/Users', { filter });
  return {
    prefix,
    ask,
    async find(filter) {
      const response = await ask(`(${filter}) and userName sw "${prefix}"`);
      if (!ctx.status(response, 200)) return [`status ${String(response.status)}`];
      return response.resources.map((resource) => keys.get(String(resource['id'])) ?? 'somebody else').sort();
    },
  };
}

type Expectations = Readonly<Record<string, readonly string[]>>;

/** Each filter finds exactly these; `$` stands for the prefix of the names. */
const finds =
  (expectations: Expectations) =>
  async (ctx: TestContext): Promise<void> => {
    const { prefix, find } = await users(ctx);
    for (const [filter, expected] of Object.entries(expectations)) {
      ctx.equal(await find(filter.replaceAll('$', prefix)), [...expected].sort(), `users found by ${filter}`);
    }
  };

/** Each filter is refused. */
const refuses =
  (...filters: readonly string[]) =>
  async (ctx: TestContext): Promise<void> => {
    for (const filter of filters) ctx.refused(await ctx.query('/Users', { filter }), 400, 'invalidFilter');
  };

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
      'Only what matches is returned',
      finds({ 'userName eq "$-ann"': ['ann'], 'userName eq "$-nobody"': none }),
    ),
    must(
      '7644-3.4.2.2-03',
      'Names and operators are read in any case',
      finds({ 'USERNAME Eq "$-ann" OR Title PR': ['ann', 'bob'], 'NOT (title pr) AND UserType EQ "employee"': ['cy'] }),
    ),
    must(
      '7644-3.4.2.2-04',
      'eq finds what is the same',
      finds({ 'userName eq "$-bob"': ['bob'], 'userName eq "$-bo"': none }),
    ),
    must('7644-3.4.2.2-05', 'ne finds what is another', finds({ 'userName ne "$-bob"': ['ann', 'cy'] })),
    implied('7644-3.4.2.2-06', 'ne matches where there is no value', finds({ 'title ne "Guide"': ['bob', 'cy'] })),
    implied(
      '7644-3.4.2.2-07',
      'ne of a multi-valued attribute: no value is equal',
      finds({ 'emails.type ne "work"': ['cy'], 'emails.value ne "ann@home.example"': ['bob', 'cy'] }),
    ),
    must(
      '7644-3.4.2.2-08',
      'co, sw, ew: a part, the beginning, the end; the whole is both',
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
      'Wildcards of databases are plain characters',
      finds({
        'nickName co "%_"': ['cy'],
        'title co "%"': none,
        'title co "_"': none,
        'nickName ew "\\"\\\\"': ['cy'],
      }),
    ),
    must(
      '7644-3.4.2.2-10',
      'pr: there is a value that is not empty',
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
      'gt, ge, lt, le: order of texts',
      finds({
        'userName gt "$-ann"': ['bob', 'cy'],
        'userName ge "$-bob"': ['bob', 'cy'],
        'userName lt "$-bob"': ['ann'],
        'userName le "$-bob"': ['ann', 'bob'],
      }),
    ),
    must(
      '7644-3.4.2.2-12',
      'gt, ge, lt, le: order in time, whatever the zone',
      finds({
        'meta.created gt "2011-05-13T04:42:34Z"': everybody,
        'meta.created lt "2011-05-13T04:42:34+02:00"': none,
        'meta.lastModified lt "2100-01-01T00:00:00-05:00"': everybody,
      }),
    ),
    must('7644-3.4.2.2-13', 'gt, ge, lt, le: order of numbers', async (ctx) => {
      const attribute = ctx.attribute({ type: 'integer', multiValued: false, mutability: 'readWrite' });
      const { endpoint } = attribute.resourceType;
      const marker = ctx.unique('n');
      for (const number of [9, 10]) {
        ctx.need(
          await ctx.post(endpoint, ctx.bodyWith(attribute, number, { externalId: `${marker}-${String(number)}` })),
          201,
        );
      }
      const found = await ctx.query(endpoint, { filter: `externalId sw "${marker}" and ${attribute.path} lt 10` });
      ctx.equal(
        found.resources.map((resource) => resource['externalId']),
        [`${marker}-9`],
        'found by lt 10',
      );
    }),
    must(
      '7644-3.4.2.2-14',
      'Booleans and binary values have no order',
      refuses('active gt true', 'x509Certificates.value gt "AAAA"', 'emails.primary le false'),
    ),
    implied('7644-3.4.2.2-15', 'Only texts have parts to look for', refuses('active co true', 'active sw true')),
    implied('7644-3.4.2.2-16', 'null stands for no value at all', async (ctx) => {
      await finds({ 'title eq null': ['cy'], 'title ne null': ['ann', 'bob'] })(ctx);
      await refuses('title gt null', 'title co null')(ctx);
    }),
    implied(
      '7644-3.4.2.2-17',
      'Booleans compare with true and false',
      finds({ 'active eq false': ['bob'], 'active ne false': ['ann', 'cy'], [`emails[primary eq true]`]: ['ann'] }),
    ),
    must(
      '7644-3.4.2.2-18',
      'and asks for both of its terms',
      finds({ 'title pr and userType eq "Employee"': ['ann'] }),
    ),
    must(
      '7644-3.4.2.2-19',
      'or asks for either of its terms',
      finds({ 'title eq "Guide" or userType eq "Intern"': ['ann', 'bob'] }),
    ),
    must(
      '7644-3.4.2.2-20',
      'not finds all that its term does not',
      finds({ 'not (title pr)': ['cy'], 'not(title pr)': ['cy'] }),
    ),
    must(
      '7644-3.4.2.2-21',
      'not before and before or',
      finds({
        'title eq "Guide" or title pr and userType eq "Intern"': ['ann', 'bob'],
        'not (title pr) or userType eq "Intern" and active eq true': ['cy'],
      }),
    ),
    must(
      '7644-3.4.2.2-22',
      'Brackets come first',
      finds({ '(title eq "Guide" or title pr) and userType eq "Intern"': ['bob'] }),
    ),
    may(
      '7644-3.4.2.2-23',
      'In a value path one value satisfies all',
      finds({ [`${work} and value ew "@work.example"]`]: ['ann'] }),
    ),
    implied(
      '7644-3.4.2.2-24',
      'Outside brackets different values may satisfy different terms',
      finds({ 'emails.type eq "work" and emails.value ew "@work.example"': ['ann', 'bob'] }),
    ),
    implied(
      '7644-3.4.2.2-25',
      'Value paths are terms like others',
      finds({
        [`not (${work}])`]: ['cy'],
        [`${work} and value ew "@work.example"] or userType eq "Intern"`]: ['ann', 'bob'],
      }),
    ),
    implied('7644-3.4.2.2-26', 'A sub-attribute behind a value path', async (ctx) => {
      const filter = `${work}].value eq "bob@home.example"`;
      if (ctx.mode === 'strict') ctx.refused(await ctx.query('/Users', { filter }), 400, 'invalidFilter');
      else await finds({ [filter]: ['bob'], [`${work}].value eq "bob@work.example"`]: none })(ctx);
    }),
    must('7644-3.4.2.2-27', 'Value paths do not nest, but have brackets', async (ctx) => {
      await refuses('emails[type[value eq "x"]]')(ctx);
      await finds({ 'emails[(type eq "work") or (type eq "home")]': ['ann', 'bob'] })(ctx);
    }),
    must('7644-3.4.2.2-28', 'Values are JSON, with its escapes', async (ctx) => {
      await finds({ 'nickName eq "100%_\\"\\\\"': ['cy'], 'title eq "\\u0047uide"': ['ann'] })(ctx);
      await refuses("title eq 'Guide'", 'title eq "Guide', 'title eq "\\x"')(ctx);
      if (ctx.mode === 'strict') await refuses('title eq Guide')(ctx);
    }),
    must(
      '7644-3.4.2.2-29',
      'What is no filter: 400 invalidFilter',
      refuses(
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
      'An operator that there is not: 400 invalidFilter',
      refuses('userName regex "x"', 'userName = "x"', 'userName like "x"'),
    ),
    must(
      '7644-3.4.2.2-31',
      'Names may have their URN, in any case',
      finds({
        [`${urn.user}:userName eq "$-ann"`]: ['ann'],
        [`${urn.user.toUpperCase()}:name.givenName eq "cyrus"`]: ['cy'],
        [`${urn.enterprise}:department pr`]: none,
      }),
    ),
    must('7644-3.4.2.2-32', 'One value of several is enough', finds({ 'emails.value eq "ann@home.example"': ['ann'] })),
    must(
      '7644-3.4.2.2-33',
      'A complex attribute needs its sub-attribute; of a multi-valued one it is the value',
      async (ctx) => {
        await finds({ 'emails co "bob@"': ['bob'] })(ctx);
        await refuses('name eq "x"', 'name co "x"')(ctx);
      },
    ),
    must('7644-3.4.2.2-34', 'A default is what it is compared with', async (ctx) => {
      const { find } = await users(ctx);
      const user = await ctx.user();
      if (user.get('active') === undefined) ctx.skip('active has no default');
      ctx.equal(await find(`active eq ${String(user.get('active'))}`), ['ann', 'cy'], 'users found by the default');
    }),
    must(
      '7644-3.4.2.2-35',
      'Case counts where the schema says so',
      finds({ 'userName eq "$-ANN"': ['ann'], 'externalId eq "$-ANN"': ['ann'], 'externalId eq "$-ann"': none }),
    ),
    may(
      '7644-3.4.2.2-36',
      'Schemas can be asked for',
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
    implied('7644-3.4.2.2-37', 'Common attributes can be asked for', async (ctx) => {
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
      'An attribute that the type does not have: 400 invalidFilter',
      refuses('nosuch eq "x"', 'name.nosuch eq "x"', `${urn.user}:nosuch pr`),
    ),
    implied('7644-3.4.2.2-39', 'What is never returned cannot be asked for', async (ctx) => {
      for (const filter of ['password pr', 'password sw "a"']) {
        const response = await ctx.query('/Users', { filter });
        if (response.status === 403) ctx.refused(response, 403, 'sensitive');
        else ctx.refused(response, 400, 'invalidFilter');
      }
    }),
    implied('7644-3.4.2.2-40', 'A monstrous filter is refused at once', async (ctx) => {
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
