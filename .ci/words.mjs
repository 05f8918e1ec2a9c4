// Finds words and phrases that this project does not use, with what it writes instead. Single words that are wrong in
// every context are `flagWords` of .ci/cspell.json; here are phrases, and words that are right in some contexts.
import { readdirSync, readFileSync } from 'node:fs';

// Pattern, what to write instead, and the paths where the word is wrong: by default all.
const rules = [
  [/\bready[- ]made\b/i, 'built-in'],
  [/\blook-ups?\b/i, 'lookup'],
  [/\btruth[- ]values?\b/i, 'boolean'],
  [/\bin clear\b/i, 'plaintext'],
  [/\bblind(ly)?\b/i, 'unconditional'],
  [/\bprepared\b(?![ -](statement|quer|transaction))/i, 'normalized'],
  [/\b(the|store|contract|our) kit\b/i, 'store test suite'],
  [/\b((capability|the) card|on card)\b/i, 'capability report'],
  [/\baudits?\b(?![ -](trail|log|signatures))/i, 'conformance test'],
  // An asset of the example has a holder; so may a path.
  [/\bholders?\b/i, 'OffboardingHandler, user', /^(src|test|docs)\/.*(lifecycle|offboarding|admin)|^README/],
  [/\b(un)?wanted\b/i, 'selection, projection'],
  [/`want`|\bwant\b(?=\??:)/, 'selection'],
  [/\bby hand\b/i, 'manually, hand-written'],
  [/(?<!Math\.)\bfloors?\b/i, 'baseline'],
  [/\brivals?\b/i, 'scimmy'],
  [/\bties\b/i, 'tie-breaker'],
  [/\bpersons\b/i, 'users'],
  [/\bnothing that would hurt\b/i, 'no problems found'],
  [/\b(stand|stands|stood|standing) in for\b|\bstands in\b/i, 'replace, act as'],
  [/\btold (from|apart)\b/i, 'detected from, distinguished'],
  [/\bbear repetition\b/i, 'be idempotent'],
  [/\bwhat is true of\b/i, 'the standard term'],
];

// The descriptions of the core schemas are the RFC's own text.
const excluded = /^docs\/(?:api|reference)\/|^src\/schema\/core\/|^examples\/orm\/prisma\/generated\/|\/node_modules\//;

const files = ['src', 'docs', 'examples', 'bench', 'test']
  .flatMap((folder) => readdirSync(folder, { recursive: true }).map((name) => `${folder}/${name}`))
  .concat('README.md', 'CONTRIBUTING.md')
  .filter(
    (name) =>
      (name.startsWith('test/') ? /\.test\.tsx?$/ : /\.(tsx?|md)$/).test(name) &&
      !excluded.test(name) &&
      (process.argv.length < 3 || process.argv.slice(2).some((path) => name.startsWith(path))),
  )
  .sort();

let hits = 0;
for (const file of files) {
  const text = readFileSync(file, 'utf8');
  text.split('\n').forEach((line, index) => {
    // Of tests only the titles are read.
    const read = file.startsWith('test/') ? (/\b(?:describe|it)\b.*?(['`].*['`])/.exec(line)?.[1] ?? '') : line;
    const words = read.replace(/([a-z])([A-Z])/g, '$1 $2');
    for (const [pattern, instead, where] of rules) {
      const found = where === undefined || where.test(file) ? pattern.exec(words) : null;
      if (found === null) continue;
      hits += 1;
      console.log(`${file}:${index + 1}: "${found[0]}": write ${instead}`);
    }
  });
}
if (hits > 0) {
  console.error(`${hits} forbidden words or phrases`);
  process.exitCode = 1;
}
