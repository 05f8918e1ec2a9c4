import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/**
 * What each module may import; `errors.ts`, `limits.ts` and `documentation.ts` are open to all of them. CONTRIBUTING.md
 * shows the same table. A module that has no line here (the root files of `src`) may import everything.
 */
const mayImport = {
  contract: [],
  schema: ['contract', 'quirks'],
  quirks: [],
  protocol: ['contract', 'schema', 'quirks'],
  auth: ['contract'],
  database: ['contract', 'schema'],
  stores: ['contract', 'schema', 'database'],
  lifecycle: ['contract', 'schema', 'quirks', 'database', 'hooks.ts'],
  options: ['contract', 'schema', 'quirks', 'auth', 'lifecycle', 'hooks.ts', 'options.ts'],
  operations: ['contract', 'schema', 'quirks', 'protocol', 'auth', 'lifecycle', 'hooks.ts'],
  http: ['contract', 'schema', 'quirks', 'protocol', 'auth', 'lifecycle', 'operations', 'hooks.ts'],
  testing: ['contract', 'schema', 'protocol', 'stores', 'lifecycle', 'admin', 'events'],
  admin: ['contract', 'schema', 'quirks', 'auth', 'database', 'lifecycle', 'http', 'hooks.ts'],
  jwt: ['contract', 'auth', 'http'],
  events: ['contract', 'schema', 'database', 'lifecycle'],
  otel: ['contract', 'hooks.ts'],
  openapi: ['contract', 'schema', 'operations', 'options', 'options.ts'],
  tools: ['openapi', 'contract/option-mistakes.ts', 'contract/nearest.ts', 'contract/is-object.ts'],
};
const everyone = ['errors.ts', 'limits.ts', 'documentation.ts'];

const zones = Object.entries(mayImport).map(([module, allowed]) => ({
  target: `./src/${module}`,
  from: './src',
  // Tools speak HTTP only: not even the errors of the library.
  except: [module, ...allowed, ...(module === 'tools' ? [] : everyone)].map((each) => `./${each}`),
  message: `src/${module} may import ${[module, ...allowed].join(', ')}: see CONTRIBUTING.md.`,
}));

/** What names the mistakes in options: the tools, which speak HTTP only, import nothing else of `contract`. */
const optionChecks = mayImport.tools.filter((path) => path.startsWith('contract/'));

/** Inside `tools` the command line may import everything, the other modules only `wire`, and what checks options. */
for (const module of ['wire', 'conformance', 'simulator', 'doctor']) {
  zones.push({
    target: `./src/tools/${module}`,
    from: './src',
    except: [...new Set([`./tools/${module}`, './tools/wire', ...optionChecks.map((file) => `./${file}`)])],
    message: `src/tools/${module} may import only src/tools/wire and what checks options.`,
  });
}
/** The same inside `src/stores`: what stores share is in `sql` and in the files beside these folders. */
const storesMayImport = { memory: [], over: [], sql: [], 'built-in': ['sql'], mapped: ['sql'], mongodb: [] };

const storeZones = Object.entries(storesMayImport).map(([store, allowed]) => ({
  target: `./src/stores/${store}`,
  from: Object.keys(storesMayImport)
    .filter((other) => other !== store && !allowed.includes(other))
    .map((other) => `./src/stores/${other}`),
  message: `src/stores/${store} may import ${['files of src/stores', ...allowed].join(', ')}: see CONTRIBUTING.md.`,
}));

export default tseslint.config(
  {
    ignores: [
      'dist',
      'coverage',
      'node_modules',
      'docs/.vitepress',
      'docs/node_modules',
      'examples/orm/prisma/generated',
    ],
  },
  ...tseslint.configs.strict,
  {
    files: ['**/*.ts', '**/*.tsx'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [
        importX.createNodeResolver({
          extensions: ['.ts', '.tsx', '.js'],
          extensionAlias: { '.js': ['.ts', '.tsx', '.js'] },
        }),
      ],
    },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones: [...zones, ...storeZones] }],
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'import-x/no-duplicates': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/await-thenable': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-dynamic-delete': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/unified-signatures': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: [
      'test/soak/**',
      'test/hostile/**',
      'test/browser/**',
      'examples/**',
      'bench/**',
      'src/tools/cli/**',
      '.ci/**',
    ],
    rules: { 'no-console': 'off' },
  },
  { files: ['**/*.js', '**/*.mjs'], extends: [tseslint.configs.disableTypeChecked] },
);
