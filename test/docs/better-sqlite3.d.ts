// The ORM page imports this package, which is not installed. `libsql` has the same methods, and its types are those of it.
declare module 'better-sqlite3' {
  import Database from 'libsql';
  export = Database;
}
