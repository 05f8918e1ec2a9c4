import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

interface Package {
  readonly exports: Readonly<Record<string, string | { readonly import: { readonly types: string } }>>;
  readonly typesVersions: { readonly '*': Readonly<Record<string, readonly string[]>> };
}

describe('moduleResolution node10, which does not read exports', () => {
  const { exports, typesVersions } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  ) as Package;

  it('finds the types of every subpath in typesVersions', () => {
    const subpaths = Object.entries(exports).flatMap(([name, target]) =>
      name === '.' || typeof target === 'string' ? [] : [[name.slice(2), [target.import.types]] as const],
    );
    expect(subpaths.length).toBeGreaterThan(0);
    expect(typesVersions['*']).toEqual(Object.fromEntries(subpaths));
  });
});
