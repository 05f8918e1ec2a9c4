import { differences, type Mapping, valueAtPath } from '../attribute.js';
import type { ClientResponse } from '../session.js';
import { type Account, type Linked, membersOf, type Simulation, subjectOf } from '../simulation.js';
import { findOne } from './find.js';
import type { JsonObject } from '../../wire/json.js';

const managerPath = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value';

/**
 * Reads an account back, by the client's own query and by ID, and compares every value with what was sent.
 *
 * @param before the values before the change, to distinguish an ignored change from an altered value
 */
export async function checkAccount(
  simulation: Simulation,
  account: Account & { readonly id: string },
  before?: Mapping,
): Promise<void> {
  const { dialect } = simulation;
  const missing = account.active ? undefined : ('disabled-hidden' as const);
  const path = dialect.matchUser(account.user);
  const found = await findOne(simulation, 'check: find user', path, account.id, missing);
  if (found.resource !== undefined) compareAccount(simulation, found.response, found.resource, account, before);
  const response = await simulation.get('check: read user', dialect.readUser(account.id));
  if (!simulation.hasStatus(response, [200], missing ?? 'read-refused')) return;
  if (response.id !== account.id)
    simulation.found('read-wrong', response, `id ${account.id}`, { received: 'another id' });
  compareAccount(simulation, response, response.body, account, before);
}

/** Says which values of a resource are not those of the account. */
export function compareAccount(
  simulation: Simulation,
  response: ClientResponse,
  resource: JsonObject,
  account: Account,
  before?: Mapping,
): void {
  const mapping = simulation.dialect.mapping(account.user);
  for (const [path, value] of differences(resource, mapping)) {
    const actual = valueAtPath(resource, path);
    const ignored =
      before !== undefined && before.get(path) !== value && (before.get(path) === actual || actual === undefined);
    const expected = `${path} ${show(value)}`;
    simulation.found(ignored ? 'update-ignored' : 'value-changed', response, expected, {
      received: show(actual),
      about: path,
    });
  }
  compareActive(simulation, response, resource['active'], account.active);
  compareManager(simulation, response, resource, account);
  if (resource['password'] !== undefined) {
    simulation.found('secret-shown', response, 'no password in the response', { received: 'a password' });
  }
}

function compareActive(simulation: Simulation, response: ClientResponse, actual: unknown, expected: boolean): void {
  if (actual === expected) return;
  const text = typeof actual === 'string' && actual.toLowerCase() === String(expected);
  const rule = text
    ? 'value-changed'
    : expected
      ? actual === false
        ? 'enable-ignored'
        : 'value-changed'
      : 'disable-ignored';
  simulation.found(rule, response, `active ${String(expected)}`, {
    received: `active ${show(actual)}`,
    about: 'active',
  });
}

function compareManager(
  simulation: Simulation,
  response: ClientResponse,
  resource: JsonObject,
  account: Account,
): void {
  const { manager } = subjectOf(simulation, account);
  const expected = simulation.dialect.manager === 'in body' ? manager?.value : account.managerId;
  if (expected === undefined || simulation.dialect.manager === 'none') return;
  const actual = valueAtPath(resource, managerPath);
  if (actual !== expected) {
    simulation.found('manager-wrong', response, `manager.value ${show(expected)}`, { received: show(actual) });
  }
}

/** Reads a group back and compares its name, and its members as a set. */
export async function checkGroup(
  simulation: Simulation,
  group: Linked & { readonly id: string },
  nameBefore?: string,
): Promise<void> {
  const response = await simulation.get('check: read group', `/Groups/${group.id}`);
  if (!simulation.hasStatus(response, [200], 'read-refused')) return;
  const { displayName } = group.team;
  const name = response.get('displayName');
  if (name !== displayName) {
    const rule = name === nameBefore ? 'update-ignored' : 'value-changed';
    simulation.found(rule, response, `displayName ${show(displayName)}`, {
      received: show(name),
      about: 'displayName',
    });
  }
  compareMembers(simulation, response, group);
}

function compareMembers(simulation: Simulation, response: ClientResponse, group: Linked): void {
  const expected = new Set(membersOf(simulation, group.members).map(({ id }) => id));
  const actual = response.list('members').map((member) => member['value']);
  const missing = [...expected].filter((id) => !actual.includes(id)).length;
  const more = actual.filter((id) => typeof id !== 'string' || !expected.has(id)).length;
  const twice = actual.length - new Set(actual).size;
  const of = `the ${String(expected.size)} members that were sent`;
  if (missing > 0) simulation.found('member-missing', response, of, { received: `${String(missing)} are missing` });
  if (more > 0) simulation.found('member-kept', response, of, { received: `${String(more)} more` });
  if (twice > 0) {
    simulation.found('value-changed', response, of, {
      received: `${String(twice)} are duplicated`,
      about: 'members',
    });
  }
}

/** A value for a message. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 160 ? `${text.slice(0, 157)}...` : text;
}
