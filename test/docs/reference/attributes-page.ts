import { enterpriseUserSchema } from '../../../src/index.js';
import type { Attribute } from '../../../src/schema/attribute.js';
import { groupSchema } from '../../../src/schema/core/group.js';
import { userSchema } from '../../../src/schema/core/user.js';
import { normalizationOf } from '../../../src/schema/normalize.js';
import { compileResourceType, type ResourceType } from '../../../src/schema/resource-type.js';
import { attributeColumnsOf } from '../../../src/stores/built-in/attribute-columns.js';
import { code } from './module-page.js';
import { patchPaths } from './patch-results.js';

const types: readonly ResourceType[] = [
  compileResourceType({
    name: 'User',
    endpoint: '/Users',
    schema: userSchema,
    extensions: [{ schema: enterpriseUserSchema }],
  }),
  compileResourceType({ name: 'Group', endpoint: '/Groups', schema: groupSchema }),
];

/** What compares two texts of the attribute, by `normalizationOf`. */
const normalizations = ['exact (NFC)', 'case folded (NFC)', 'RFC 8265: case and width folded'] as const;

function normalizationText(attribute: Attribute): string {
  if (attribute.type === 'dateTime') return 'as an instant';
  if (attribute.type === 'boolean' || attribute.type === 'integer' || attribute.type === 'decimal') return 'as it is';
  return attribute.type === 'complex' ? '' : normalizations[normalizationOf(attribute)];
}

/** Columns of the built-in tables beside those that have an index for filters. */
const otherColumns: Readonly<Record<string, string>> = {
  id: '`id`',
  'meta.created': '`created`',
  'meta.lastModified': '`last_modified`',
  'meta.version': '`version`',
  active: '`active`',
  members: 'table `members`',
  groups: 'computed from `members`',
};

function columnOf(type: ResourceType, { path, attributes, mutability }: Attribute): string {
  const column = attributeColumnsOf(type.name).find((each) => each.path === path);
  if (column !== undefined) return `\`${column.column}\`${column.unique ? ' (unique)' : ''}`;
  if (path === 'active' && type.name !== 'User') return '';
  const other = otherColumns[path] ?? otherColumns[path.split('.')[0] ?? ''];
  if (other !== undefined) return other;
  if (attributes.size > 0 || mutability === 'readOnly' || path === 'schemas') return '';
  return path === 'password' ? 'not stored unless `password` is on' : '`attributes`, `normalized`';
}

function* all(attributes: Iterable<Attribute>): Generator<Attribute> {
  for (const attribute of attributes) {
    if (!attribute.container) yield attribute;
    yield* all(attribute.attributes);
  }
}

function attributeTable(type: ResourceType): string {
  return [
    '| attribute | type | mutability | returned | unique | compared | column of the built-in tables |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...[...all(type.attributes)].map((attribute) => {
      const { path, multiValued, mutability, returned, uniqueness, required } = attribute;
      const kind = `${attribute.type}${multiValued && !path.includes('.') ? ', multi-valued' : ''}${required ? ', required' : ''}`;
      const unique = uniqueness === 'none' ? '' : uniqueness;
      return `| ${code(path)} | ${kind} | ${mutability} | ${returned} | ${unique} | ${normalizationText(attribute)} | ${columnOf(type, attribute)} |`;
    }),
  ].join('\n');
}

/** docs/reference/attributes.md */
export function attributesPage(): string {
  return `<!-- Written by \`npm run reference\` from the compiled schemas. -->

# Attributes

Every attribute of the core schemas, with the characteristics of RFC 7643 7 and with how this library compares and stores it.
\`/Schemas\` of your service shows the attributes that your store keeps, and your extensions.

**Compared.** Filters, sort orders and unique indexes compare normalized text:

| compared | what is equal |
| --- | --- |
| exact (NFC) | the same characters, whether composed or decomposed |
| case folded (NFC) | the same, in any letter case: "Straße" equals "STRASSE" |
| RFC 8265: case and width folded | the same, in any letter case and Unicode width; "Straße" and "STRASSE" differ |
| as an instant | the same point in time, in any time zone |
| as it is | the same number or boolean |

Mapped tables compare as your database does: see [the collation of your table](../sql.md#mapped-tables).

**Column.** [Built-in tables](../sql.md#built-in-tables) store a resource in one row. Attributes that clients look up have columns
of their own; all attributes are in the JSON document \`attributes\`, and in \`normalized\` in the form that filters compare.
For mapped tables you choose the columns.

${types.map((type) => `## ${type.name}\n\n${attributeTable(type)}`).join('\n\n')}
`;
}

/** docs/reference/patch-paths.md */
export async function patchPathsPage(): Promise<string> {
  const tables: string[] = [];
  for (const type of types) {
    const rows = await patchPaths(type);
    tables.push(
      [
        `## ${type.name}`,
        '',
        '| path | add | replace | remove |',
        '| --- | --- | --- | --- |',
        ...rows.map(({ path, add, replace, remove }) => `| ${code(path)} | ${add} | ${replace} | ${remove} |`),
      ].join('\n'),
    );
  }
  return `<!-- Written by \`npm run reference\`: each operation was sent to a router over MemoryStore with default options. -->

# PATCH paths

Every path of the core schemas, and whether the router takes each operation (RFC 7644 3.5.2). Each cell is the result of a real
request with default options, to a resource that has a value for every attribute. A refusal changes nothing.

A path may also be written with the URN of its schema in front, and in any letter case. The filter in brackets may be any filter
over the sub-attributes, not only the one shown. A PATCH without \`path\` takes an object of attributes, for which the rows of
the top-level attributes apply. Attributes that your store does not keep are ignored, and reported as
[a quirk](../quirks.md). Strict mode refuses more: see [\`strict\`](../options.md#strict).

${tables.join('\n\n')}
`;
}
