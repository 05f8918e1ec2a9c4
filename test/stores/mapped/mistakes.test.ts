import { describe, expect, it, jest } from '@jest/globals';
import { type Kysely, sql } from 'kysely';
import {
  children,
  constant,
  createSideTables,
  defineMapping,
  dropSideTables,
  inspectMapping,
  lookup,
  type Mapping,
  mappedStore,
  reference,
  scimTablesSql,
} from '../../../src/sql.js';
import { ctx, index, listQuery, newUser } from '../../../src/testing/requests.js';
import { sqlite } from '../sql/sqlite.js';

// As plain JavaScript calls it: without types.
const define = (mapping: unknown, ...misplaced: unknown[]): Mapping =>
  (defineMapping as (...args: unknown[]) => (mapping: unknown) => Mapping)(...misplaced)(mapping);

const right = {
  table: 'employees',
  id: { column: 'id', prefix: '' },
  version: 'hash',
  attributes: { userName: 'email' },
};

/** The message of the error that a call throws. */
function messageOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
    return (error as TypeError).message;
  }
  return '';
}

describe('defineMapping in plain JavaScript', () => {
  it('refuses a state that means both active and inactive', () => {
    const attributes = { userName: 'email', active: { column: 'state', on: [0, 1], off: [0] } };
    expect(messageOf(() => define({ ...right, attributes }))).toMatch(/on and .*off must not share a state/);
  });

  it('accepts all kinds of attributes', () => {
    const mapping = define({
      ...right,
      tenant: { column: 'org', write: Number },
      version: { column: 'revision' },
      softDelete: { column: 'gone', mark: () => 1 },
      constraints: { employees_badge: 'externalId' },
      rest: undefined,
      attributes: {
        userName: 'email',
        nickName: undefined,
        active: { column: 'state', on: [1], off: [0] },
        title: { column: 'job', empty: '' },
        'name.givenName': { column: 'first', read: String, write: String, reversible: true },
        'name.formatted': { kind: 'computed', columns: ['first', 'last'], read: () => 'x' },
        'enterprise.department': lookup({ column: 'd', table: 't', key: 'id', value: 'n', unknown: 'create' }),
        'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division': 'division',
        'enterprise.manager.value': reference('boss'),
        'urn:example:params:scim:schemas:Badge:2.0:User:number': 'badge',
        'phoneNumbers[type eq "work"].value': 'phone',
        'addresses[type eq "work"].locality': 'town',
        emails: children({ table: 'mails', owner: 'employee', columns: { value: 'address' } }),
        locale: constant('en'),
      },
    });
    expect(mapping).toMatchObject({ table: 'employees', id: { column: 'id', type: 'integer' } });
  });

  it('says that it is called in two steps', () => {
    expect(messageOf(() => define({}, right))).toBe(
      'defineMapping: it is called in two steps: defineMapping()({ ... }). See express-scim/docs/sql.md#options-of-a-mapping',
    );
  });

  it.each<[string, object, string | RegExp]>([
    ['a misspelled option', { softdelete: {} }, 'there is no option "softdelete": did you mean softDelete?'],
    ['no version', { version: undefined }, "version is required, and must be an object or 'xmin' or 'hash'"],
    ['another version', { version: 'revision' }, 'version must be an object or'],
    ['an empty version', { version: {} }, 'version.column is required'],
    ['the primary key as a name', { id: 'id' }, 'id must be an object'],
    ['a misspelled name in id', { id: { colum: 'id' } }, 'there is no option "id.colum": did you mean id.column?'],
    ['another type of id', { id: { column: 'id', type: 'int' } }, "id.type must be 'integer' or 'uuid' or 'text'"],
    ['a soft delete without mark', { softDelete: { column: 'gone' } }, 'softDelete.mark is required'],
    ['a tenant without write', { tenant: { column: 'org' } }, 'tenant.write is required'],
    ['members without group', { members: { table: 't', member: 'm' } }, 'members.group is required'],
    ['a constraint without attribute', { constraints: { unique_mail: true } }, 'constraints.unique_mail must be a'],
    ['defaults as an object', { defaults: {} }, 'defaults must be a function'],
  ])('names %s', (_, change, expected) => {
    expect(messageOf(() => define({ ...right, ...change }))).toContain(expected);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['an attribute in other case', { username: 'email' }, 'there is no attribute "username": did you mean userName?'],
    [
      'an attribute that SCIM lacks',
      { fullname: 'email' },
      'there is no attribute "fullname": write one of userName, ',
    ],
    ['another part of a name', { 'name.first': 'f' }, 'there is no attribute "name.first"'],
    ['a misspelled list', { 'email[type eq "work"].value': 'm' }, 'did you mean emails?'],
    ['a misspelled value', { 'emails[type eq "work"].valeu': 'm' }, 'did you mean value?'],
    ['the enterprise extension', { 'enterprise.departement': 'd' }, 'did you mean enterprise.department?'],
    [
      'the enterprise extension by its URN',
      { 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:departement': 'd' },
      'did you mean enterprise.department?',
    ],
    [
      'the core schema by its URN',
      { 'urn:ietf:params:scim:schemas:core:2.0:User:title': 't' },
      'write the name alone, such as userName',
    ],
    ['a URN without an attribute', { 'urn:example:Badge': 'b' }, 'write the URN of the schema, a colon'],
    ['members', { members: 'm' }, 'write the option members of the mapping'],
    ['a list in a column', { emails: 'email' }, 'attributes["emails"] must be children({ ... }): for a column write'],
    ['no column', { title: {} }, 'attributes["title"].column is required'],
    ['a misspelled column', { title: { colum: 't' } }, 'did you mean attributes["title"].column?'],
    ['neither column nor description', { title: 5 }, 'attributes["title"] must be a column, or an object'],
    ['states without the other list', { active: { column: 'a', on: [1] } }, 'attributes["active"].off is required'],
    ['a state that is no list', { active: { column: 'a', on: 1, off: [0] } }, '.on must be a list'],
    ['no state', { active: { column: 'a', on: [1], off: [] } }, '.off must list at least one state'],
    ['write without read', { title: { column: 't', write: String } }, '.read is required, and must be a function'],
    [
      'a lookup',
      { title: { kind: 'lookup', column: 'a', table: 't', key: 'k', value: 'v', unknown: 'add' } },
      ".unknown must be 'create'",
    ],
    ['a misspelled kind', { title: { kind: 'compute', columns: [], read: String } }, ".kind must be 'computed'"],
    [
      'children',
      { emails: { kind: 'children', table: 't', owner: 'o', columns: { value: 1 } } },
      '.columns.value must be',
    ],
    ['a constant', { title: { kind: 'constant', value: {} } }, 'must be constant(value) with a string'],
    ['a reference', { 'enterprise.manager.value': { kind: 'reference' } }, '.column is required'],
    [
      'a computed value',
      { title: { kind: 'computed', columns: 'a', read: String } },
      '.columns must be a list of non-empty strings',
    ],
  ])('names %s', (_, attributes, expected) => {
    expect(messageOf(() => define({ ...right, attributes: { userName: 'email', ...attributes } }))).toContain(expected);
  });

  it('names all mistakes at once', () => {
    const mapping = { tabel: 'x', id: { colum: 'id' }, attributes: { usrName: 'x' } };
    const message = messageOf(() => define(mapping));
    for (const part of ['table is required', 'version is required', '"tabel"', '"id.colum"', '"usrName"']) {
      expect(message).toContain(part);
    }
  });
});

describe('functions that take a mapping', () => {
  const { db } = sqlite();
  const users = define(right);
  const wrongOptions: [string, unknown, string][] = [
    ['no options', undefined, 'the options must be an object: write { users }'],
    ['no mapping', {}, 'users is required'],
    ['an unfinished mapping', { users: define }, 'users is a function: defineMapping is called in two steps'],
    ['a mapping that nobody checked', { users: right }, 'users must be a mapping: create it with defineMapping()'],
    ['a misspelled option', { users, group: users }, 'there is no option "group": did you mean groups?'],
    ['another dialect', { users, dialect: 'mariadb' }, "dialect must be 'postgres' or 'mysql' or 'sqlite'"],
  ];

  it.each(wrongOptions)('name %s', async (_, options, expected) => {
    expect(messageOf(() => mappedStore(db, options as never))).toContain(expected);
    await expect(createSideTables(db, options as never)).rejects.toThrow(expected);
    await expect(dropSideTables(db, options as never)).rejects.toThrow(expected);
  });

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'must be your instance of Kysely; got undefined'],
    ['a promise', Promise.resolve(db), 'got a Promise: await it'],
    ['the driver', {}, 'must be your instance of Kysely; got an object'],
  ])('name %s as the database', async (_, wrong, expected) => {
    expect(messageOf(() => mappedStore(wrong as never, { users }))).toContain(expected);
    await expect(createSideTables(wrong as never, { users })).rejects.toThrow(expected);
    await expect(inspectMapping(wrong as never, users)).rejects.toThrow(expected);
  });

  it('ask whether the arguments are swapped', () => {
    expect(messageOf(() => mappedStore({ users } as never, db as never))).toContain('did you swap the arguments?');
  });

  it('name mistakes in the options of scimTablesSql', async () => {
    const message = messageOf(() =>
      scimTablesSql({ dialect: 'sqlite', sideTables: { users: right, sidetables: 'x_' } as never }),
    );
    expect(message).toContain('did you mean sideTables.sideTables?');
    expect(message).toContain('users must be a mapping');
    await expect(inspectMapping(db, right as never)).rejects.toThrow('the second argument must be a mapping');
  });
});

const tables = [
  'create table employees (id integer primary key, email text not null unique, site integer)',
  'create table sites (id integer primary key, name text not null)',
];

async function open(attributes: object, more: object = {}): Promise<{ db: Kysely<unknown>; users: Mapping }> {
  const { db } = sqlite();
  for (const statement of tables) await sql.raw(statement).execute(db);
  return { db, users: define({ ...right, ...more, attributes }) };
}

const missing =
  'The mapping of employees: the table employees has no column emial, which attributes["userName"] names: did you mean email?';

describe('a column that does not exist', () => {
  it('is named when the side tables are created, and nothing is', async () => {
    const { db, users } = await open({ userName: 'emial' });
    await expect(createSideTables(db, { users })).rejects.toThrow(
      `${missing} See express-scim/docs/sql.md#mistakes-in-a-mapping`,
    );
    const { rows } = await sql`select name from sqlite_master where name like 'scim%'`.execute(db);
    expect(rows).toEqual([]);
    expect(await inspectMapping(db, users)).toEqual([missing.replace('The mapping of employees: ', '')]);
  });

  it('is named with all others, and with tables that do not exist', async () => {
    const site = lookup({ column: 'sites', table: 'site', key: 'id', value: 'name', unknown: 'reject' });
    const more = { created: 'made', lastModified: 'qqqqqqqqqqqqqqqq' };
    const { db, users } = await open({ userName: 'email', timezone: site }, more);
    const error = await createSideTables(db, { users }).catch((thrown: unknown) => (thrown as Error).message);
    expect(error).toContain('has no column made, which created names');
    expect(error).toContain('no column qqqqqqqqqqqqqqqq, which lastModified names: it has id, email, site');
    expect(error).toContain('has no column sites, which attributes["timezone"] names: did you mean site?');
    expect(error).toContain('the table site, which attributes["timezone"] needs, does not exist: did you mean sites?');
  });

  it('is not looked for in a transaction, where a migration may add it later', async () => {
    const { db, users } = await open({ userName: 'emial' });
    await db.transaction().execute((transaction) => createSideTables(transaction, { users }));
    expect((await sql`select name from sqlite_master where name = 'scim_side_users'`.execute(db)).rows).toHaveLength(1);
  });

  it('is named by the first use of the store, with the error of the driver as its cause', async () => {
    const { db, users } = await open({ userName: 'emial' });
    const store = mappedStore(db, { users, onWarning: () => undefined });
    const uses = [
      () => store.list(listQuery({ page: index(0, 9) }), ctx('default')),
      () => store.get('1', new Set(), ctx('default')),
      () => store.create(newUser('ada'), ctx('default')),
      () => store.namesOf?.(['1'], ctx('default')),
    ];
    for (const use of uses) {
      const error = await Promise.resolve(use()).then(
        () => undefined,
        (thrown: unknown) => thrown as Error,
      );
      expect(error?.message).toContain(missing);
      expect(error?.cause).toHaveProperty('message', expect.stringMatching(/no such column|no column named/));
    }
  });

  it('is distinguished from a side table that was not created', async () => {
    const { db, users } = await open({ userName: 'email' });
    const store = mappedStore(db, { users, sideTables: 'aside_', outbox: 'out', onWarning: () => undefined });
    await expect(store.list(listQuery({ page: index(0, 9) }), ctx('default'))).rejects.toThrow(
      'mappedStore: the table aside_users does not exist: call createSideTables first, with the same mappings. See',
    );
  });

  it('leaves the errors of other statements as they are', async () => {
    const { db } = await open({});
    const users = define({ ...right, defaults: () => ({ nonsense: 1 }) });
    const store = mappedStore(db, { users, onWarning: () => undefined });
    await expect(Promise.resolve(store.create(newUser('ada'), ctx('default')))).rejects.toThrow('nonsense');
  });
});

describe('the warnings about a mapping', () => {
  it('are reported when the side tables are created', async () => {
    const { db, users } = await open({ userName: 'email' });
    const warnings: string[] = [];
    await createSideTables(db, { users, onWarning: (warning) => warnings.push(warning) });
    expect(warnings).toEqual([expect.stringContaining('is case-sensitive')]);
  });

  it('are one process warning for each mapping', async () => {
    const { db, users } = await open({ userName: 'email' });
    const emit = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    await createSideTables(db, { users });
    await createSideTables(db, { users });
    expect(emit.mock.calls).toEqual([
      [expect.stringContaining('is case-sensitive'), { type: 'ExpressScimWarning', code: 'SCIM_MAPPING' }],
    ]);
    emit.mockRestore();
  });
});
