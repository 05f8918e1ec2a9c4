import { tests, may, must } from '../conformance-test.js';
import { urn } from '../../wire/urn.js';

/** RFC 7643 3: the schemas of a resource. */
export const schemasTests = tests('schemas', [
  must('7643-3-01', '"schemas" is not empty and has no duplicates', async (ctx) => {
    ctx.refused(await ctx.post('/Users', ctx.userBody({ schemas: [] })), 400, 'invalidSyntax');
    const twice = await ctx.post('/Users', ctx.userBody({ schemas: [urn.user, urn.user] }));
    if (twice.status !== 201) return void ctx.refused(twice, 400);
    const schemas = (await ctx.get(`/Users/${twice.id}`)).get('schemas');
    ctx.equal(
      schemas,
      [...new Set(Array.isArray(schemas) ? schemas : [])],
      '"schemas" of a user sent with one URI twice',
    );
  }),
  must('7643-3-02', '"schemas" names only the schema and the extensions of the resource type', async (ctx) => {
    const unknown = 'urn:example:params:scim:schemas:unknown:2.0:Thing';
    const response = await ctx.post('/Users', ctx.userBody({ schemas: [urn.user, unknown] }));
    if (ctx.mode === 'strict') return void ctx.refused(response, 400, ['invalidSyntax', 'invalidValue']);
    // Large clients name their own URIs: rejecting them would stop provisioning.
    if (!ctx.status(response, 201)) return;
    const type = ctx.service.resourceTypes.find((entry) => entry.schema === urn.user);
    const announced = [urn.user, ...(type?.extensions ?? []).map((extension) => extension.schema)];
    const schemas = response.get('schemas');
    const extra = Array.isArray(schemas) ? schemas.filter((uri) => !announced.includes(String(uri))) : schemas;
    ctx.equal(extra, [], 'URIs in "schemas" that /ResourceTypes does not announce');
  }),
  must(
    '7643-3-03',
    'The order of "schemas" is not significant',
    async (ctx) => {
      const body = { schemas: [urn.enterprise, urn.user], [urn.enterprise]: { department: 'Research' } };
      const user = await ctx.user(body);
      ctx.equal(user.get(urn.enterprise, 'department'), 'Research', 'department');
    },
    ['enterprise'],
  ),
  must(
    '7643-3-04',
    '"schemas" names every extension whose data is in the response',
    async (ctx) => {
      const user = await ctx.user({
        schemas: [urn.user, urn.enterprise],
        [urn.enterprise]: { department: 'Research' },
      });
      for (const response of [user, await ctx.get(`/Users/${user.id}`)]) {
        ctx.includes(response.get('schemas'), urn.user, `${response.request}: "schemas"`);
        ctx.includes(response.get('schemas'), urn.enterprise, `${response.request}: "schemas"`);
      }
    },
    ['enterprise'],
  ),
  must(
    '7643-3-05',
    'Attributes of an extension are in an object under its URI',
    async (ctx) => {
      const user = await ctx.user({
        schemas: [urn.user, urn.enterprise],
        [urn.enterprise]: { employeeNumber: '701984' },
      });
      const read = await ctx.get(`/Users/${user.id}`);
      ctx.equal(read.get(urn.enterprise, 'employeeNumber'), '701984', 'employeeNumber under the URI');
      ctx.absent(read, 'employeeNumber');
    },
    ['enterprise'],
  ),
  must(
    '7643-3-06',
    'id, externalId and meta are attributes of every resource',
    async (ctx) => {
      const externalId = ctx.unique();
      const group = await ctx.group({ externalId });
      const read = await ctx.get(`/Groups/${group.id}`);
      ctx.equal(read.get('externalId'), externalId, 'externalId of a group');
      ctx.present(read, 'meta', 'resourceType');
    },
    ['groups'],
  ),
  must(
    '7643-3.3-01',
    '"schemas" names the base schema of the resource type',
    async (ctx) => {
      const response = await ctx.post('/Users', ctx.userBody({ schemas: [urn.enterprise] }));
      if (ctx.mode === 'strict') return void ctx.refused(response, 400, ['invalidSyntax', 'invalidValue']);
      if (response.status !== 201) return void ctx.refused(response, 400, ['invalidSyntax', 'invalidValue']);
      ctx.includes(response.get('schemas'), urn.user, '"schemas" of a user sent with the extension alone');
    },
    ['enterprise'],
  ),
]);

/** RFC 7643 3.2, 3.3 and 6: custom resource types and extensions. */
export const extendTests = tests('extend', [
  may(
    '7643-3.2-01',
    'A custom resource type has a name, an endpoint, a schema, and supports the whole protocol',
    async (ctx) => {
      const type = ctx.service.resourceTypes.find((entry) => entry.schema !== urn.user && entry.schema !== urn.group);
      if (type === undefined) return ctx.skip('/ResourceTypes announces no further type');
      const [attribute] = ctx.service.find({
        resourceType: type.name,
        type: 'string',
        multiValued: false,
        mutability: 'readWrite',
      });
      if (attribute === undefined) return ctx.skip(`${type.name} has no simple attribute that can be written`);
      const made = ctx.need(await ctx.post(type.endpoint, ctx.bodyWith(attribute, ctx.unique())), 201);
      ctx.equal(made.get('meta', 'resourceType'), type.name, 'meta.resourceType');
      ctx.includes(made.get('schemas'), type.schema, '"schemas"');
      const place = `${type.endpoint}/${made.id}`;
      const replaced = ctx.bodyWith(attribute, ctx.unique());
      ctx.status(await ctx.put(place, replaced), 200);
      ctx.status(await ctx.patch(place, [{ op: 'replace', path: attribute.path, value: ctx.unique() }]), [200, 204]);
      ctx.status(await ctx.get(place), 200);
      ctx.status(await ctx.delete(place), 204);
      ctx.refused(await ctx.get(place), 404);
    },
    ['ownType'],
  ),
  must('7643-6-04', 'An extension announced as required is mandatory, with its required attributes', async (ctx) => {
    for (const type of ctx.service.resourceTypes) {
      for (const extension of type.extensions.filter((entry) => entry.required)) {
        const [attribute] = ctx.service.find({
          resourceType: type.name,
          type: 'string',
          multiValued: false,
          mutability: 'readWrite',
        });
        if (attribute === undefined) continue;
        const { [extension.schema]: _, ...without } = ctx.bodyWith(attribute, ctx.unique());
        return void ctx.refused(await ctx.post(type.endpoint, without), 400, 'invalidValue');
      }
    }
    ctx.skip('/ResourceTypes announces no required extension');
  }),
  may('7643-6-05', 'An extension that is not required can be omitted', async (ctx) => {
    const user = await ctx.user();
    const type = ctx.service.resourceTypes.find((entry) => entry.schema === urn.user);
    for (const extension of type?.extensions ?? []) if (!extension.required) ctx.absent(user, extension.schema);
  }),
]);
