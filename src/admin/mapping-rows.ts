/** One row of the mapping table: what becomes of an attribute. */
export interface MappingRow {
  /** As identity providers name it, such as `name.givenName`. */
  readonly attribute: string;
  /** What it is in the host, in words or as a column. */
  readonly target: string;
  /** `both`: provisioned. `read`: shown to the provider, never changed by it. */
  readonly direction?: 'both' | 'read' | undefined;
  readonly note?: string | undefined;
}

/** What `defineMapping` of express-scim/sql makes. */
export interface MappedAttributes {
  readonly table: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/**
 * Rows of the mapping table, from a mapping onto SQL tables.
 *
 * @example
 * createScimAdmin({ ..., mapping: mappingRows(users) });
 */
export function mappingRows(mapping: MappedAttributes): readonly MappingRow[] {
  return Object.entries(mapping.attributes).map(([attribute, place]) => ({
    attribute,
    ...rowOf(mapping.table, place),
  }));
}

const unknownNames: Readonly<Record<string, string>> = {
  create: 'A name that is not there yet is added.',
  ignore: 'A name that is not there is left out.',
  reject: 'A name that is not there is refused.',
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
        target: `${table}.${String(column)}, found by ${String(rest['table'])}.${String(value)}`,
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
