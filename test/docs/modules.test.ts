import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { root } from './examples.js';

/** What `mayImport` of eslint.config.js says: the configuration itself would load all of ESLint. */
function enforced(): Readonly<Record<string, readonly string[]>> {
  const text = readFileSync(`${root}eslint.config.js`, 'utf8');
  const literal = /const mayImport = \{([\s\S]*?)\n\};/.exec(text)?.[1] ?? '';
  return Object.fromEntries(
    [...literal.matchAll(/^ {2}(\w+): \[([\s\S]*?)\],$/gm)].map(([, name = '', list = '']) => [
      name,
      [...list.matchAll(/'([^']+)'/g)].map(([, each = '']) => each),
    ]),
  );
}

function documented(): Readonly<Record<string, readonly string[]>> {
  const text = readFileSync(`${root}CONTRIBUTING.md`, 'utf8');
  return Object.fromEntries(
    [...text.matchAll(/^\| `src\/(\w+)`\s*\|[^|]*\|([^|]*)\|$/gm)].map(([, name = '', list = '']) => [
      name,
      [...list.matchAll(/`([^`]+)`/g)].map(([, each = '']) => each),
    ]),
  );
}

it('CONTRIBUTING.md shows the directions of imports that lint enforces', () => {
  expect(documented()).toEqual(enforced());
});

it('every folder of src has its directions', () => {
  const folders = readdirSync(`${root}src`, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(Object.keys(enforced()).sort()).toEqual(folders.map(({ name }) => name).sort());
});
