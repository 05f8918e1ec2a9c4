import {
  type AttributeCriteria,
  type TestContext,
  tests,
  type FoundAttribute,
  may,
  must,
  should,
} from '../conformance-test.js';
import { exampleOf } from '../context.js';
import { isObject, valueAt } from '../../wire/json.js';
import { urn } from '../../wire/urn.js';

/** RFC 7643 7: `mutability`. */
export const mutabilityTests = tests('mutability', [
  must('7643-7-05', 'readOnly attributes are never changed by a request of a client', async (ctx) => {
    const user = await ctx.user();
    const before = await ctx.get(`/Users/${user.id}`);
    const wrong = {
      id: ctx.unique(),
      meta: { created: '1999-01-01T00:00:00Z', resourceType: 'X' },
      groups: [{ value: ctx.unique() }],
    };
    ctx.status(
      await ctx.put(`/Users/${user.id}`, { schemas: [urn.user], userName: user.get('userName'), ...wrong }),
      200,
    );
    const after = await ctx.get(`/Users/${user.id}`);
    ctx.equal(after.id, user.id, 'id');
    ctx.equal(after.get('meta', 'created'), before.get('meta', 'created'), 'meta.created');
    ctx.equal(after.get('meta', 'resourceType'), 'User', 'meta.resourceType');
    ctx.absent(after, 'groups');
  }),
  must(
    '7643-7-06',
    'immutable attributes can be set on create or while unset, and cannot be changed later',
    async (ctx) => {
      const attribute = ctx.attribute({
        mutability: 'immutable',
        type: 'string',
        multiValued: false,
        returned: 'default',
        required: false,
      });
      const { endpoint } = attribute.resourceType;
      const [first, second] = [ctx.unique(), ctx.unique()];
      const body = ctx.bodyWith(attribute, first);
      const made = ctx.need(await ctx.post(endpoint, body), 201);
      const place = `${endpoint}/${made.id}`;
      ctx.equal(made.get(...attribute.steps), first, attribute.path);
      ctx.status(await ctx.put(place, body), 200);
      ctx.refused(
        await ctx.put(place, ctx.bodyWith(attribute, second, withoutSteps(body, attribute))),
        400,
        'mutability',
      );
      ctx.equal((await ctx.get(place)).get(...attribute.steps), first, `${attribute.path} after the refusal`);
      const unset = ctx.need(await ctx.post(endpoint, withoutSteps(ctx.bodyWith(attribute, first), attribute)), 201);
      const set = await ctx.put(
        `${endpoint}/${unset.id}`,
        ctx.bodyWith(attribute, second, withoutSteps(unset.body, attribute)),
      );
      ctx.status(set, 200);
      ctx.equal(
        (await ctx.get(`${endpoint}/${unset.id}`)).get(...attribute.steps),
        second,
        `${attribute.path}, first set by PUT`,
      );
    },
  ),
  must('7643-7-07', 'writeOnly values can be set and are never returned', async (ctx) => {
    const attribute = ctx.attribute({ mutability: 'writeOnly', type: 'string', multiValued: false });
    await neverReturned(ctx, attribute);
  }),
]);

/** RFC 7643 7: `returned`. */
export const returnedTests = tests('returned', [
  must('7643-7-08', 'An attribute with returned "always" is present in every response', async (ctx) => {
    const { attribute, place } = await made(ctx, { returned: 'always', mutability: 'readWrite' });
    for (const query of [{}, { attributes: 'meta.created' }, { excludedAttributes: attribute.path }]) {
      ctx.present(await ctx.query(place, query), ...attribute.steps);
    }
  }),
  must('7643-7-09', 'An attribute with returned "never" is absent even when requested', async (ctx) => {
    const attribute = ctx.attribute({ returned: 'never', type: 'string', multiValued: false });
    await neverReturned(ctx, attribute);
  }),
  must(
    '7643-7-10',
    'An attribute with returned "default" is present unless it is excluded or only others are requested',
    async (ctx) => {
      const user = await ctx.user({ nickName: 'Ada' });
      ctx.present(await ctx.get(`/Users/${user.id}`), 'nickName');
      ctx.present(await ctx.query(`/Users/${user.id}`, { attributes: 'nickName' }), 'nickName');
      ctx.absent(await ctx.query(`/Users/${user.id}`, { attributes: 'userName' }), 'nickName');
      ctx.absent(await ctx.query(`/Users/${user.id}`, { excludedAttributes: 'nickName' }), 'nickName');
    },
  ),
  must(
    '7643-7-11',
    'An attribute with returned "request" is present when it was requested or just sent',
    async (ctx) => {
      const { attribute, place, response } = await made(ctx, { returned: 'request', mutability: 'readWrite' });
      ctx.present(response, ...attribute.steps);
      ctx.absent(await ctx.get(place), ...attribute.steps);
      ctx.present(await ctx.query(place, { attributes: attribute.path }), ...attribute.steps);
      const value = exampleOf(attribute.type, ctx.unique());
      const patched = await ctx.patch(place, [
        { op: 'replace', path: attribute.path, value: attribute.multiValued ? [value] : value },
      ]);
      if (ctx.status(patched, [200, 204]) && patched.status === 200) ctx.present(patched, ...attribute.steps);
    },
  ),
]);

/** A resource that has a value for the attribute. */
async function made(ctx: TestContext, criteria: AttributeCriteria) {
  const attribute =
    ctx.service.find(criteria).find((entry) => entry.type !== 'complex') ??
    ctx.attribute({ ...criteria, type: 'string' });
  const value = exampleOf(attribute.type, ctx.unique());
  const body = ctx.bodyWith(attribute, attribute.multiValued ? [value] : value);
  const response = ctx.need(await ctx.post(attribute.resourceType.endpoint, body), 201);
  return { attribute, response, place: `${attribute.resourceType.endpoint}/${response.id}` };
}

async function neverReturned(ctx: TestContext, attribute: FoundAttribute): Promise<void> {
  const { endpoint } = attribute.resourceType;
  const secret = ctx.unique('hidden');
  const body = ctx.bodyWith(attribute, secret);
  const response = ctx.need(await ctx.post(endpoint, body), 201);
  const place = `${endpoint}/${response.id}`;
  const responses = [
    response,
    await ctx.get(place),
    await ctx.query(place, { attributes: attribute.path }),
    await ctx.query(endpoint, { filter: `id eq "${response.id}"`, attributes: attribute.path }),
  ];
  if (attribute.mutability !== 'immutable') {
    responses.push(
      await ctx.put(place, body),
      await ctx.patch(place, [{ op: 'replace', path: attribute.path, value: secret }]),
    );
    ctx.status(responses[4] ?? response, 200);
    ctx.status(responses[5] ?? response, [200, 204]);
  }
  for (const each of responses)
    ctx.check(!each.text.includes(secret), `${each.request}: ${attribute.path} should not be in the response`);
}

/** The body as a client would send it back, without the attribute. */
function withoutSteps(body: object, attribute: FoundAttribute): object {
  const [first = attribute.name, second] = attribute.steps;
  const extended = second !== undefined;
  const rest = Object.entries(body).filter(([name]) => !['id', 'meta', 'schemas', first].includes(name));
  const container = extended ? valueAt(body, [first]) : undefined;
  const others = isObject(container) ? Object.entries(container).filter(([name]) => name !== second) : [];
  return {
    ...Object.fromEntries(rest),
    schemas: [attribute.resourceType.schema, ...(others.length > 0 ? [attribute.schema] : [])],
    ...(others.length > 0 ? { [first]: Object.fromEntries(others) } : {}),
  };
}

/** RFC 7643 7: `caseExact`. */
export const caseTests = tests('case', [
  must('7643-7-12', 'Strings keep the case in which they were sent', async (ctx) => {
    const user = await ctx.user({ externalId: ctx.unique('AbC'), displayName: 'Ada LOVELACE' });
    const read = await ctx.get(`/Users/${user.id}`);
    ctx.matches(read.get('externalId'), /^AbC-/, 'externalId');
    ctx.equal(read.get('displayName'), 'Ada LOVELACE', 'displayName');
  }),
  must(
    '7643-7-13',
    'Filters compare case as caseExact specifies',
    async (ctx) => {
      const [userName, externalId] = [ctx.unique('user'), ctx.unique('ext')];
      await ctx.user({ userName, externalId });
      const total = async (filter: string): Promise<unknown> =>
        (await ctx.query('/Users', { filter })).get('totalResults');
      ctx.equal(await total(`userName eq "${userName.toUpperCase()}"`), 1, 'matches of the userName in another case');
      ctx.equal(await total(`externalId eq "${externalId}"`), 1, 'matches of the externalId');
      ctx.equal(
        await total(`externalId eq "${externalId.toUpperCase()}"`),
        0,
        'matches of the externalId in another case',
      );
    },
    ['filter'],
  ),
]);

/** RFC 7643 7: `uniqueness`. */
export const uniqueTests = tests('unique', [
  should('7643-7-14', 'No two resources share a value of an attribute with uniqueness "server"', async (ctx) => {
    const attribute =
      ctx.service
        .find({ uniqueness: 'server', type: 'string', multiValued: false })
        .find((entry) => entry.name !== 'userName') ?? ctx.attribute({ uniqueness: 'server', name: 'userName' });
    const { endpoint } = attribute.resourceType;
    const value = ctx.unique();
    ctx.need(await ctx.post(endpoint, ctx.bodyWith(attribute, value)), 201);
    ctx.refused(await ctx.post(endpoint, ctx.bodyWith(attribute, value)), 409, 'uniqueness');
    ctx.status(await ctx.post(endpoint, ctx.bodyWith(attribute, ctx.unique())), 201);
  }),
  may(
    '7643-7-15',
    'A value that is in use is rejected with 409 uniqueness, on create and on change',
    async (ctx) => {
      const [taken, user] = [await ctx.user(), await ctx.user()];
      const userName = taken.get('userName');
      ctx.refused(await ctx.post('/Users', ctx.userBody({ userName })), 409, 'uniqueness');
      ctx.refused(await ctx.put(`/Users/${user.id}`, { schemas: [urn.user], userName }), 409, 'uniqueness');
      ctx.refused(
        await ctx.patch(`/Users/${user.id}`, [{ op: 'replace', path: 'userName', value: userName }]),
        409,
        'uniqueness',
      );
    },
    ['patch'],
  ),
]);
