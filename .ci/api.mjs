// The public types of each subpath of the package, in docs/api: `--write` writes them; without it every difference
// from what is committed is shown, and the exit code is 1.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';
import ts from 'typescript';

const root = new URL('..', import.meta.url).pathname;
const isWritten = process.argv.includes('--write');
const work = join(root, 'coverage/api');
const folder = join(root, 'docs/api');

const { options } = ts.parseJsonConfigFileContent(
  ts.readConfigFile(join(root, 'tsconfig.json'), (name) => ts.sys.readFile(name)).config,
  ts.sys,
  root,
);
/** Name of each subpath, and the source that it stands for. */
const entries = Object.entries(options.paths).map(([name, [source]]) => [
  name.replace(/^express-scim\/?/, '') || 'index',
  source.replace(/^\.\//, ''),
]);

rmSync(work, { recursive: true, force: true });
mkdirSync(join(work, 'reports'), { recursive: true });
mkdirSync(folder, { recursive: true });
const program = ts.createProgram(
  entries.map(([, source]) => join(root, source)),
  {
    ...options,
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: root,
    outDir: join(work, 'types'),
  },
);
program.emit();

let differences = 0;
for (const [name, source] of entries) {
  const report = `${name}.api.md`;
  extract(name, join(work, 'types', source.replace(/\.tsx?$/, '.d.ts')));
  const now = join(work, 'reports', report);
  const committed = join(folder, report);
  if (isWritten) copyFileSync(now, committed);
  else if (!existsSync(committed) || readFileSync(now, 'utf8') !== readFileSync(committed, 'utf8')) {
    differences += 1;
    const before = existsSync(committed) ? committed : '/dev/null';
    spawnSync('git', ['--no-pager', 'diff', '--no-index', '--', before, now], { stdio: 'inherit' });
  }
}
rmSync(work, { recursive: true, force: true });
if (differences > 0) {
  console.error('The public types differ from docs/api. If that is meant, run `npm run api` and commit the result.');
  process.exitCode = 1;
}

function extract(name, entry) {
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: entry,
      newlineKind: 'lf',
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            module: 'NodeNext',
            moduleResolution: 'NodeNext',
            target: 'ES2022',
            lib: ['ES2023'],
            types: ['node'],
            strict: true,
            skipLibCheck: true,
          },
          files: [entry],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: name,
        reportFolder: join(work, 'reports'),
        reportTempFolder: join(work, 'temporary'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: 'none' } },
        tsdocMessageReporting: { default: { logLevel: 'none' } },
        extractorMessageReporting: {
          default: { logLevel: 'none' },
          'ae-forgotten-export': { logLevel: 'none', addToApiReportFile: true },
        },
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(root, 'package.json'),
  });
  const { succeeded } = Extractor.invoke(config, {
    localBuild: true,
    messageCallback: (message) => {
      if (message.logLevel !== 'error') message.logLevel = 'none';
    },
  });
  if (!succeeded) throw new Error(`The types of ${name} cannot be read.`);
}
