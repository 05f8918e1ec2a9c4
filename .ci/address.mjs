// The address of the repository: `npm run address -- https://github.com/OWNER/NAME` writes it wherever it occurs, and
// `node .ci/address.mjs --release` fails while it is the placeholder, so that nothing is published with dead links.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const placeholder = 'https://github.com/express-scim/express-scim';

const { repository } = JSON.parse(readFileSync('package.json', 'utf8'));
const current = repository.url.replace(/^git\+|\.git$/g, '');
const [argument] = process.argv.slice(2);

if (argument === '--release') {
  const problems = [];
  if (current === placeholder) problems.push('package.json still has the placeholder: npm run address -- URL');
  if (readFileSync('.github/SECURITY.md', 'utf8').includes('set the address here before you publish')) {
    problems.push('.github/SECURITY.md names no address for reports');
  }
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
} else {
  if (!/^https:\/\/[\w.-]+\/[\w.-]+\/[\w.-]+$/.test(argument ?? '')) {
    throw new Error('Write npm run address -- https://github.com/OWNER/NAME');
  }
  for (const file of filesWithAddress()) {
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(current, argument));
  }
}

/** The files that may name the repository. This one keeps the placeholder. */
function filesWithAddress() {
  const below = (folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(md|mts|yml)$/.test(entry.name))
      .map((entry) => `${entry.parentPath}/${entry.name}`)
      .filter((name) => !name.includes('node_modules'));
  return ['package.json', 'README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', ...below('docs'), ...below('.github')];
}
