import { type Fragment, sql } from '../../database/sql.js';
import type { Attributes } from '../../contract/attribute.js';
import type { GroupRef, Stored } from '../../contract/resource.js';
import { type AttributeColumn, attributeColumnsOf, columnTexts } from './attribute-columns.js';
import { storable } from '../../database/storable.js';
import type { Dialect } from '../../database/dialect.js';
import type { BuiltInTables } from '../../database/table-names.js';
import { timestamp } from '../../database/timestamp.js';
import { type Document, documentOf, type DocumentType } from './document.js';
import { documentDialects } from './filter.js';
import { byMember } from './row-source.js';

/** A row of a resource as the driver returns it: text or bytes, numbers or their digits. */
export interface ResourceRow {
  readonly id: unknown;
  /** JSON of all attributes except `active`. */
  readonly attributes: unknown;
  readonly active: unknown;
  readonly created: unknown;
  readonly last_modified: unknown;
  readonly version: unknown;
  /** JSON of the groups of a user, where the select list has them; null for none. */
  readonly groups?: unknown;
}

/** The select list for such rows, of the table `r`. */
export const resourceColumns = sql`r.id, r.attributes, r.active, r.created, r.last_modified, r.version`;

/** The same for `returning`: SQLite knows no alias there. */
export const returnedColumns = sql`id, attributes, active, created, last_modified, version`;

/**
 * Bytes of attributes that a list returns with its rows. One statement reads up to 200 rows, and a driver of SQLite holds the event
 * loop meanwhile.
 */
const mostListed = 16 * 1024;

/** The select list of a list: the attributes of large resources are left out, and only their size is told. */
export function listedColumns(dialect: Dialect): Fragment {
  const bytes = dialect === 'sqlite' ? sql`r.size` : sql`octet_length(r.attributes)`;
  return sql`r.id, case when ${bytes} > ${sql.raw(String(mostListed))} then null else r.attributes end as attributes,
    ${bytes} as bytes, r.active, r.created, r.last_modified, r.version`;
}

/** SQLite: groups of a user that are read with its row. Those of a user in more are read by another query. */
const mostGroupsInRow = 50;
/** The same in a list, one statement of which reads up to 200 rows. */
export const mostGroupsInListedRow = 10;

/**
 * A column of the select list: the groups that a user is a direct member of, and which of them are nested.
 *
 * @param row the row of the user
 * @param most SQLite: groups that are read with the row
 */
export function groupsColumn(
  dialect: Dialect,
  { members, groups }: BuiltInTables,
  { row = sql`r`, most = mostGroupsInRow }: { readonly row?: Fragment; readonly most?: number } = {},
): Fragment {
  const nested = sql`exists (select 1 from ${sql.table(members)} n ${byMember(dialect, members)} where n.tenant = g.tenant and n.member_id = g.id)`;
  const isLong = sql`coalesce(octet_length(g.name) > 300, false)`;
  const from = sql`${fromGroupsOfMembers(dialect, { members, groups })}
    where m.tenant = ${row}.tenant and m.member_id = ${row}.id`;
  const values = {
    postgres: sql`cast(json_agg(json_build_array(g.id, g.name, ${nested})) as text) ${from}`,
    // What counts as nested is read by another query.
    sqlite: sql`case when count(*) > ${sql.raw(String(most))} then '[["", null, 1]]'
      else json_group_array(json_array(f.id, f.name, f.nested)) end
      from (select g.id as id, g.name as name, ${nested} as nested ${from} limit ${sql.raw(String(most + 1))}) f`,
    // MariaDB aggregates what can be longer than 512 characters, JSON included, in a temporary table on disk, which takes
    // twice the time of all else. A group whose name is longer counts as nested: both are read by another query.
    mysql: sql`json_arrayagg(convert(concat(if(${nested} or ${isLong}, '+', '-'), if(g.name is null, '-', '+'),
      left(g.id, 64), ' ', left(if(${isLong}, '', coalesce(g.name, '')), 300)) using utf8mb4)) ${from}`,
  }[dialect];
  return sql`, (select ${values}) as ${sql.ref('groups')}`;
}

/**
 * The groups `g` that a member is in, by its memberships `m`. Depending on its statistics, which other
 * tenants may dominate, the optimizer of MariaDB would read all groups of all tenants instead.
 */
export function fromGroupsOfMembers(
  dialect: Dialect,
  { members, groups }: Pick<BuiltInTables, 'members' | 'groups'>,
): Fragment {
  const on = sql`on g.tenant = m.tenant and g.id = m.group_id`;
  return dialect === 'mysql'
    ? sql`from ${sql.table(members)} m ${byMember(dialect, members)}
        straight_join ${sql.table(groups)} g force index (primary) ${on}`
    : sql`from ${sql.table(members)} m ${byMember(dialect, members)} join ${sql.table(groups)} g ${on}`;
}

/** The groups in a row; undefined where the row does not have all of them: some are nested in others, or they are too many. */
export function groupsOfRow({ groups }: Pick<ResourceRow, 'groups'>): readonly GroupRef[] | undefined {
  if (groups === null) return [];
  // The driver of MariaDB parses what the server says is JSON.
  const found = ((Array.isArray(groups) ? groups : JSON.parse(String(groups))) as readonly (GroupInRow | string)[]).map(
    (group) => (typeof group === 'string' ? readGroup(group) : group),
  );
  if (found.some(([, , nested]) => Number(nested) !== 0)) return undefined;
  return found
    .map(([value, name]): GroupRef => ({ value, ...(name !== null && { display: name }), type: 'direct' }))
    .sort((a, b) => (a.value < b.value ? -1 : 1));
}

type GroupInRow = readonly [id: string, name: string | null, nested: unknown];

/** Reads what MariaDB and MySQL aggregate: whether it is nested, whether it has a name, its ID, a space, and its name. */
function readGroup(text: string): GroupInRow {
  const space = text.indexOf(' ');
  return [text.slice(2, space), text[1] === '+' ? text.slice(space + 1) : null, text.startsWith('+')];
}

/** The attributes in a row. */
export function attributesOf({ attributes, active }: Pick<ResourceRow, 'attributes' | 'active'>): Attributes {
  const parsed = JSON.parse(String(attributes)) as Record<string, unknown>;
  if (active !== null) parsed['active'] = Number(active) === 1;
  return parsed;
}

/** The resource in a row. */
export function toStored<R>(row: ResourceRow): Stored<R> {
  // These attributes are not shared yet: a copy would cost as much as parsing them.
  const resource = attributesOf(row) as Record<string, unknown>;
  resource['id'] = String(row.id);
  resource['meta'] = metaOf(row);
  return resource as Stored<R>;
}

/** Attributes with the `id` and `meta` of a row. */
export function storedAs<R>(attributes: Attributes, row: Omit<ResourceRow, 'attributes' | 'active'>): Stored<R> {
  return { ...attributes, id: String(row.id), meta: metaOf(row) } as Stored<R>;
}

/** Of a row whose events are computed before the write: they contain none of it. */
export const unknownState = { created: 0, last_modified: 0, version: 0 };

function metaOf({
  created,
  last_modified,
  version,
}: Omit<ResourceRow, 'attributes' | 'active'>): Stored<object>['meta'] {
  const createdAt = timestamp(Number(created));
  return {
    created: createdAt,
    lastModified: last_modified === created ? createdAt : timestamp(Number(last_modified)),
    version: String(version),
  };
}

/** The columns of a table of resources that hold attributes. */
export function attributeNames(type: string): readonly Fragment[] {
  return type === 'User' ? userNames : otherNames;
}

function namesWith(columns: readonly AttributeColumn[]): readonly Fragment[] {
  return ['attributes', 'normalized', 'name', 'active', ...columns.map(({ column }) => column)].map(sql.ref);
}

const userNames = namesWith(attributeColumnsOf('User'));
const otherNames = namesWith(attributeColumnsOf('Group'));

/** What the columns that hold attributes contain. */
export interface AttributeValues {
  /** In the order of `attributeNames`. */
  readonly values: readonly unknown[];
  readonly document: Document;
}

/** The values of the attributes of a resource. */
export function valuesOf(
  attributes: Attributes,
  target: DocumentType,
  { dialect, tenant }: { readonly dialect: Dialect; readonly tenant: string },
): AttributeValues {
  const { active, ...others } = attributes;
  const isColumn = typeof active === 'boolean';
  const document = documentOf(attributes, target);
  return {
    document,
    values: [
      JSON.stringify(isColumn ? others : attributes),
      documentDialects[dialect].column(JSON.stringify(document), tenant),
      nameOf(attributes),
      isColumn ? Number(active) : null,
      ...columnTexts(attributes, target.type),
    ],
  };
}

/** The same values as assignments of an update. */
export function assignments(type: string, { values }: Pick<AttributeValues, 'values'>): Fragment {
  return sql.join(attributeNames(type).map((name, i) => sql`${name} = ${values[i]}`));
}

/** Row with the times and version after a change. */
export function nextState(row: ResourceRow): ResourceRow & { readonly version: number } {
  // `lastModified` must not go back when the system clock does.
  const last_modified = Math.max(Date.now(), Number(row.last_modified));
  return { ...row, last_modified, version: Number(row.version) + 1 };
}

/** The name of a resource in `members.display`. */
export function nameOf({ displayName, userName }: Attributes): string | null {
  for (const name of [displayName, userName]) if (typeof name === 'string' && name !== '') return storable(name);
  return null;
}
