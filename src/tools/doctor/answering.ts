import { randomUUID } from 'node:crypto';
import { type Check, ok, problem, warning } from './check.js';
import type { Probe } from './probe.js';

const core = 'urn:ietf:params:scim:schemas:core:2.0:User';
const error = 'urn:ietf:params:scim:api:messages:2.0:Error';
const list = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';

const names = (response: Probe, schema: string): boolean =>
  Array.isArray(response.json['schemas']) && (response.json['schemas'] as unknown[]).includes(schema);
const filterFor = (userName: string): string => `/Users?filter=${encodeURIComponent(`userName eq "${userName}"`)}`;

/** How the service answers: keys, media types, discovery, pages. */
export const respondingChecks: readonly Check[] = [
  {
    id: 'key',
    title: 'The key is taken, and another is not',
    async run(prober) {
      const own = await prober.send('GET', '/Users?count=1');
      if (own.status === 401)
        return problem(
          'the key was refused (401)',
          'Copy the connector key anew, without spaces; look whether it was revoked or has expired. A proxy may also take the Authorization header away.',
        );
      if (own.status === 403)
        return problem(
          'the key is right and may not do this (403)',
          'Switch provisioning on for this tenant, and look at the scopes of the key.',
        );
      const wrong = await prober.send('GET', '/Users?count=1', { key: 'a-key-that-nobody-has' });
      const none = await prober.send('GET', '/Users?count=1', { key: null });
      if (wrong.status !== 401 || none.status !== 401) {
        return problem(
          `a wrong key was answered ${String(wrong.status)}, no key ${String(none.status)}`,
          'Both must be 401: else anybody who knows the address can read and write users.',
        );
      }
      return wrong.headers.has('www-authenticate') && names(wrong, error)
        ? ok('a wrong key and no key are answered 401')
        : warning(
            'the 401 has no WWW-Authenticate header, or no SCIM error as its body',
            'A proxy may write its own error page: let the answers of the service through (RFC 9110 11.6.1).',
          );
    },
  },
  {
    id: 'no-match',
    title: 'Test Connection: nobody found is an empty list',
    async run(prober) {
      const response = await prober.send('GET', filterFor(randomUUID()));
      if (response.status === 200 && names(response, list) && response.json['totalResults'] === 0)
        return ok('200 with no resources');
      return problem(
        `a lookup that finds nobody was answered ${String(response.status)}`,
        'It must be 200 with an empty ListResponse. Microsoft Entra ID puts the whole job into quarantine at a 404 here.',
      );
    },
  },
  {
    id: 'media-type',
    title: 'Answers have a media type that clients take',
    async run(prober) {
      const type = (await prober.send('GET', '/Users?count=1')).headers.get('content-type') ?? '';
      return /^application\/(?:scim\+)?json\b/i.test(type)
        ? ok(type)
        : problem(
            `Content-Type is ${type === '' ? 'missing' : type}`,
            'It must be application/scim+json: look for a proxy or middleware that changes headers.',
          );
    },
  },
  {
    id: 'location',
    title: '`meta.location` begins with the URL that clients use',
    async run(prober) {
      const { json } = await prober.send('GET', '/ServiceProviderConfig');
      const location = String((json['meta'] as { readonly location?: unknown } | undefined)?.location ?? '');
      if (location === '') return ok('ServiceProviderConfig tells no location');
      const expected = `${prober.target.baseUrl}/`.toLowerCase();
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
    title: 'Discovery is complete, and says what is there',
    async run(prober) {
      const verdicts = [];
      const config = await prober.send('GET', '/ServiceProviderConfig');
      if (config.status !== 200)
        verdicts.push(
          problem(
            `/ServiceProviderConfig was answered ${String(config.status)}`,
            'authentik, SailPoint and Rippling begin with it: let it through.',
          ),
        );
      for (const path of ['/Schemas', '/ResourceTypes']) {
        const response = await prober.send('GET', path);
        if (response.status !== 200 || !names(response, list))
          verdicts.push(
            problem(`${path} is no ListResponse (${String(response.status)})`, 'RFC 7644 4: it must be one.'),
          );
      }
      const supports = (feature: string): boolean =>
        (config.json[feature] as { readonly supported?: unknown } | undefined)?.supported === true;
      const filtered = await prober.send('GET', filterFor('x'));
      if (supports('filter') !== (filtered.status === 200))
        verdicts.push(
          problem(
            `filter is announced as ${supports('filter') ? 'there' : 'missing'} and was answered ${String(filtered.status)}`,
            'Clients believe the announcement: it must be true.',
          ),
        );
      return verdicts.length > 0 ? verdicts : ok('configuration, schemas and resource types are there');
    },
  },
  {
    id: 'pages',
    title: 'Pages have the size that was asked for',
    async run(prober) {
      const response = await prober.send('GET', '/Users?startIndex=1&count=2');
      const resources = response.json['Resources'];
      const length = Array.isArray(resources) ? resources.length : 0;
      const { totalResults, itemsPerPage, startIndex } = response.json;
      if (![totalResults, itemsPerPage ?? 0, startIndex ?? 1].every(Number.isInteger))
        return problem(
          'the counts of a list are no integers',
          'Okta reads them as integers: they must not be strings.',
        );
      return length <= 2 && Number(totalResults) >= length
        ? ok(`${String(length)} of ${String(totalResults)}`)
        : problem(
            `count=2 gave ${String(length)} of ${String(totalResults)}`,
            'A client that walks through pages would never end, or miss users.',
          );
    },
  },
  {
    id: 'write',
    title: 'POST, PATCH, PUT and DELETE come through',
    writes: true,
    async run(prober) {
      const userName = `doctor-${randomUUID()}@example.com`;
      const body = { schemas: [core], userName, active: true };
      const made = await prober.send('POST', '/Users', { body });
      if (made.status !== 201) return problem(`POST /Users was answered ${String(made.status)}`, postRemedy(made));
      const path = `/Users/${encodeURIComponent(String(made.json['id']))}`;
      const verdicts = [];
      try {
        const off = {
          schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
          Operations: [{ op: 'Replace', path: 'active', value: 'False' }],
        };
        const patched = await prober.send('PATCH', path, { body: off });
        const after = await prober.send('GET', path);
        if (patched.status >= 300)
          verdicts.push(problem(`PATCH was answered ${String(patched.status)}`, methodRemedy('PATCH', patched)));
        else if (after.json['active'] !== false)
          verdicts.push(
            problem(
              'PATCH was answered with success and changed nothing',
              'Who leaves would keep access. Look whether a proxy drops the body of a PATCH.',
            ),
          );
        const json = await prober.send('PUT', path, {
          body,
          headers: { 'content-type': 'application/json; charset=utf-8' },
        });
        if (json.status >= 300)
          verdicts.push(
            problem(
              `PUT with application/json was answered ${String(json.status)}`,
              'Okta, OneLogin, Google and authentik send application/json: it must be taken.',
            ),
          );
        const found = await prober.send('GET', filterFor(userName.toUpperCase()));
        if (found.json['totalResults'] !== 1)
          verdicts.push(
            problem(
              'userName in capital letters does not find the user',
              'userName compares without letter case (RFC 7643 4.1.1): clients would create a second account.',
            ),
          );
        const again = await prober.send('POST', '/Users', { body });
        if (again.status !== 409)
          verdicts.push(
            problem(
              `a second user of one userName was answered ${String(again.status)}`,
              'It must be 409 uniqueness: put a unique index on userName.',
            ),
          );
      } finally {
        const gone = await prober.send('DELETE', path);
        if (gone.status !== 204)
          verdicts.push(
            problem(
              `DELETE was answered ${String(gone.status)}`,
              `${methodRemedy('DELETE', gone)} The user ${userName} may be left behind.`,
            ),
          );
      }
      return verdicts.length > 0 ? verdicts : ok('a user was created, changed, found, replaced and deleted');
    },
  },
];

function postRemedy(response: Probe): string {
  if (response.status === 403 || response.status === 405) return methodRemedy('POST', response);
  if (response.status === 429) return 'The limit of requests is too low: Microsoft Entra ID sends 25 a second.';
  return 'Look at `detail` in the body of the answer, and whether a body parser runs before the SCIM router: mount the router first.';
}

function methodRemedy(method: string, { status, json }: Probe): string {
  return 'scimType' in json || 'detail' in json
    ? `The service itself refuses ${method}: ${String(json['detail'] ?? '')}`
    : `A proxy or firewall seems to refuse ${method} (${String(status)}): allow GET, POST, PUT, PATCH and DELETE for this path.`;
}
