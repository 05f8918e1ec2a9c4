import {
  CompiledQuery,
  type Expression,
  type Kysely,
  type OperationNode,
  type QueryResult,
  type RawBuilder,
  sql as kyselySql,
} from 'kysely';
import { dialectOfAdapter } from './adapter.js';
import { mostStrings, parameter, StatementTexts, type TextShape } from './statement-texts.js';
import { inTurn } from './statement-turns.js';

type Database = Pick<Kysely<unknown>, 'getExecutor'>;

/**
 * SQL with parameters, made by `sql`: a statement, or a part of one.
 *
 * It is what Kysely's `RawBuilder` is, and can be part of one. Kysely makes a tree of nodes of each statement, visits all of
 * them, and freezes them, which takes more time than the rest of its work; this text is joined in one pass.
 */
export class Fragment<Row = unknown> implements Expression<Row> {
  readonly #strings: readonly string[];
  readonly #values: readonly unknown[];

  /** @param strings what stands around the values: one more than there are values */
  constructor(strings: readonly string[], values: readonly unknown[]) {
    this.#strings = strings;
    this.#values = values;
  }

  /** Values and SQL with a text between them. */
  static join(items: readonly unknown[], separator: Fragment): Fragment {
    if (separator.#values.length > 0) throw new TypeError('A separator is text only.');
    return new Fragment(stringsBetween(items.length, separator.#strings[0] ?? ''), items);
  }

  /** Marks it as an expression of Kysely. */
  get expressionType(): Row | undefined {
    return undefined;
  }

  /** For a statement of Kysely that this is a part of. */
  toOperationNode(): OperationNode {
    return this.#toBuilder().toOperationNode();
  }

  /** Runs the statement. */
  execute(db: Database): Promise<QueryResult<Row>> {
    const names = namesFor(db);
    return names.isSqlite ? inTurn(() => this.#run(db, names)) : this.#run(db, names);
  }

  #run(db: Database, names: Names): Promise<QueryResult<Row>> {
    const executor = db.getExecutor();
    // A plugin changes the nodes.
    if (executor.plugins.length > 0) return this.#toBuilder(names).execute(db);
    const statement = new Statement(names);
    if (!this.#collect(statement)) return this.#toBuilder(names).execute(db);
    const { shape, parameters } = statement;
    const text = shape === undefined ? this.#write(names) : (shape.text ??= this.#write(names));
    return executor.executeQuery<Row>(CompiledQuery.raw(text, parameters) as CompiledQuery<Row>);
  }

  /** Finds the shape of the statement and its parameters. @returns false where something in it is an expression of Kysely */
  #collect(statement: Statement): boolean {
    statement.add(this.#strings);
    const values = this.#values;
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (value instanceof Fragment) {
        if (!value.#collect(statement)) return false;
      } else if (value instanceof Identifier) {
        statement.add(statement.names.textOf(value));
      } else if (isExpression(value)) {
        return false;
      } else {
        statement.addParameter(value);
      }
    }
    return true;
  }

  /** The text of a statement without expressions of Kysely. */
  #write(names: Names, written = { text: '', parameters: 0 }): string {
    const strings = this.#strings;
    written.text += strings[0] ?? '';
    const values = this.#values;
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (value instanceof Fragment) value.#write(names, written);
      else if (value instanceof Identifier) written.text += names.textOf(value);
      else written.text += names.placeholder(++written.parameters);
      written.text += strings[i + 1] ?? '';
    }
    return written.text;
  }

  #toBuilder(names?: Names): RawBuilder<Row> {
    const values = this.#values.map((value) => {
      if (value instanceof Identifier) return value.toBuilder();
      if (value instanceof Fragment) return value.#toBuilder(names);
      return names === undefined ? value : names.bindable(value);
    });
    return kyselySql<Row>(Object.assign([...this.#strings], { raw: this.#strings }), ...values);
  }
}

/** A statement while its parts are visited. */
class Statement {
  readonly names: Names;
  readonly parameters: unknown[] = [];
  /** Undefined where the text is not kept. */
  shape: TextShape | undefined;

  constructor(names: Names) {
    this.names = names;
    this.shape = names.texts.start();
  }

  add(part: readonly string[] | string): void {
    const only = part.length === 1 ? part[0] : undefined;
    this.shape = this.names.texts.after(this.shape, only ?? part);
  }

  addParameter(value: unknown): void {
    this.parameters.push(this.names.bindable(value));
    this.shape = this.names.texts.after(this.shape, parameter);
  }
}

/** The name of a table or column. */
class Identifier {
  readonly kind: 'table' | 'ref';
  readonly name: string;

  constructor(kind: 'table' | 'ref', name: string) {
    this.kind = kind;
    this.name = name;
  }

  toBuilder(): RawBuilder<unknown> {
    return this.kind === 'table' ? kyselySql.table(this.name) : kyselySql.ref(this.name);
  }
}

/** How the dialect of an instance of Kysely writes names and parameters. */
class Names {
  readonly #db: Database;
  readonly #texts = { table: new Map<string, string>(), ref: new Map<string, string>() };
  readonly #isNumbered: boolean;
  /** Whether the driver holds the event loop while a statement runs. */
  readonly isSqlite: boolean;
  readonly texts = new StatementTexts();

  constructor(db: Database) {
    this.#db = db;
    this.isSqlite = dialectOfAdapter(db.getExecutor().adapter) === 'sqlite';
    this.#isNumbered = kyselySql`${0}`.compile(db).sql === '$1';
  }

  textOf(identifier: Identifier): string {
    const texts = this.#texts[identifier.kind];
    let text = texts.get(identifier.name);
    if (text === undefined) {
      text = identifier.toBuilder().compile(this.#db).sql;
      texts.set(identifier.name, text);
    }
    return text;
  }

  /**
   * The value as drivers take it. SQLite has no booleans: its drivers refuse them, and libsql ends the process. A mapping
   * has them nevertheless, for example the states of a column that an ORM shows as a boolean.
   */
  bindable(value: unknown): unknown {
    return typeof value === 'boolean' && !this.#isNumbered ? Number(value) : value;
  }

  placeholder(number: number): string {
    return this.#isNumbered ? `$${String(number)}` : '?';
  }
}

// Transactions have the adapter of the instance that they come from.
const namesByAdapter = new WeakMap<object, Names>();

function namesFor(db: Database): Names {
  const { adapter } = db.getExecutor();
  let names = namesByAdapter.get(adapter);
  if (names === undefined) {
    names = new Names(db);
    namesByAdapter.set(adapter, names);
  }
  return names;
}

function isExpression(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'toOperationNode' in value;
}

/**
 * Makes SQL of a template. A value becomes a parameter, unless it is SQL itself.
 *
 * @example
 * const { rows } = await sql<{ id: unknown }>`select id from ${sql.table(table)} where tenant = ${tenant}`.execute(db);
 */
export function sql<Row = unknown>(strings: TemplateStringsArray, ...values: unknown[]): Fragment<Row> {
  return new Fragment<Row>(strings, values);
}

/** The name of a table, quoted. A dot separates it from its schema. */
sql.table = (name: string): Fragment => new Fragment(around, [new Identifier('table', name)]);

/** The name of a column, quoted. A dot separates it from its table. */
sql.ref = (name: string): Fragment => new Fragment(around, [new Identifier('ref', name)]);

/** Text as it is: never of a client. */
sql.raw = (text: string): Fragment => new Fragment([text], []);

/**
 * Values and SQL with a separator between them.
 *
 * @param separator text only. Default: a comma
 */
sql.join = (items: readonly unknown[], separator: Fragment = comma): Fragment => Fragment.join(items, separator);

/** The strings around joined items, by separator and number: equal ones are one array, as those of a template are. */
const joined = new Map<string, (readonly string[])[]>();

function stringsBetween(items: number, separator: string): readonly string[] {
  const known = joined.get(separator)?.[items];
  if (known !== undefined) return known;
  const strings = Array<string>(items + 1).fill(separator);
  strings[0] = '';
  strings[items] = '';
  if (items < mostStrings) {
    const ofSeparator = joined.get(separator) ?? [];
    ofSeparator[items] = strings;
    joined.set(separator, ofSeparator);
  }
  return strings;
}

const comma = sql.raw(', ');
const around = ['', ''];
