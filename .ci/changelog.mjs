// What CHANGELOG.md says, in the form of Keep a Changelog: a heading `## [VERSION] - DATE` for each version, newest first, and
// `## [Unreleased]` above them.

const unreleased = '## [Unreleased]';

/** What the changelog says about a version. @throws Error where it says nothing */
export function changesOf(changelog, version) {
  const lines = changelog.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`## [${version}]`));
  if (start < 0) throw new Error(`CHANGELOG.md has no heading for ${version}`);
  const length = lines.slice(start + 1).findIndex((line) => line.startsWith('## ['));
  const text = lines
    .slice(start + 1, length < 0 ? undefined : start + 1 + length)
    .join('\n')
    .trim();
  if (text === '') throw new Error(`CHANGELOG.md says nothing about ${version}`);
  return `${text}\n`;
}

/** The changelog after a release: what was unreleased is under the version, and nothing is unreleased. */
export function withRelease(changelog, version, date) {
  if (changelog.includes(`## [${version}]`)) throw new Error(`CHANGELOG.md has a heading for ${version} already`);
  changesOf(changelog, 'Unreleased');
  return changelog.replace(unreleased, `${unreleased}\n\n## [${version}] - ${date}`);
}
