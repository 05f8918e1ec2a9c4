// Prepares a version: `npm run release -- 0.2.0` moves what CHANGELOG.md lists as unreleased under the version, and writes the
// version into package.json. Commit, merge and push the tag that it names; .github/workflows/release.yml publishes.
//   node .ci/release.mjs --check v0.2.0   fails unless tag, package.json and changelog name the same version
//   node .ci/release.mjs --notes v0.2.0   prints what the changelog says about the version
import { readFileSync, writeFileSync } from 'node:fs';
import { changesOf, withRelease } from './changelog.mjs';

const [first = '', tag = ''] = process.argv.slice(2);
const changelog = readFileSync('CHANGELOG.md', 'utf8');
const pack = readFileSync('package.json', 'utf8');
const { version: current } = JSON.parse(pack);

if (first === '--check') {
  const version = tag.replace(/^v/, '');
  if (current !== version) throw new Error(`package.json has version ${current}, the tag is ${tag}`);
  changesOf(changelog, version);
} else if (first === '--notes') {
  process.stdout.write(changesOf(changelog, tag.replace(/^v/, '')));
} else {
  if (!/^\d+\.\d+\.\d+(?:-[a-z]+\.\d+)?$/.test(first))
    throw new Error('Write npm run release -- VERSION, such as 0.2.0');
  writeFileSync('CHANGELOG.md', withRelease(changelog, first, new Date().toISOString().slice(0, 10)));
  writeFileSync('package.json', pack.replace(`"version": "${current}"`, `"version": "${first}"`));
  console.log(`Now run:
  npm install --package-lock-only && npm run format
  git commit -am 'Release ${first}'
  git tag v${first}   # after the commit is on main`);
}
