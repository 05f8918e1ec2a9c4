import type { RuleId } from '../rules.js';
import type { ClientResponse } from '../session.js';
import { resourceOf, type Simulation } from '../simulation.js';
import type { JsonObject } from '../../wire/json.js';
import { urn } from '../../wire/urn.js';

/** Whether a query returned a list that a client can read; otherwise reports a finding. */
export function isList(simulation: Simulation, response: ClientResponse): boolean {
  const type = response.headers.get('content-type') ?? '';
  if (!/^application\/(scim\+)?json/i.test(type)) {
    simulation.found('wrong-type', response, 'application/scim+json', {
      received: type === '' ? 'no Content-Type' : type,
    });
  }
  const wrong = listFault(response);
  if (wrong !== undefined)
    simulation.found('not-a-list', response, 'a ListResponse', { received: wrong, about: wrong });
  return wrong === undefined;
}

function listFault(response: ClientResponse): string | undefined {
  const total = response.get('totalResults');
  if (!includes(response.get('schemas'), urn.list)) return 'no ListResponse in schemas';
  if (!Number.isInteger(total)) return `totalResults ${JSON.stringify(total) ?? 'is missing'}`;
  for (const name of ['startIndex', 'itemsPerPage']) {
    const value = response.get(name);
    if (value !== undefined && !Number.isInteger(value)) return `${name} ${JSON.stringify(value)}`;
  }
  if (!Array.isArray(response.get('Resources')) && total !== 0) return 'no Resources';
  return undefined;
}

function includes(list: unknown, value: string): boolean {
  return Array.isArray(list) && list.includes(value);
}

/** What a query for one resource gave. */
export interface Match {
  readonly response: ClientResponse;
  /** The resource that was looked for. */
  readonly resource: JsonObject | undefined;
}

/** Queries what must not be there yet: a new name in the directory. */
export async function findNobody(simulation: Simulation, step: string, path: string): Promise<ClientResponse> {
  const response = await simulation.get(step, path);
  if (response.reported) return response;
  if (response.status !== 200) {
    const rule: RuleId = response.status === 404 ? 'empty-match' : 'match-refused';
    simulation.found(rule, response, '200 with totalResults 0 and no resources', { about: String(response.status) });
  } else if (isList(simulation, response) && (response.resources.length > 0 || response.get('totalResults') !== 0)) {
    const received = `${String(response.get('totalResults'))} resources for a name that nobody has`;
    simulation.found('match-wrong', response, 'no resource', { received, about: 'nobody' });
  }
  return response;
}

/**
 * Queries a resource that is there.
 *
 * @param missing the rule that is broken where it is not found
 */
export async function findOne(
  simulation: Simulation,
  step: string,
  path: string,
  id: string,
  missing: RuleId = 'match-missed',
): Promise<Match> {
  const response = await simulation.get(step, path);
  if (response.reported) return { response, resource: undefined };
  if (response.status !== 200) {
    const rule = response.status === 404 ? missing : 'match-refused';
    simulation.found(rule, response, '200 with one resource', { about: String(response.status) });
    return { response, resource: undefined };
  }
  if (!isList(simulation, response)) return { response, resource: undefined };
  const resource = resourceOf(response, id);
  const count = response.resources.length;
  if (count === 0) simulation.found(missing, response, 'the resource', { received: 'no resource' });
  else if (resource === undefined || count > 1) {
    const received = resource === undefined ? 'another resource' : `${String(count)} resources`;
    simulation.found('match-wrong', response, 'this one resource', { received, about: received });
  }
  return { response, resource };
}
