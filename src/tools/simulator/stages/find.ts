import type { JsonObject } from '../../conformance/conformance-test.js';
import { urn } from '../../conformance/conformance-test.js';
import type { RuleId } from '../rules.js';
import type { Reply } from '../session.js';
import { resourceOf, type Simulation } from '../simulation.js';

/** Whether a query was answered with a list that a client can read; says so where it was not. */
export function isList(simulation: Simulation, reply: Reply): boolean {
  const type = reply.headers.get('content-type') ?? '';
  if (!/^application\/(scim\+)?json/i.test(type)) {
    simulation.found('wrong-type', reply, 'application/scim+json', { came: type === '' ? 'no Content-Type' : type });
  }
  const wrong = listFault(reply);
  if (wrong !== undefined) simulation.found('not-a-list', reply, 'a ListResponse', { came: wrong, about: wrong });
  return wrong === undefined;
}

function listFault(reply: Reply): string | undefined {
  const total = reply.get('totalResults');
  if (!includes(reply.get('schemas'), urn.list)) return 'no ListResponse in schemas';
  if (!Number.isInteger(total)) return `totalResults ${JSON.stringify(total) ?? 'is missing'}`;
  for (const name of ['startIndex', 'itemsPerPage']) {
    const value = reply.get(name);
    if (value !== undefined && !Number.isInteger(value)) return `${name} ${JSON.stringify(value)}`;
  }
  if (!Array.isArray(reply.get('Resources')) && total !== 0) return 'no Resources';
  return undefined;
}

function includes(list: unknown, value: string): boolean {
  return Array.isArray(list) && list.includes(value);
}

/** What a query for one resource gave. */
export interface Match {
  readonly reply: Reply;
  /** The resource that was looked for. */
  readonly resource: JsonObject | undefined;
}

/** Queries what must not be there yet: a new name in the directory. */
export async function findNobody(simulation: Simulation, step: string, path: string): Promise<Reply> {
  const reply = await simulation.get(step, path);
  if (reply.reported) return reply;
  if (reply.status !== 200) {
    const rule: RuleId = reply.status === 404 ? 'empty-match' : 'match-refused';
    simulation.found(rule, reply, '200 with totalResults 0 and no resources', { about: String(reply.status) });
  } else if (isList(simulation, reply) && (reply.resources.length > 0 || reply.get('totalResults') !== 0)) {
    const came = `${String(reply.get('totalResults'))} resources for a name that nobody has`;
    simulation.found('match-wrong', reply, 'no resource', { came, about: 'nobody' });
  }
  return reply;
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
  const reply = await simulation.get(step, path);
  if (reply.reported) return { reply, resource: undefined };
  if (reply.status !== 200) {
    const rule = reply.status === 404 ? missing : 'match-refused';
    simulation.found(rule, reply, '200 with one resource', { about: String(reply.status) });
    return { reply, resource: undefined };
  }
  if (!isList(simulation, reply)) return { reply, resource: undefined };
  const resource = resourceOf(reply, id);
  const count = reply.resources.length;
  if (count === 0) simulation.found(missing, reply, 'the resource', { came: 'no resource' });
  else if (resource === undefined || count > 1) {
    const came = resource === undefined ? 'another resource' : `${String(count)} resources`;
    simulation.found('match-wrong', reply, 'this one resource', { came, about: came });
  }
  return { reply, resource };
}
