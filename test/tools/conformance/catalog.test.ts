import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { conformanceTests } from '../../../src/tools/index.js';

interface Row {
  readonly id: string;
  readonly level: string;
  readonly feature: string;
  readonly requirement: string;
}
const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
const { rows } = read('./checklist.json') as { readonly rows: readonly Row[] };
const reasons = read('./reasons.json') as Readonly<Record<string, string>>;

/** Features that a later version will bring, with their tests. */
const later = new Set(['bulk', 'cursor', 'search', 'root', 'me', 'profile', 'roles', 'device', 'version']);

/** From `it(`, `it.each(` or `describe(` to the end of its first string. */
const title = /\b(?:it|describe|test)(?:\.each)?\b[^'"`]*(['"`])(?:(?!\1)[^\\\n]|\\.)*\1/g;
const rowId = /\b(?:(?:76(?:42|43|44)|9967)-[\d.]+-\d+|(?:ENTRA|OKTA)-\w+-\d+)\b/g;

/** Row ids in titles of the library's tests. The tests of the conformance tests name every id and prove nothing here. */
const titled = new Set(
  readdirSync(new URL('../..', import.meta.url), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts') && !/conformance.(conformance-tests|catalog)\.test/.test(name))
    .flatMap((name) => [...readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8').matchAll(title)])
    .flatMap(([text]) => text.match(rowId) ?? []),
);
const tested = new Map(conformanceTests.map((test) => [test.id, test]));

describe('the catalog of conformance tests', () => {
  it.each(rows.filter((row) => !later.has(row.feature)))('proves $id: $requirement', ({ id }) => {
    const proofs = [
      tested.has(id) && 'conformance test',
      titled.has(id) && 'test',
      Object.hasOwn(reasons, id) && 'reason',
    ].filter(Boolean);
    expect(proofs).not.toEqual([]);
    // A reason for a proved row would hide the loss of the proof.
    if (proofs.includes('reason')) expect(proofs).toEqual(['reason']);
  });

  it('contains each test once, with the level and feature of its row', () => {
    const ofRows = new Map(rows.map(({ id, level, feature }) => [id, { id, level, feature }]));
    const ids = conformanceTests.map((test) => test.id);
    expect(ids).toEqual([...new Set(ids)]);
    expect(conformanceTests.map(({ id, level, feature }) => ({ id, level, feature }))).toEqual(
      ids.map((id) => ofRows.get(id)),
    );
  });

  it('gives reasons only for existing rows, in complete sentences', () => {
    const rowIds = new Set(rows.map((row) => row.id));
    expect(Object.keys(reasons).filter((id) => !rowIds.has(id))).toEqual([]);
    for (const reason of Object.values(reasons)) expect(reason).toMatch(/^[A-Z`].{20,}\.$/);
  });

  it('names gaps only of existing rows that have a test, in complete sentences', () => {
    const gaps = read('./gaps.json') as Readonly<Record<string, Readonly<Record<string, string>>>>;
    const rowIds = new Set(rows.map((row) => row.id).filter((id) => !Object.hasOwn(reasons, id)));
    for (const texts of Object.values(gaps)) {
      expect(Object.keys(texts).filter((id) => !rowIds.has(id))).toEqual([]);
      for (const text of Object.values(texts)) expect(text).toMatch(/^[A-Za-z0-9`].{10,}\.$/);
    }
  });

  it('states every requirement in its own sentence', () => {
    for (const { requirement } of conformanceTests) expect(requirement).toMatch(/^["A-Za-z].{15,200}[^.\s]$/);
  });
});
