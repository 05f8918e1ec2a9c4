import { isObject } from '../contract/is-object.js';
import { checkOptions, type OptionRules, usageError } from '../contract/option-mistakes.js';

/** One row of the mapping table in the panel. */
export interface MappingRow {
  /** Path of the SCIM attribute, such as `name.givenName`. */
  readonly attribute: string;
  /** What it is in your app: a column, or better the label that your customers know. */
  readonly target: string;
  /** The resource type that has the attribute. Default `User`. */
  readonly resourceType?: string | undefined;
  /** `both`: the identity provider reads and changes it. `read`: it only reads it. Default `both`. */
  readonly direction?: 'both' | 'read' | undefined;
  /** Shown below the target. */
  readonly note?: string | undefined;
}

/** A mapping that `defineMapping` of `express-scim/sql` returns. */
export interface MappedAttributes {
  readonly table: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Of a mapping of groups. */
  readonly members?: unknown;
}

/** Options of `mappingRows`. */
export interface MappingRowsOptions {
  /** What your customers call an attribute, by its path: it replaces the names of tables and columns. Default: none. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Default `User`. */
  readonly resourceType?: string | undefined;
}

const rules: OptionRules<keyof MappingRowsOptions> = {
  of: 'mappingRows',
  page: 'admin.md',
  kinds: { labels: 'object', resourceType: 'string' },
};

/**
 * Describes a mapping onto SQL tables: the `mapping` option of `createScimAdmin`.
 *
 * @example
 * import { mappingRows } from 'express-scim/admin';
 * import { defineMapping } from 'express-scim/sql';
 *
 * interface Tables {
 *   members: { id: number; email: string; display_name: string };
 * }
 * const users = defineMapping<Tables>()({
 *   table: 'members',
 *   id: { column: 'id' },
 *   version: 'hash',
 *   attributes: { userName: 'email', displayName: 'display_name' },
 * });
 * console.log(mappingRows(users)[0]); // { attribute: 'userName', target: 'members.email', direction: 'both' }
 */
export function mappingRows(mapping: MappedAttributes, options: MappingRowsOptions = {}): readonly MappingRow[] {
  if (!isObject(mapping) || !isObject(mapping.attributes)) {
    const remedy = 'the first argument must be a mapping: create it with defineMapping()({ ... })';
    throw usageError('mappingRows', remedy, 'sql.md#mapped-tables');
  }
  checkOptions(options, rules);
  const { labels = {}, resourceType } = options;
  const places = { ...mapping.attributes, ...(mapping.members !== undefined && { members: mapping.members }) };
  return Object.entries(places).map(([attribute, place]) => {
    const row = attribute === 'members' ? membersRow(place) : rowOf(mapping.table, place);
    const label = Object.hasOwn(labels, attribute) ? labels[attribute] : undefined;
    return {
      attribute,
      ...(label === undefined ? row : { target: label, direction: row.direction }),
      ...(resourceType !== undefined && { resourceType }),
    };
  });
}

function membersRow(place: unknown): Omit<MappingRow, 'attribute'> {
  const table = isObject(place) ? place['table'] : undefined;
  return { target: typeof table === 'string' ? `rows of ${table}` : 'Members', direction: 'both' };
}

const unknownNames: Readonly<Record<string, string>> = {
  create: 'A name that does not exist yet is created.',
  ignore: 'A name that does not exist is ignored.',
  reject: 'A name that does not exist is rejected.',
};

function rowOf(table: string, place: unknown): Omit<MappingRow, 'attribute'> {
  if (typeof place === 'string') return { target: `${table}.${place}`, direction: 'both' };
  if (typeof place !== 'object' || place === null) return { target: table };
  const { kind, column, columns, value, unknown, on, off, ...rest } = place as Readonly<Record<string, unknown>>;
  switch (kind) {
    case 'constant':
      return { target: `always ${JSON.stringify(value)}`, direction: 'read' };
    case 'lookup':
      return {
        target: `${table}.${String(column)}, looked up by ${String(rest['table'])}.${String(value)}`,
        direction: unknown === 'read-only' ? 'read' : 'both',
        note: unknownNames[String(unknown)],
      };
    case 'reference':
      return { target: `${table}.${String(column)}`, direction: 'both', note: 'Refers to another user.' };
    case 'children':
      return { target: `rows of ${String(rest['table'])}`, direction: 'both' };
    case 'computed':
      return {
        target: Array.isArray(columns) ? columns.map((each) => `${table}.${String(each)}`).join(', ') : table,
        direction: rest['write'] === undefined ? 'read' : 'both',
      };
    default: {
      const states = Array.isArray(on) && Array.isArray(off);
      return {
        target: `${table}.${String(column)}`,
        direction: rest['read'] !== undefined && rest['write'] === undefined ? 'read' : 'both',
        note: states ? `true: ${on.join(', ')}; false: ${off.join(', ')}` : undefined,
      };
    }
  }
}
