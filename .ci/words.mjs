// Finds words and phrases that this project does not use, with what it writes instead. Single words that are wrong in
// every context are `flagWords` of .ci/cspell.json; here are phrases, and words that are right in some contexts.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const rules = [
  [/\bready[- ]made\b/i, 'built-in'],
  [/\blook-ups?\b/i, 'lookup'],
  [/\btruth[- ]values?\b/i, 'boolean'],
  [/\bin clear\b/i, 'plaintext'],
  [/\bblind(ly)?\b/i, 'unconditional'],
  [/\bprepared\b(?! (statement|quer|transaction))/i, 'normalized'],
  [/\b(the|store|contract|our) kit\b/i, 'store test suite'],
  [/\b((capability|the) card|on card)\b/i, 'capability report'],
  [/\baudits?\b(?! (trail|log))/i, 'conformance test'],
  [/\bholders?\b/i, 'OffboardingHandler, user'],
  [/\b(un)?wanted\b/i, 'selection, projection'],
  [/`want`|\bwant\b(?=\??:)/, 'selection'],
  [/\bby hand\b/i, 'manually, hand-written'],
  [/(?<!Math\.)\bfloors?\b/i, 'baseline'],
  [/\brivals?\b/i, 'scimmy'],
  [/\bties\b/i, 'tie-breaker'],
  [/\b(persons|somebody's)\b/i, 'users'],
  [/\bnothing that would hurt\b/i, 'no problems found'],
  [/\b(stand|stands|stood|standing) in for\b|\bstands in\b/i, 'replace, act as'],
  [/\btold (from|apart)\b/i, 'detected from, distinguished'],
  [/\bbear repetition\b/i, 'be idempotent'],
  [/\bwhat is true of\b/i, 'the standard term'],
];

// Words between quotes here are what a client or another program says, not what we do.
const exceptions = [[/^src\/schema\/core\//, /./]];

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter(
    (name) =>
      /^(src|docs|examples|bench)\/.*\.(tsx?|md)$|^(README|CONTRIBUTING)\.md$|^test\/.*\.test\.tsx?$/.test(name) &&
      !name.startsWith('docs/api/') &&
      (process.argv.length < 3 || process.argv.slice(2).some((path) => name.startsWith(path))),
  );

let hits = 0;
for (const file of files) {
  let text;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    continue; // Deleted, and not yet committed.
  }
  text.split('\n').forEach((line, index) => {
    // Of tests only the titles are read.
    const read = file.startsWith('test/') ? (/\b(?:describe|it)\b.*?(['`].*['`])/.exec(line)?.[1] ?? '') : line;
    const words = read.replace(/([a-z])([A-Z])/g, '$1 $2');
    for (const [pattern, instead] of rules) {
      const found = pattern.exec(words);
      if (found === null || exceptions.some(([path, word]) => path.test(file) && word.test(found[0]))) continue;
      hits += 1;
      console.log(`${file}:${index + 1}: "${found[0]}": write ${instead}`);
    }
  });
}
if (hits > 0) {
  console.error(`${hits} forbidden words or phrases`);
  process.exitCode = 1;
}
