import { randomUUID } from 'node:crypto';
import type { HttpResponse } from '../wire/response.js';
import { urn } from '../wire/urn.js';
import { blocker, type Check, ok, problem, warning } from './check.js';

const namesSchema = (response: HttpResponse, schema: string): boolean => {
  const schemas = response.get('schemas');
  return Array.isArray(schemas) && schemas.includes(schema);
};
const filterFor = (userName: string): string => `/Users?filter=${encodeURIComponent(`userName eq "${userName}"`)}`;

/** Whether the service behaves as clients need: keys, media types, discovery, pages, writes. */
export const protocolChecks: readonly Check[] = [
  {
    id: 'key',
    title: 'The key is accepted, and other keys are not',
    async run(client) {
      const accepted = await client.send('GET', '/Users?count=1');
      if (accepted.status === 401)
        return blocker(
          'the key was rejected (401)',
          'Copy the connector key again, without spaces, and check whether it was revoked or has expired. A proxy may also remove the Authorization header.',
        );
      if (accepted.status === 403)
        return blocker(
          'the key is valid but lacks permission (403)',
          'Enable provisioning for this tenant, and check the scopes of the key.',
        );
      const wrong = await client.send('GET', '/Users?count=1', undefined, { key: 'a-key-that-nobody-has' });
      const none = await client.send('GET', '/Users?count=1', undefined, { key: null });
      if (wrong.status !== 401 || none.status !== 401) {
        return problem(
          `a wrong key returned ${String(wrong.status)}, no key ${String(none.status)}`,
          'Both must return 401: otherwise anyone who knows the URL can read and write users.',
        );
      }
      return wrong.headers.has('www-authenticate') && namesSchema(wrong, urn.error)
        ? ok('a wrong key and a missing key return 401')
        : warning(
            'the 401 has no WWW-Authenticate header, or its body is not a SCIM error',
            'A proxy may replace the body with its own error page: configure it to pass responses unchanged (RFC 9110 11.6.1).',
          );
    },
  },
  {
    id: 'no-match',
    title: 'Test Connection: a lookup without a match returns an empty list',
    async run(client) {
      const response = await client.send('GET', filterFor(randomUUID()));
      if (response.status === 200 && namesSchema(response, urn.list) && response.get('totalResults') === 0)
        return ok('200 with no resources');
      return problem(
        `a lookup without a match returned ${String(response.status)}`,
        'It must return 200 with an empty ListResponse. Microsoft Entra ID puts the whole job into quarantine after a 404 here.',
      );
    },
  },
  {
    id: 'media-type',
    title: 'Responses have a media type that clients accept',
    async run(client) {
      const type = (await client.send('GET', '/Users?count=1')).headers.get('content-type') ?? '';
      return /^application\/(?:scim\+)?json\b/i.test(type)
        ? ok(type)
        : problem(
            `Content-Type is ${type === '' ? 'missing' : type}`,
            'It must be application/scim+json: check for a proxy or middleware that changes headers.',
          );
    },
  },
  {
    id: 'location',
    title: '`meta.location` begins with the URL that clients use',
    async run(client) {
      const config = await client.send('GET', '/ServiceProviderConfig');
      const location = String(config.get('meta', 'location') ?? '');
      if (location === '') return ok('ServiceProviderConfig has no location');
      const expected = `${client.baseUrl}/`.toLowerCase();
      return location.toLowerCase().startsWith(expected)
        ? ok(location)
        : problem(
            `it is ${location}`,
            "A proxy changes host, scheme or path. Set the option baseUrl, or app.set('trust proxy', ...) and let the proxy send X-Forwarded-Host and X-Forwarded-Proto.",
          );
    },
  },
  {
    id: 'discovery',
    title: 'Discovery is complete and correct',
    async run(client) {
      const verdicts = [];
      const config = await client.send('GET', '/ServiceProviderConfig');
      if (config.status !== 200)
        verdicts.push(
          problem(
            `/ServiceProviderConfig returned ${String(config.status)}`,
            'authentik, SailPoint and Rippling read it first: allow GET for this path.',
          ),
        );
      for (const path of ['/Schemas', '/ResourceTypes']) {
        const response = await client.send('GET', path);
        if (response.status !== 200 || !namesSchema(response, urn.list))
          verdicts.push(
            problem(
              `${path} did not return a ListResponse (status ${String(response.status)})`,
              'It must return one (RFC 7644 4).',
            ),
          );
      }
      const announced = config.get('filter', 'supported') === true;
      const filtered = await client.send('GET', filterFor('x'));
      if (announced !== (filtered.status === 200))
        verdicts.push(
          problem(
            `filter is announced as ${announced ? 'supported' : 'not supported'}, and a filter returned ${String(filtered.status)}`,
            'Clients rely on ServiceProviderConfig: announce what the service supports.',
          ),
        );
      return verdicts.length > 0 ? verdicts : ok('configuration, schemas and resource types are present');
    },
  },
  {
    id: 'pages',
    title: 'Pages have the requested size',
    async run(client) {
      const response = await client.send('GET', '/Users?startIndex=1&count=2');
      const resources = response.get('Resources');
      const length = Array.isArray(resources) ? resources.length : 0;
      const { totalResults, itemsPerPage, startIndex } = response.body;
      if (![totalResults, itemsPerPage ?? 0, startIndex ?? 1].every(Number.isInteger))
        return problem('the counts of a list are not integers', 'Okta requires integers: they must not be strings.');
      return length <= 2 && Number(totalResults) >= length
        ? ok(`${String(length)} of ${String(totalResults)}`)
        : problem(
            `count=2 returned ${String(length)} of ${String(totalResults)}`,
            'A client that reads page by page would loop forever, or miss users.',
          );
    },
  },
  {
    id: 'write',
    title: 'POST, PATCH, PUT and DELETE work',
    writes: true,
    async run(client) {
      const userName = `doctor-${randomUUID()}@example.com`;
      const body = { schemas: [urn.user], userName, active: true };
      const created = await client.send('POST', '/Users', body);
      if (created.status !== 201) return problem(`POST /Users returned ${String(created.status)}`, postRemedy(created));
      const path = `/Users/${encodeURIComponent(created.id)}`;
      const verdicts = [];
      try {
        const disable = {
          schemas: [urn.patch],
          Operations: [{ op: 'Replace', path: 'active', value: 'False' }],
        };
        const patched = await client.send('PATCH', path, disable);
        const after = await client.send('GET', path);
        if (patched.status >= 300)
          verdicts.push(problem(`PATCH returned ${String(patched.status)}`, methodRemedy('PATCH', patched)));
        else if (after.get('active') !== false)
          verdicts.push(
            problem(
              'PATCH returned success but changed nothing',
              'Users who leave would keep access. Check whether a proxy drops the body of a PATCH.',
            ),
          );
        const replaced = await client.send('PUT', path, body, {
          headers: { 'content-type': 'application/json; charset=utf-8' },
        });
        if (replaced.status >= 300)
          verdicts.push(
            problem(
              `PUT with application/json returned ${String(replaced.status)}`,
              'Okta, OneLogin, Google and authentik send application/json: the service must accept it.',
            ),
          );
        const found = await client.send('GET', filterFor(userName.toUpperCase()));
        if (found.get('totalResults') !== 1)
          verdicts.push(
            problem(
              'a filter with userName in upper case does not find the user',
              'userName is case-insensitive (RFC 7643 4.1.1): clients would create a second account.',
            ),
          );
        const duplicate = await client.send('POST', '/Users', body);
        if (duplicate.status !== 409)
          verdicts.push(
            problem(
              `a second user with the same userName returned ${String(duplicate.status)}`,
              'It must return 409 uniqueness: put a unique index on userName.',
            ),
          );
      } finally {
        const deleted = await client.send('DELETE', path);
        if (deleted.status !== 204)
          verdicts.push(
            problem(
              `DELETE returned ${String(deleted.status)}`,
              `${methodRemedy('DELETE', deleted)} The user ${userName} may be left behind.`,
            ),
          );
      }
      return verdicts.length > 0 ? verdicts : ok('a user was created, changed, found, replaced and deleted');
    },
  },
];

function postRemedy(response: HttpResponse): string {
  if (response.status === 403 || response.status === 405) return methodRemedy('POST', response);
  if (response.status === 429) return 'The rate limit is too low: Microsoft Entra ID sends 25 requests a second.';
  return 'Read `detail` in the body of the response, and check whether a body parser runs before the SCIM router: mount the router first.';
}

function methodRemedy(method: string, { status, body }: HttpResponse): string {
  return 'scimType' in body || 'detail' in body
    ? `The service itself refuses ${method}: ${String(body['detail'] ?? '')}`
    : `A proxy or firewall seems to refuse ${method} (${String(status)}): allow GET, POST, PUT, PATCH and DELETE for this path.`;
}
