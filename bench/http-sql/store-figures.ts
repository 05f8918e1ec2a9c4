// Keeps the figures of a run in bench/results/http-sql.json, beside those of other engines and sizes.
import { keep, kept, type MeasuredAt } from '../results.mjs';
import type { EqualityFigure } from './equality.js';
import type { FirstSynchronization } from './first-synchronization.js';
import type { Measured } from './measure.js';
import type { Engine } from './server-options.js';

/** What one run has measured. Whatever is missing could not be measured. */
export interface Figures {
  readonly at: MeasuredAt;
  readonly engine: Engine;
  /** Version and settings of the database. */
  readonly version: string;
  readonly size: number;
  readonly rounds: number;
  /** Of a server in a round. */
  readonly milliseconds: number;
  readonly pool: number;
  /** Bytes of a user, indexes included, by server. */
  readonly storage: Readonly<Record<string, number>>;
  readonly rows: readonly WorkFigures[];
  readonly equality: readonly EqualityFigure[];
  readonly first?: FirstSynchronization;
  /** What failed, with the reason. */
  readonly failures: readonly string[];
}

/** A row of the table of works. */
export interface WorkFigures {
  readonly name: string;
  readonly title: string;
  /** The rate that ours must reach, relative to the hand-written app. */
  readonly target?: number;
  /** Users that one request creates. */
  readonly creates?: number;
  readonly writes?: boolean;
  /** Empty where the work was not measured, such as a large group in small tables. */
  readonly results: readonly Measured[];
}

const file = 'http-sql';

/** Replaces the run of the same engine and size. Others stay: each names the commit that it measured. */
export function storeFigures(figures: Figures): void {
  const { runs = [] } = (kept(file) ?? {}) as { readonly runs?: readonly Figures[] };
  const { engine, size } = figures;
  keep(file, { runs: [...runs.filter((run) => run.engine !== engine || run.size !== size), figures] });
}
