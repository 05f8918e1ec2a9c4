// Keeps the figures of a run in bench/results/http-sql.json, beside those of other engines and sizes.
import { execFileSync } from 'node:child_process';
import { keep, kept, type MeasuredAt } from '../results.mjs';
import type { EqualityFigure } from './equality.js';
import type { FirstSynchronization } from './first-synchronization.js';
import type { Measured } from './measure.js';
import type { Engine } from './server-options.js';

/** What one run has measured. Whatever is missing could not be measured. */
export interface Figures {
  readonly at: MeasuredAt;
  /** Hash of the source that was measured. */
  readonly source: string;
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

/** The source as it is committed; whether it has changes is in `at`. */
export function sourceHash(): string {
  return execFileSync('git', ['rev-parse', '--short', 'HEAD:src'], { encoding: 'utf8' }).trim();
}

/** Replaces the runs of the same engine that are of the same size, or of another source. */
export function storeFigures(figures: Figures): void {
  const { runs = [] } = (kept(file) ?? {}) as { readonly runs?: readonly Figures[] };
  const { engine, size, source } = figures;
  const others = runs.filter((run) => run.engine !== engine || (run.size !== size && run.source === source));
  keep(file, { runs: [...others, figures] });
}
