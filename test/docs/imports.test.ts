import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, it } from '@jest/globals';
import ts from 'typescript';
import { root } from './examples.js';

type Graph = ReadonlyMap<string, readonly string[]>;

/** The files of src with what each imports from src, imports of types included: ESLint's rule passes those over. */
function importsOfSource(): Graph {
  const files = readdirSync(`${root}src`, { recursive: true })
    .map((name) => normalize(join('src', String(name))))
    .filter((name) => /\.tsx?$/.test(name));
  return new Map(files.map((file) => [file, importsOf(file)]));
}

function importsOf(file: string): readonly string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(`${root}${file}`, 'utf8'));
  return importedFiles.flatMap(({ fileName }) => {
    if (!fileName.startsWith('.')) return [];
    const path = join(dirname(file), fileName).replace(/\.js$/, '');
    return [`${path}.ts`, `${path}.tsx`].filter((each) => existsSync(`${root}${each}`));
  });
}

/** A circle of imports, as the files in their order; undefined where there is none. */
function circleIn(graph: Graph): readonly string[] | undefined {
  const done = new Set<string>();
  const search = (file: string, path: readonly string[]): readonly string[] | undefined => {
    const start = path.indexOf(file);
    if (start >= 0) return [...path.slice(start), file];
    if (done.has(file)) return undefined;
    for (const next of graph.get(file) ?? []) {
      const circle = search(next, [...path, file]);
      if (circle !== undefined) return circle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const circle = search(file, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

it('no files of src import each other in a circle, not even for types', () => {
  const graph = importsOfSource();
  expect(graph.get(normalize('src/index.ts'))).toContain(normalize('src/router.ts'));
  expect(circleIn(graph)).toBeUndefined();
});

it('finds a circle', () => {
  const graph = new Map([
    ['a', ['b', 'd']],
    ['b', ['c']],
    ['c', ['b']],
    ['d', []],
  ]);
  expect(circleIn(graph)).toEqual(['b', 'c', 'b']);
});
