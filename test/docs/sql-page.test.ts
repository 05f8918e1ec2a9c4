import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';
import ts from 'typescript';
import { blocksOf, root } from './examples.js';

const before = `
import { sql } from 'kysely';
import { pglite } from './test/soak/pglite.ts';
const db = pglite();
for (const statement of [
  'create table departments (id serial primary key, organization_id text not null, title text not null)',
  \`create table members (id serial primary key, organization_id text not null, email text not null, first_name text,
    last_name text not null, status text not null default 'active', phone text,
    department_id integer references departments, manager_id integer references members, badge_number text)\`,
  'create unique index on members (organization_id, lower(email))',
  'create table member_emails (member_id integer not null references members, address text not null, kind text)',
]) await sql.raw(statement).execute(db);
`;

const after = `
import { createScimRouter } from 'express-scim';
const urn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
for (const tenant of ['acme', 'umbra', 'acme']) {
  const userName = 'user' + String(Math.random());
  await store.create(
    { resource: { userName, [urn]: { department: 'Sales' } }, keys: { userName }, selection: new Set(), events: () => [] },
    { tenant, actor: { id: 'docs' }, requestId: 'r1', signal: new AbortController().signal },
  );
}
const { rows } = await sql\`select m.organization_id as member, d.organization_id as department, d.title from members m
  join departments d on d.id = m.department_id order by m.id\`.execute(db);
console.log(JSON.stringify([typeof createScimRouter, rows]));
await db.destroy();
`;

it('docs/sql.md: the multi-tenant mapping links users to departments of their own organization', async () => {
  const block = blocksOf('docs/sql.md').find(({ code }) => code.includes('defineMapping<Database>()'));
  const { outputText } = ts.transpileModule(before + (block?.code ?? '') + after, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', outputText],
    { cwd: root },
  );
  expect(JSON.parse(stdout)).toEqual([
    'function',
    ['acme', 'umbra', 'acme'].map((member) => ({ member, department: member, title: 'Sales' })),
  ]);
});
