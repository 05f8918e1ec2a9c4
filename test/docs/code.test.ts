import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { blocksOf, type Example, examplesIn, pages, root } from './examples.js';
import { entries, sources, typeCheck } from './type-check.js';

const blocks = pages.flatMap(blocksOf);
const scripts = blocks.filter(({ language }) => ['ts', 'js', 'tsx'].includes(language));
const examples = examplesIn(sources, entries);
const errorsOf = typeCheck([...scripts, ...examples]);
const each = ({ file, line }: Example): string => `${file}:${String(line)}`;

describe('code in the documentation compiles', () => {
  it.each(scripts.map((block) => [each(block), block] as const))('%s', (_, block) => {
    expect(errorsOf(block)).toEqual([]);
  });
});

describe('every @example of what the package exports compiles', () => {
  it.each(examples.map((example) => [each(example), example] as const))('%s', (_, example) => {
    // Code on the line of the tag itself would be taken for a caption.
    expect(example.code.trim()).not.toBe('');
    expect(errorsOf(example)).toEqual([]);
  });
});

describe('JSON in the documentation parses', () => {
  it.each(blocks.filter(({ language }) => language === 'json').map((block) => [each(block), block] as const))(
    '%s',
    (_, { code }) => {
      expect(() => JSON.parse(code) as unknown).not.toThrow();
    },
  );
});

describe('commands in the documentation exist', () => {
  const { scripts: npmScripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const commands = /^const commands[\s\S]*?^};/m.exec(readFileSync(`${root}src/tools/cli/run.ts`, 'utf8'))?.[0] ?? '';

  it.each(pages)('%s', (page) => {
    const text = readFileSync(root + page, 'utf8');
    const missing = [
      ...[...text.matchAll(/npm run ([\w:-]+)/g)].filter(([, name = '']) => !Object.hasOwn(npmScripts, name)),
      ...[...text.matchAll(/npx express-scim ([a-z-]+)/g)].filter(
        ([, name = '']) => !commands.includes(`  ${name}: {`),
      ),
    ];
    expect(missing.map(([command]) => command)).toEqual([]);
  });
});
