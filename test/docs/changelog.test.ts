import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { root } from './examples.js';

interface Changelog {
  changesOf(changelog: string, version: string): string;
  withRelease(changelog: string, version: string, date: string): string;
}
const { changesOf, withRelease } = (await import(
  new URL('../../.ci/changelog.mjs', import.meta.url).href
)) as Changelog;

const before = '# Changelog\n\n## [Unreleased]\n\n### Added\n\n- Cats.\n\n## [0.1.0] - 2026-11-01\n\n- Dogs.\n';

describe('a release', () => {
  it('moves what was unreleased under its version', () => {
    const after = withRelease(before, '0.2.0', '2026-12-01');
    expect(after).toContain('## [Unreleased]\n\n## [0.2.0] - 2026-12-01\n\n### Added\n\n- Cats.\n\n## [0.1.0]');
    expect(changesOf(after, '0.2.0')).toBe('### Added\n\n- Cats.\n');
    expect(changesOf(after, '0.1.0')).toBe('- Dogs.\n');
  });

  it('needs changes, and a version that was not released', () => {
    expect(() => withRelease(before, '0.1.0', '2026-12-01')).toThrow('CHANGELOG.md has a heading for 0.1.0 already');
    const released = withRelease(before, '0.2.0', '2026-12-01');
    expect(() => withRelease(released, '0.3.0', '2026-12-02')).toThrow('CHANGELOG.md says nothing about Unreleased');
  });

  it('is possible with CHANGELOG.md', () => {
    expect(readFileSync(`${root}CHANGELOG.md`, 'utf8')).toContain('\n## [Unreleased]\n');
  });
});
