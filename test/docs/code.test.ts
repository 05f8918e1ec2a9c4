import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';

const root = new URL('../../', import.meta.url).pathname;
const pages = ['docs/sql.md', 'docs/stores.md', 'docs/testing-a-store.md', 'docs/resource-types.md'];

/** What a page takes for given: the host's own application. */
const host = `
import type { Express } from 'express';
import type { Generated, Kysely } from 'kysely';
import type pg from 'pg';
import type { Authenticate, UserStore } from 'express-scim';
import type { Mapping } from 'express-scim/sql';
declare global {
  interface Database {
    members: {
      id: Generated<number>; organization_id: string; email: string; first_name: string | null; last_name: string;
      status: 'active' | 'invited' | 'suspended'; phone: string | null; department_id: number | null;
      manager_id: number | null; badge_number: string | null;
    };
    departments: { id: Generated<number>; title: string };
    member_emails: { member_id: number; address: string; kind: string };
  }
  const app: Express;
  const authenticate: Authenticate;
  const db: Kysely<Database>;
  const pool: pg.Pool;
  const groups: Mapping;
  const report: (error: unknown) => void;
  const queue: { send(event: object): Promise<void> };
  const openEmptyStore: () => Promise<UserStore>;
  const closeStore: (store: UserStore) => Promise<void>;
  const organizations: readonly { readonly name: string; readonly key: string; readonly password: string }[];
  const connectionString: string;
}
`;

const options: ts.CompilerOptions = {
  ...ts.parseJsonConfigFileContent(ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile).config, ts.sys, root)
    .options,
  // A page may declare what it goes on to speak of.
  noUnusedLocals: false,
};

interface Block {
  readonly page: string;
  readonly line: number;
  readonly code: string;
}

function blocksIn(page: string): Block[] {
  const text = readFileSync(root + page, 'utf8');
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(({ 1: code = '', index }) => ({
    page,
    line: text.slice(0, index).split('\n').length + 1,
    code,
  }));
}

const files = new Map<string, string>([[`${root}docs/host.ts`, host]]);
const blocks = pages.flatMap(blocksIn).map((block) => {
  const name = `${root}${block.page}.${String(block.line)}.ts`;
  files.set(name, `${block.code}\nexport {};\n`);
  return { ...block, name };
});

const compiler = ts.createCompilerHost(options);
const program = ts.createProgram([...files.keys()], options, {
  ...compiler,
  fileExists: (name) => files.has(name) || compiler.fileExists(name),
  readFile: (name) => files.get(name) ?? compiler.readFile(name),
  getSourceFile: (name, version, ...rest) => {
    const text = files.get(name);
    return text === undefined
      ? compiler.getSourceFile(name, version, ...rest)
      : ts.createSourceFile(name, text, version);
  },
});

describe('the code in the documentation compiles', () => {
  it('takes for given what is right itself', () => {
    expect(errorsIn(`${root}docs/host.ts`, 1)).toEqual([]);
    expect(blocks.length).toBeGreaterThan(5);
  });

  it.each(blocks)('$page, line $line', ({ name, line }) => {
    expect(errorsIn(name, line)).toEqual([]);
  });
});

function errorsIn(name: string, first: number): string[] {
  const file = program.getSourceFile(name);
  return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
    ({ messageText, start = 0 }) => {
      const line = (file?.getLineAndCharacterOfPosition(start).line ?? 0) + first;
      return `line ${String(line)}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    },
  );
}
