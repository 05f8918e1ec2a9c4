// Keeps the figures of a run in bench/results/http-sql.json, beside those of other engines and sizes.
import { keep, kept, type MeasuredAt } from '../results.mjs';
import type { Measured } from './measure.js';
import type { Engine } from './server-options.js';

export interface Figures {
  readonly at: MeasuredAt;
  readonly engine: Engine;
  /** Version and settings of the database. */
  readonly version: string;
  readonly size: number;
  readonly rounds: number;
  readonly milliseconds: number;
  readonly pool: number;
  /** Bytes of a user, indexes included, by server. */
  readonly storage: Readonly<Record<string, number>>;
  readonly rows: readonly { readonly name: string; readonly results: readonly Measured[] }[];
}

const file = 'http-sql';

export function storeFigures(figures: Figures): void {
  const { runs = [] } = (kept(file) ?? {}) as { readonly runs?: readonly Figures[] };
  const others = runs.filter(({ engine, size }) => engine !== figures.engine || size !== figures.size);
  keep(file, { runs: [...others, figures] });
}
