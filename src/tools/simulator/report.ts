import type { Confidence } from './client.js';
import type { ClientId } from './clients/index.js';
import type { Finding } from './finding.js';

/** Stands in every report. */
export const disclaimer =
  'The simulator is modeled on public documentation, recorded traffic and open source. It is not certified by any vendor, and the real client may behave otherwise.';

/** What a client met on a server. */
export interface SimulationReport {
  readonly client: ClientId;
  readonly name: string;
  readonly confidence: Confidence;
  /** Parts that are pieced together from pages about the set-up. */
  readonly reconstructed: readonly string[];
  readonly sources: readonly string[];
  readonly disclaimer: string;
  readonly baseUrl: string;
  readonly users: number;
  readonly groups: number;
  readonly concurrency: number;
  /** Gives the same directory again, but for the names of the run. */
  readonly seed: number;
  /** Stands in the name of everything that the run created. */
  readonly run: string;
  readonly stages: readonly StageOutcome[];
  readonly findings: readonly Finding[];
  readonly requests: number;
  /** Requests that were sent again after a 5xx, a 429 or no answer. */
  readonly retried: number;
  readonly throttled: number;
  /** Paths of what the simulator could not delete at its end, or was told to keep. */
  readonly left: readonly string[];
  readonly milliseconds: number;
  /** No finding is an error. */
  readonly passed: boolean;
}

export interface StageOutcome {
  readonly name: string;
  /** `skipped`: nothing was created that it could be played with. `stopped`: the run was ended. */
  readonly outcome: 'played' | 'skipped' | 'stopped';
  readonly requests: number;
  readonly milliseconds: number;
  readonly errors: number;
  readonly warnings: number;
}
