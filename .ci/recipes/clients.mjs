// What a client does, over Node's fetch, which keeps its connections open.
import { randomUUID } from 'node:crypto';

const mediaType = 'application/scim+json';

/** A request of SCIM, with a parsed body. */
export async function scim(url, key, method = 'GET', body = undefined) {
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': mediaType },
    body: typeof body === 'object' ? JSON.stringify(body) : body,
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: text === '' ? undefined : parse(text) };
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const user = (userName) => ({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName });

/** Throws unless the response is an error of SCIM with this status. */
export function expectScimError({ status, headers, body, text }, expected) {
  const isScim =
    status === expected &&
    headers.get('content-type')?.startsWith(mediaType) === true &&
    body?.status === String(expected) &&
    body.schemas?.[0] === 'urn:ietf:params:scim:api:messages:2.0:Error';
  if (!isScim) throw new Error(`not an error ${expected} in SCIM form: ${status} ${text.slice(0, 300)}`);
}

/**
 * Sends requests until `stop` is called: each of `clients` creates, deactivates, reads and deletes users.
 */
export function load(url, key, clients = 8) {
  const result = { requests: 0, created: 0, failures: [] };
  let isStopping = false;

  async function request(expected, path, method, body) {
    try {
      const response = await scim(url + path, key, method, body);
      result.requests += 1;
      if (response.status !== expected)
        result.failures.push(`${method} ${response.status} ${response.text.slice(0, 200)}`);
      return response.body;
    } catch (error) {
      result.failures.push(`${method} ${error.cause?.code ?? error.cause?.message ?? error.message}`);
      return undefined;
    }
  }

  async function client() {
    while (!isStopping) {
      const created = await request(201, '/Users', 'POST', user(randomUUID()));
      if (created?.id === undefined) continue;
      result.created += 1;
      await request(200, `/Users/${created.id}`, 'PATCH', {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations: [{ op: 'replace', path: 'active', value: false }],
      });
      await request(200, `/Users?filter=${encodeURIComponent(`userName eq "${created.userName}"`)}`, 'GET');
      await request(204, `/Users/${created.id}`, 'DELETE');
    }
  }

  const ended = Promise.all(Array.from({ length: clients }, client));
  return {
    result,
    async stop() {
      isStopping = true;
      await ended;
      return result;
    },
  };
}

/** Throws when the load had a failure, or did nothing. */
export function expectNoLoss({ requests, failures }) {
  if (failures.length > 0) {
    throw new Error(
      `${failures.length} of ${requests} requests failed: ${[...new Set(failures)].slice(0, 5).join('; ')}`,
    );
  }
  if (requests < 20) throw new Error(`only ${requests} requests were sent`);
}
