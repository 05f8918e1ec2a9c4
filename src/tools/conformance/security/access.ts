import { isObject } from '../../wire/json.js';
import { type TestContext, tests, may, must, should } from '../conformance-test.js';

const schemeNames: Readonly<Record<string, RegExp>> = {
  oauth: /\bOAuth\b/i,
  oauth2: /\bBearer\b/i,
  oauthbearertoken: /\bBearer\b/i,
  httpbasic: /\bBasic\b/i,
  httpdigest: /\bDigest\b/i,
};

/** Matches for the challenges of the schemes that ServiceProviderConfig announces. */
function announcedSchemes({ service }: TestContext): readonly RegExp[] {
  const schemes = service.config['authenticationSchemes'];
  return (Array.isArray(schemes) ? (schemes as readonly unknown[]) : []).flatMap((scheme) => {
    const name = isObject(scheme) ? schemeNames[String(scheme['type'])] : undefined;
    return name ?? [];
  });
}

/** RFC 7644 2: authentication. */
export const authTests = tests('auth', [
  must(
    '7644-2-01',
    'A request without valid credentials returns 401 and the schemes in WWW-Authenticate',
    async (ctx) => {
      for (const key of [null, '', ctx.unique('wrong-key')]) {
        for (const path of ['/Users', '/Users/1', '/Users?filter=userName pr']) {
          const response = await ctx.get(path, { key });
          ctx.refused(response, 401);
          const challenges = response.headers.get('www-authenticate');
          ctx.matches(challenges, /\w/, 'WWW-Authenticate of the 401');
          for (const scheme of announcedSchemes(ctx)) ctx.matches(challenges, scheme, 'WWW-Authenticate of the 401');
        }
      }
      const texts = new Set<string>();
      for (const key of [null, ctx.unique('wrong-key')]) texts.add((await ctx.get('/Users', { key })).text);
      ctx.equal(texts.size, 1, 'different bodies of a 401 without and with a wrong key');
    },
  ),
  may('7644-2.2-01', 'Anonymous requests change nothing unless the service provider allows them', async (ctx) => {
    const body = ctx.userBody();
    const response = await ctx.post('/Users', body, { key: null });
    if (response.status === 201) return ctx.skip('the provider allows anonymous requests');
    ctx.refused(response, 401);
    const found = await ctx.query('/Users', { filter: `userName eq "${body.userName}"` });
    ctx.equal(found.get('totalResults'), 0, 'users made by the refused request');
  }),
]);

/** RFC 7644 7.5.2 and RFC 7643 9.3: privacy. */
export const privacyTests = tests('privacy', [
  should(
    '7643-9.3-01',
    'The same user has different ids in two tenants, and neither tenant sees the other’s externalId',
    async (ctx) => {
      const body = ctx.userBody({ externalId: ctx.unique() });
      const here = ctx.need(await ctx.post('/Users', body), 201);
      const there = ctx.need(await ctx.otherTenant.post('/Users', { ...body, externalId: undefined }), 201);
      ctx.differs(there.id, here.id, 'id in the other tenant');
      ctx.absent(await ctx.otherTenant.get(`/Users/${there.id}`), 'externalId');
    },
    ['secondTenant'],
  ),
  should(
    '7644-7.5.2-01',
    'A filter in a URL on an attribute that is never returned is rejected',
    async (ctx) => {
      const secret = ctx.service.find({ returned: 'never' }).concat(ctx.service.find({ mutability: 'writeOnly' }))[0];
      const path = secret?.path ?? 'password';
      const endpoint = secret?.resourceType.endpoint ?? '/Users';
      for (const filter of [`${path} eq "x"`, `not (${path} sw "x")`, `${path} pr`]) {
        ctx.refused(await ctx.query(endpoint, { filter }), [400, 403], ['invalidFilter', 'sensitive']);
      }
      const sorted = await ctx.query(endpoint, { sortBy: path, count: 1 });
      if (sorted.status !== 200) ctx.refused(sorted, [400, 403]);
    },
    ['filter'],
  ),
]);

/** RFC 7644 6: tenant isolation. */
export const tenancyTests = tests(
  'tenancy',
  [
    should('7644-6.1-02', 'A key of one tenant gives no access to another', async (ctx) => {
      const user = await ctx.user();
      const { otherTenant } = ctx;
      if (otherTenant.baseUrl !== ctx.baseUrl) {
        for (const path of ['/Users', `/Users/${user.id}`]) {
          ctx.refused(await otherTenant.get(path, { key: ctx.key }), [401, 403, 404]);
        }
        ctx.refused(await otherTenant.post('/Users', ctx.userBody(), { key: ctx.key }), [401, 403, 404]);
      }
      await refusesForeign(ctx, user.id);
      ctx.status(await ctx.get(`/Users/${user.id}`), 200);
    }),
    may('7644-6.2-01', 'An id is looked up within its tenant', async (ctx) => {
      const here = await ctx.user();
      const there = await ctx.otherTenant.user();
      ctx.refused(await ctx.otherTenant.get(`/Users/${here.id}`), 404);
      ctx.refused(await ctx.get(`/Users/${there.id}`), 404);
      const random = await ctx.get(`/Users/${ctx.unique()}`);
      ctx.equal(
        random.status,
        (await ctx.get(`/Users/${there.id}`)).status,
        'status of a foreign id, against that of a random one',
      );
    }),
    must('7644-6.2-02', 'userName and externalId are unique and looked up within a tenant', async (ctx) => {
      const body = ctx.userBody({ externalId: ctx.unique() });
      const here = ctx.need(await ctx.post('/Users', body), 201);
      const there = ctx.need(await ctx.otherTenant.post('/Users', body), 201);
      for (const filter of [`userName eq "${body.userName}"`, `externalId eq "${String(body['externalId'])}"`]) {
        const [mine, theirs] = [
          await ctx.query('/Users', { filter }),
          await ctx.otherTenant.query('/Users', { filter }),
        ];
        ctx.equal(
          mine.resources.map((entry) => entry['id']),
          [here.id],
          'ids found in this tenant',
        );
        ctx.equal(
          theirs.resources.map((entry) => entry['id']),
          [there.id],
          'ids found in the other tenant',
        );
      }
    }),
  ],
  ['secondTenant'],
);

async function refusesForeign(ctx: TestContext, id: string): Promise<void> {
  const place = `/Users/${id}`;
  ctx.refused(await ctx.otherTenant.get(place), 404);
  ctx.refused(await ctx.otherTenant.put(place, ctx.userBody()), 404);
  ctx.refused(await ctx.otherTenant.patch(place, [{ op: 'replace', path: 'active', value: false }]), 404);
  ctx.refused(await ctx.otherTenant.delete(place), 404);
  const found = await ctx.otherTenant.query('/Users', { filter: `id eq "${id}"` });
  ctx.equal(found.get('totalResults'), 0, 'matches of a foreign id');
}
