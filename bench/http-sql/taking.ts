import type { ContestantName } from './command.js';
import type { BenchServer } from './start-server.js';
import type { Data } from './work.js';

/** A server that takes part in a run, with its data. */
export interface Taking {
  readonly name: ContestantName;
  readonly tables: string;
  readonly server: BenchServer;
  readonly data: Data;
}
