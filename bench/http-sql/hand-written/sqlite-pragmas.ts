// Both servers open SQLite in the same way. A commit waits for no disk: that would be all that is measured.
import type Sqlite from 'libsql';

export function applyPragmas(sqlite: Sqlite.Database): void {
  sqlite.pragma('journal_mode = wal');
  sqlite.pragma('synchronous = normal');
  sqlite.pragma('busy_timeout = 5000');
  sqlite.pragma('foreign_keys = on');
  // Pages are read from the file without copying them: a scan takes about half of the time.
  sqlite.pragma('mmap_size = 1073741824');
}
