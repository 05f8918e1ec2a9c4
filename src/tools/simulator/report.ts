import type { Confidence } from './client.js';
import type { ClientId } from './clients/index.js';
import type { Finding } from './finding.js';

/** Part of every report. */
export const disclaimer =
  'The simulator is modeled on public documentation, recorded traffic and open source. It is not certified by any vendor, and the real client may behave differently.';

/** What a simulated client experienced with a server. */
export interface SimulationReport {
  readonly client: ClientId;
  readonly name: string;
  readonly confidence: Confidence;
  /** Parts of the client that are only inferred from setup guides. */
  readonly reconstructed: readonly string[];
  /** Public documents and code that the simulated client follows. */
  readonly sources: readonly string[];
  readonly disclaimer: string;
  readonly baseUrl: string;
  readonly users: number;
  readonly groups: number;
  readonly concurrency: number;
  /** The same seed gives the same directory, apart from the names that contain `run`. */
  readonly seed: number;
  /** 8 hexadecimal digits, part of the name of everything that the run created. */
  readonly run: string;
  readonly stages: readonly StageOutcome[];
  readonly findings: readonly Finding[];
  readonly requests: number;
  /** Requests that were sent again after a 5xx, a 429 or no response. */
  readonly retried: number;
  /** Responses with 429. */
  readonly throttled: number;
  /** Paths of resources that the simulator could not delete at the end, or kept because of `keep`. */
  readonly leftBehind: readonly string[];
  readonly milliseconds: number;
  /** True when no finding is an error. */
  readonly passed: boolean;
}

/** One stage of a run, such as `first cycle: users`. */
export interface StageOutcome {
  readonly name: string;
  /** `skipped`: earlier stages created nothing that this one needs. `stopped`: `signal` ended the run. */
  readonly outcome: 'played' | 'skipped' | 'stopped';
  readonly requests: number;
  readonly milliseconds: number;
  readonly errors: number;
  readonly warnings: number;
}
