import type { QuirkId } from '../../src/index.js';
import { enterprise, groupSchemas, userSchemas } from '../http/app.js';

/** The schema of /Lockers, a resource type with numbers, which the schemas of the RFC do not have. */
export const lockerSchema = 'urn:example:params:scim:schemas:2.0:Locker';

/** What a step can use to send requests. */
export interface Wire {
  /** Sends a request and returns the status and body of the response. */
  send(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }>;
  /** Creates a user and returns its id. */
  user(more?: object): Promise<string>;
  group(more?: object): Promise<string>;
}

/** Sends one deviation as a client does; true where the server does what the client needs. */
export type Step = (wire: Wire) => Promise<boolean>;

const patchOf = (...operations: readonly object[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: operations,
});
const found = async (wire: Wire, filter: string, endpoint = '/Users'): Promise<number> => {
  const { status, body } = await wire.send('GET', `${endpoint}?filter=${encodeURIComponent(filter)}`);
  return status === 200 ? Number(body['totalResults']) : -1;
};
let names = 0;
const name = (prefix: string): string => `${prefix}-${String(++names)}@example.com`;
const read = async (wire: Wire, id: string) => (await wire.send('GET', `/Users/${id}`)).body;
const changed = async (
  wire: Wire,
  id: string,
  ...operations: readonly object[]
): Promise<Readonly<Record<string, unknown>>> => {
  const { status } = await wire.send('PATCH', `/Users/${id}`, patchOf(...operations));
  return status < 300 ? read(wire, id) : {};
};
const inEnterprise = (user: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  (user[enterprise] ?? {}) as Readonly<Record<string, unknown>>;
const managerOf = (user: Readonly<Record<string, unknown>>): unknown =>
  (inEnterprise(user)['manager'] as { readonly value?: unknown } | undefined)?.value;

/** A request for each quirk, none of them from a fixture. */
export const steps: Readonly<Record<QuirkId, Step>> = {
  'op-case': async (wire) => {
    const id = await wire.user({ nickName: 'old' });
    return (await changed(wire, id, { op: 'REPLACE', path: 'nickName', value: 'new' }))['nickName'] === 'new';
  },
  'boolean-as-string': async (wire) => {
    const userName = name('text-boolean');
    const { status, body } = await wire.send('POST', '/Users', { schemas: userSchemas, userName, active: 'FALSE' });
    return status === 201 && body['active'] === false;
  },
  'boolean-as-string-in-filter': async (wire) => {
    const userName = name('filtered');
    await wire.user({ userName, active: true });
    return (await found(wire, `userName eq "${userName}" and active eq "true"`)) === 1;
  },
  'value-path-creates': async (wire) => {
    const id = await wire.user();
    const operation = { op: 'replace', path: 'addresses[type eq "work"].locality', value: 'Leeds' };
    const { addresses } = (await changed(wire, id, operation)) as { addresses?: readonly object[] };
    return (
      JSON.stringify(addresses) === JSON.stringify([{ locality: 'Leeds', type: 'work' }]) ||
      (addresses?.length === 1 && 'locality' in (addresses[0] ?? {}))
    );
  },
  'path-as-key': async (wire) => {
    const id = await wire.user();
    const user = await changed(wire, id, {
      op: 'add',
      value: { 'name.middleName': 'M', [`${enterprise}:costCenter`]: '42' },
    });
    return JSON.stringify(user['name']) === '{"middleName":"M"}' && inEnterprise(user)['costCenter'] === '42';
  },
  'remove-listed-values': async (wire) => {
    const [a, b] = [await wire.user(), await wire.user()];
    const id = await wire.group({ members: [{ value: a }, { value: b }] });
    await wire.send('PATCH', `/Groups/${id}`, patchOf({ op: 'remove', path: 'members', value: [{ value: a }] }));
    const { members } = (await wire.send('GET', `/Groups/${id}`)).body as { members?: readonly { value: string }[] };
    return members?.length === 1 && members[0]?.value === b;
  },
  'value-path-sub-attribute': async (wire) => {
    const value = name('phone');
    await wire.user({ phoneNumbers: [{ value, type: 'mobile' }] });
    return (await found(wire, `phoneNumbers[type eq "mobile"].value eq "${value}"`)) === 1;
  },
  'unquoted-value': async (wire) => {
    const externalId = `bare.${String(++names)}`;
    await wire.user({ externalId });
    return (await found(wire, `externalId eq ${externalId}`)) === 1;
  },
  'string-for-complex': async (wire) => {
    const [boss, id] = [await wire.user(), await wire.user()];
    return managerOf(await changed(wire, id, { op: 'add', path: `${enterprise}:manager`, value: boss })) === boss;
  },
  'array-for-single': async (wire) => {
    const [boss, id] = [await wire.user(), await wire.user()];
    return (
      managerOf(await changed(wire, id, { op: 'replace', path: `${enterprise}:manager`, value: [{ value: boss }] })) ===
      boss
    );
  },
  'single-for-array': async (wire) => {
    const body = {
      schemas: userSchemas,
      userName: name('single'),
      phoneNumbers: { value: '+44 1632 960001', type: 'work' },
    };
    const { status, body: made } = await wire.send('POST', '/Users', body);
    return status === 201 && Array.isArray(made['phoneNumbers']);
  },
  'empty-string': async (wire) => {
    const body = { schemas: userSchemas, userName: name('empty'), title: '', name: { givenName: 'A', middleName: '' } };
    const { status, body: made } = await wire.send('POST', '/Users', body);
    return status === 201 && !('title' in made) && JSON.stringify(made['name']) === '{"givenName":"A"}';
  },
  'unknown-schema': async (wire) => {
    const schemas = [...groupSchemas, 'urn:scim:schemas:core:1.0'];
    return (await wire.send('POST', '/Groups', { schemas, displayName: name('schema') })).status === 201;
  },
  'schemas-missing': async (wire) =>
    (await wire.send('POST', '/Users', { userName: name('no-schemas') })).status === 201,
  'operations-missing': async (wire) => {
    const id = await wire.user();
    const { schemas } = patchOf();
    return (await wire.send('PATCH', `/Users/${id}`, { schemas })).status < 300;
  },
  'wrapped-pathless-value': async (wire) => {
    const id = await wire.user();
    const asText = { op: 'replace', value: '{"nickName":"N"}' };
    const asList = { op: 'replace', value: [{ title: 'T' }] };
    const user = await changed(wire, id, asText, asList);
    return user['nickName'] === 'N' && user['title'] === 'T';
  },
  'dot-after-urn': async (wire) => {
    const id = await wire.user();
    const user = await changed(wire, id, { op: 'add', path: `${enterprise}.division`, value: 'Tools' });
    const { body } = await wire.send('GET', `/Users/${id}?attributes=${enterprise}.division`);
    return inEnterprise(user)['division'] === 'Tools' && inEnterprise(body)['division'] === 'Tools';
  },
  'active-unassigned': async (wire) => {
    const id = await wire.user({ active: false });
    const user = await changed(
      wire,
      id,
      { op: 'replace', path: 'active', value: null },
      { op: 'remove', path: 'active' },
    );
    return user['active'] === false;
  },
  'number-as-string': async (wire) => {
    const body = { schemas: [lockerSchema], displayName: name('locker'), number: '7', height: '1.5' };
    const { status, body: made } = await wire.send('POST', '/Lockers', body);
    return status === 201 && made['number'] === 7 && made['height'] === 1.5;
  },
  'replace-keeps-filtered': async (wire) => {
    const id = await wire.user({ roles: [{ value: 'm', display: 'Member' }] });
    const operation = { op: 'replace', path: 'roles[value eq "m"]', value: { display: 'Guest' } };
    const { roles } = (await changed(wire, id, operation)) as { roles?: readonly { value?: unknown }[] };
    return roles?.[0]?.value === 'm';
  },
  'remove-without-match': async (wire) => {
    const id = await wire.user({ title: 'old' });
    const operations = ['emails[type eq "none"]', 'emails[value sw "none"].display'].map((path) => ({
      op: 'remove',
      path,
    }));
    return (await changed(wire, id, ...operations))['title'] === 'old';
  },
  'schemas-in-path': async (wire) => {
    const id = await wire.user({ title: 'old' });
    return (await changed(wire, id, { op: 'add', path: 'schemas', value: [enterprise] }))['title'] === 'old';
  },
  'wrapped-members': async (wire) => {
    const [a, b] = [await wire.user(), await wire.user()];
    const id = await wire.group({ members: [{ value: a }, { value: b }] });
    const value = { members: [{ value: a }] };
    const { status } = await wire.send('PATCH', `/Groups/${id}`, patchOf({ op: 'remove', path: 'members', value }));
    const { members } = (await wire.send('GET', `/Groups/${id}`)).body as { members?: readonly object[] };
    return status < 300 && members?.length === 1;
  },
  'reference-without-value': async (wire) => {
    const a = await wire.user();
    const body = {
      schemas: groupSchemas,
      displayName: name('crew'),
      members: [{ $ref: `https://x.example/Users/${a}` }],
    };
    const created = await wire.send('POST', '/Groups', body);
    const id = await wire.group();
    const add = { op: 'add', path: 'members', value: [{ $ref: `../Users/${a}` }] };
    const { status } = await wire.send('PATCH', `/Groups/${id}`, patchOf(add));
    const { members } = (await wire.send('GET', `/Groups/${id}`)).body as { members?: readonly { value?: unknown }[] };
    return created.status === 201 && status < 300 && members?.[0]?.value === a;
  },
  'core-schema-missing': async (wire) => {
    const body = { schemas: [enterprise], userName: name('no-core'), [enterprise]: { department: 'R' } };
    return (await wire.send('POST', '/Users', body)).status === 201;
  },
  'unknown-attribute': async (wire) => {
    const body = { schemas: userSchemas, userName: name('unknown'), shoeSize: 46 };
    const { status, body: made } = await wire.send('POST', '/Users', body);
    return status === 201 && !('shoeSize' in made);
  },
  'unsupported-attribute': async (wire) => {
    const id = await wire.user();
    const user = await changed(
      wire,
      id,
      { op: 'add', path: 'ims', value: [{ value: 'x' }] },
      { op: 'replace', path: 'active', value: false },
    );
    return user['active'] === false && !('ims' in user);
  },
  'read-only-in-value': async (wire) => {
    const id = await wire.user();
    const user = await changed(wire, id, {
      op: 'replace',
      value: { id, schemas: userSchemas, meta: { version: 'x' }, title: 'T' },
    });
    return user['title'] === 'T';
  },
  'unprefixed-extension': async (wire) => {
    const id = await wire.user();
    return (
      inEnterprise(await changed(wire, id, { op: 'add', path: 'division', value: 'Tools' }))['division'] === 'Tools'
    );
  },
  'pathless-operation': async (wire) => {
    const id = await wire.user();
    return (await changed(wire, id, { op: 'replace', value: { nickName: 'N' } }))['nickName'] === 'N';
  },
  'empty-operations': async (wire) => {
    const id = await wire.user();
    return (await wire.send('PATCH', `/Users/${id}`, patchOf())).status < 300;
  },
  'json-text-value': async (wire) => {
    const id = await wire.user();
    const value = [{ value: JSON.stringify({ id: 'r1', value: 'auditor', displayName: 'Auditor' }) }];
    const { roles } = (await changed(wire, id, { op: 'add', path: 'roles', value })) as {
      roles?: readonly { value?: unknown }[];
    };
    return roles?.length === 1 && roles[0]?.value === 'auditor';
  },
  'comma-list-in-search': async (wire) => {
    const userName = name('search');
    await wire.user({ userName, title: 'T', nickName: 'N' });
    const { status, body } = await wire.send('POST', '/Users/.search', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
      filter: `userName eq "${userName}"`,
      attributes: 'title, nickName',
    });
    const [user] = (body['Resources'] ?? []) as readonly object[];
    return (
      status === 200 &&
      user !== undefined &&
      'title' in user &&
      'nickName' in user &&
      !('userName' in user && 'active' in user)
    );
  },
  'unknown-member': async (wire) => {
    const [id, member] = [await wire.group(), await wire.user()];
    const value = [{ value: member }, { value: 'nobody' }];
    await wire.send('PATCH', `/Groups/${id}`, patchOf({ op: 'add', path: 'members', value }));
    const { members } = (await wire.send('GET', `/Groups/${id}`)).body as { members?: readonly { value: string }[] };
    return members?.length === 1 && members[0]?.value === member;
  },
};
