import { describe, expect, it } from '@jest/globals';
import {
  CamelCasePlugin,
  type CompiledQuery,
  DummyDriver,
  Kysely,
  type KyselyPlugin,
  MysqlAdapter,
  MysqlIntrospector,
  MysqlQueryCompiler,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  RawNode,
  sql as kyselySql,
} from 'kysely';
import { sql } from '../../src/database/sql.js';

type Query = Pick<CompiledQuery, 'sql' | 'parameters'>;

/** An instance of Kysely that runs nothing, with the statements that it was asked to run. */
function recording(dialect: 'postgres' | 'mysql'): { readonly db: Kysely<unknown>; readonly queries: Query[] } {
  const queries: Query[] = [];
  const parts = {
    postgres: [PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler],
    mysql: [MysqlAdapter, MysqlIntrospector, MysqlQueryCompiler],
  } as const;
  const [Adapter, Introspector, QueryCompiler] = parts[dialect];
  const db = new Kysely<unknown>({
    dialect: {
      createAdapter: () => new Adapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (instance) => new Introspector(instance),
      createQueryCompiler: () => new QueryCompiler(),
    },
    log: ({ query }) => void queries.push({ sql: query.sql, parameters: query.parameters }),
  });
  return { db, queries };
}

const names = sql.join(['a', sql`upper(${'b'})`, sql.ref('r.c')]);
const statement = sql`select ${names} from ${sql.table('s.t')} r where r.x = ${1} and ${sql.raw('true')}`;

describe('SQL', () => {
  it.each([
    ['postgres', `select $1, upper($2), "r"."c" from "s"."t" r where r.x = $3 and true`],
    ['mysql', 'select ?, upper(?), `r`.`c` from `s`.`t` r where r.x = ? and true'],
  ] as const)('is written as %s writes names and parameters', async (dialect, text) => {
    const { db, queries } = recording(dialect);
    for (let i = 0; i < 2; i++) await statement.execute(db);
    await db.transaction().execute((transaction) => statement.execute(transaction));
    const query = { sql: text, parameters: ['a', 'b', 1] };
    expect(queries.filter(({ parameters }) => parameters.length > 0)).toEqual([query, query, query]);
  });

  it('has the same text each time, also where it was made of other parts', async () => {
    const { db, queries } = recording('postgres');
    const select = (condition: unknown): Promise<unknown> => sql`select a from b where ${condition}`.execute(db);
    const isAny = (values: readonly unknown[]): unknown => sql`c in (${sql.join(values)})`;
    const conditions: readonly (readonly [condition: unknown, text: string])[] = [
      [1, '$1'],
      [sql.raw('c'), 'c'],
      [sql.ref('c'), '"c"'],
      [sql`c`, 'c'],
      [sql`${2}`, '$1'],
      [isAny([1]), 'c in ($1)'],
      [isAny([1, 2]), 'c in ($1, $2)'],
      [isAny([1, sql.ref('c'), 2]), 'c in ($1, "c", $2)'],
      [
        isAny(Array<number>(100).fill(1)),
        `c in (${Array.from({ length: 100 }, (_, i) => `$${String(i + 1)}`).join(', ')})`,
      ],
      [sql.join([1, 2], sql` and `), '$1 and $2'],
      [sql.join([1, 2], sql` or `), '$1 or $2'],
      [sql`${1} or ${2}`, '$1 or $2'],
    ];
    for (let i = 0; i < 2; i++) for (const [condition] of conditions) await select(condition);
    const texts = conditions.map(([, text]) => `select a from b where ${text}`);
    expect(queries.map(({ sql: text }) => text)).toEqual([...texts, ...texts]);
  });

  it('is quoted as Kysely quotes names', async () => {
    const { db, queries } = recording('postgres');
    await sql`select ${sql.ref('a"b')}, ${null}, ${sql.join([])}`.execute(db);
    expect(queries).toEqual([{ sql: 'select "a""b", $1, ', parameters: [null] }]);
  });

  it('can be part of a statement of Kysely, and the reverse', async () => {
    const { db, queries } = recording('postgres');
    await kyselySql`select ${0}, ${statement}`.execute(db);
    await sql`select ${1}, ${kyselySql`lower(${'x'})`}, ${sql.ref('y')}`.execute(db);
    expect(queries).toEqual([
      {
        sql: 'select $1, select $2, upper($3), "r"."c" from "s"."t" r where r.x = $4 and true',
        parameters: [0, 'a', 'b', 1],
      },
      { sql: 'select $1, lower($2), "y"', parameters: [1, 'x'] },
    ]);
  });

  it.each([
    ['postgres', [true, false, true]],
    ['mysql', [1, 0, 1]],
  ] as const)('binds booleans on %s as %j, with plugins too', async (dialect, parameters) => {
    const { db, queries } = recording(dialect);
    const booleans = sql`select ${true}, ${sql`upper(${false})`}, ${true}`;
    await booleans.execute(db);
    await sql`${booleans} where ${kyselySql`1`}`.execute(db);
    await booleans.execute(db.withPlugin(new CamelCasePlugin()));
    expect(queries.map((query) => query.parameters)).toEqual([parameters, parameters, parameters]);
  });

  it('is given to the plugins of an instance as nodes', async () => {
    const { db, queries } = recording('postgres');
    const plugin: KyselyPlugin = {
      transformQuery: ({ node }) => RawNode.create(['explain ', ''], [node]) as typeof node,
      transformResult: ({ result }) => Promise.resolve(result),
    };
    await sql`select ${1}`.execute(db.withPlugin(plugin));
    expect(queries).toEqual([{ sql: 'explain select $1', parameters: [1] }]);
  });
});
