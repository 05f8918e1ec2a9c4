import { defineMapping, type Dialect, scimTablesSql, type TablesSqlOptions } from '../../../src/sql.js';

const dialects: readonly (readonly [Dialect, string])[] = [
  ['postgres', 'PostgreSQL'],
  ['mysql', 'MySQL and MariaDB'],
  ['sqlite', 'SQLite'],
];

const side = defineMapping<{ members: { id: number; email: string } }>()({
  table: 'members',
  id: { column: 'id' },
  version: 'hash',
  attributes: { userName: 'email' },
});

/** The tables that one function creates: its name, what they are for, and the options that print them. */
const parts: readonly (readonly [string, string, Omit<TablesSqlOptions, 'dialect'>])[] = [
  ['createScimTables', 'users, groups, memberships, unique keys, the outbox and the locks of guards', {}],
  ['createSideTables', 'what a mapping has no column for, here of a table `members`', { sideTables: { users: side } }],
  ['createLifecycleTables', 'conflicts, and the holds of the breaker', { include: ['lifecycle'] }],
  ['createOffboardingTables', 'off-boarding tasks and tombstones', { include: ['offboarding'] }],
  ['createAccessRightsTables', 'which groups give which roles', { include: ['access-rights'] }],
  ['createAdminTables', 'connections, their keys and the provisioning log', { include: ['admin'] }],
  ['createConnectionTables', 'user links, ended connections, audit trail, set-up links', { include: ['connections'] }],
  ['createDeliveryTables', 'webhooks and security events that wait for delivery', { include: ['deliveries'] }],
];

/** The page of all tables: the statements that create them, in each dialect. */
export function tablesPage(): string {
  return `<!-- Written by \`npm run reference\` from the table definitions. -->

# Tables

This page is for database administrators: it lists every table and index that the library can create, with the default prefix
\`scim_\`. A table exists only if your code calls the function that creates it. To write the statements of your own options into a
file, use [\`scimTablesSql\`](express-scim-sql.md#scimtablessql); [SQL databases](../sql.md#create-the-tables-with-a-migration-tool)
explains how to run them in a migration. Where personal data is stored is on the page about
[data protection](../data-protection.md#where-personal-data-is-stored).

${dialects.map(dialectSection).join('\n\n')}
`;
}

function dialectSection([dialect, title]: (typeof dialects)[number]): string {
  const sections = parts.map(([name, purpose, options]) => {
    const statements = scimTablesSql({ dialect, ...options }).trim();
    return `**\`${name}\`**: ${purpose}.\n\n\`\`\`sql\n${statements}\n\`\`\``;
  });
  return [`## ${title}`, ...sections].join('\n\n');
}
