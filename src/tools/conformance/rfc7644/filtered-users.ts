import type { TestContext } from '../conformance-test.js';
import type { HttpResponse } from '../../wire/response.js';

/** Users that only the filters of one test match. */
interface FilteredUsers {
  readonly prefix: string;
  /** The keys of the users that the filter matches, sorted. */
  find(filter: string): Promise<readonly string[]>;
  query(filter: string): Promise<HttpResponse>;
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

export async function createUsers(ctx: TestContext): Promise<FilteredUsers> {
  const prefix = ctx.unique('f');
  const keys = new Map<string, string>();
  for (const [key, values] of Object.entries(attributes)) {
    keys.set(
      (await ctx.user({ userName: `${prefix}-${key}`, externalId: `${prefix}-${key.toUpperCase()}`, ...values })).id,
      key,
    );
  }
  const query = (filter: string): Promise<HttpResponse> => ctx.query('/Users', { filter });
  return {
    prefix,
    query,
    async find(filter) {
      const response = await query(`(${filter}) and userName sw "${prefix}"`);
      if (!ctx.status(response, 200)) return [`status ${String(response.status)}`];
      return response.resources.map((resource) => keys.get(String(resource['id'])) ?? 'another user').sort();
    },
  };
}

type Expectations = Readonly<Record<string, readonly string[]>>;

/** Each filter matches exactly these users; `$` is replaced by the prefix of the names. */
export const finds =
  (expectations: Expectations) =>
  async (ctx: TestContext): Promise<void> => {
    const { prefix, find } = await createUsers(ctx);
    for (const [filter, expected] of Object.entries(expectations)) {
      ctx.equal(await find(filter.replaceAll('$', prefix)), [...expected].sort(), `users found by ${filter}`);
    }
  };

/** Each filter is rejected. */
export const rejects =
  (...filters: readonly string[]) =>
  async (ctx: TestContext): Promise<void> => {
    for (const filter of filters) ctx.refused(await ctx.query('/Users', { filter }), 400, 'invalidFilter');
  };
