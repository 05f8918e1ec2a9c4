// Installs the packages of package-lock.json unless they are up to date, so that `npm start` and `npm test` work on a
// fresh clone.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';

const installed = 'node_modules/.package-lock.json';
const locked = 'package-lock.json';

/** A copied folder has new times: then the versions decide. */
function isStale() {
  if (!existsSync(installed)) return true;
  if (statSync(installed).mtimeMs >= statSync(locked).mtimeMs) return false;
  const [have, wanted] = [installed, locked].map((file) => JSON.parse(readFileSync(file, 'utf8')).packages ?? {});
  return Object.entries(wanted).some(([path, { version, optional, devOptional }]) => {
    // Optional packages of other platforms are not installed.
    if (path === '' || ((optional || devOptional) && have[path] === undefined)) return false;
    return have[path]?.version !== version;
  });
}

if (isStale()) {
  console.error('Installing dependencies; this takes about a minute.');
  const npm = process.env['npm_execpath'];
  const [command, args] = npm === undefined ? ['npm', ['ci']] : [process.execPath, [npm, 'ci']];
  // Standard output is for programs that read the output of the example.
  const { status } = spawnSync(command, args, { stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
}
