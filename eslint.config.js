import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/**
 * Imports go one way: http -> operations -> (protocol, compat, lifecycle, store) -> schema. A room lists what it may
 * not import; errors.ts, limits.ts, and the contract's types are everybody's.
 */
const rooms = {
  admin: ['protocol', 'operations', 'audit', 'simulator', 'testing', 'cli', 'store/memory'],
  schema: [
    'protocol',
    'lifecycle',
    'operations',
    'http',
    'auth',
    'audit',
    'testing',
    'cli',
    'store/memory',
    'store/select.ts',
  ],
  protocol: ['lifecycle', 'operations', 'http', 'auth', 'audit', 'testing', 'cli', 'store/memory'],
  compat: ['protocol', 'lifecycle', 'operations', 'http', 'auth', 'audit', 'testing', 'cli', 'store'],
  lifecycle: ['operations', 'http', 'auth', 'audit', 'testing', 'cli', 'store/memory', 'offboarding'],
  offboarding: ['protocol', 'compat', 'operations', 'http', 'auth', 'audit', 'testing', 'cli', 'store/memory'],
  store: ['operations', 'http', 'auth', 'audit', 'testing', 'cli', 'lifecycle', 'offboarding', 'protocol'],
  operations: ['http', 'audit', 'testing', 'cli', 'store/memory'],
  auth: ['operations', 'http', 'audit', 'testing', 'cli', 'protocol', 'store/memory'],
  http: ['audit', 'testing', 'cli', 'store/memory'],
  cli: [
    'schema',
    'protocol',
    'lifecycle',
    'operations',
    'http',
    'auth',
    'compat',
    'store',
    'testing',
    'errors.ts',
    'options.ts',
    'router.ts',
  ],
  audit: ['schema', 'protocol', 'lifecycle', 'operations', 'http', 'auth', 'compat', 'store', 'testing', 'cli'],
  doctor: ['schema', 'protocol', 'lifecycle', 'operations', 'http', 'auth', 'compat', 'store', 'testing', 'cli'],
  simulator: ['schema', 'protocol', 'lifecycle', 'operations', 'http', 'auth', 'compat', 'store', 'testing', 'cli'],
};

const zones = Object.entries(rooms).map(([room, forbidden]) => ({
  target: `./src/${room}`,
  from: forbidden
    .map((each) => `./src/${each}`)
    .filter((path) => existsSync(fileURLToPath(new URL(path, import.meta.url)))),
  message: 'Imports go one way: http -> operations -> (protocol, compat, lifecycle, store) -> schema.',
}));

export default tseslint.config(
  { ignores: ['dist', 'coverage', 'node_modules'] },
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
      'import-x/no-restricted-paths': ['error', { zones }],
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
    files: ['test/soak/**', 'test/browser/**', 'examples/**', 'bench/**', 'src/cli/**', '.ci/**'],
    rules: { 'no-console': 'off' },
  },
  { files: ['**/*.js', '**/*.mjs'], extends: [tseslint.configs.disableTypeChecked] },
);
