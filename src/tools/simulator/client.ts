import type { Dialect } from './dialect.js';
import type { OwnConsequences } from './finding.js';
import type { Policy } from './session.js';
import type { Simulation } from './simulation.js';

/**
 * How the behavior of a simulated client is known: from the documentation of the vendor (`documented`), from recorded
 * traffic (`observed`), from the code of the client (`source-code`), or inferred from setup guides (`reconstructed`).
 */
export type Confidence = 'documented' | 'observed' | 'source-code' | 'reconstructed';

/** A simulated client: its behavior, and the stages of its life. */
export interface Client {
  readonly id: string;
  readonly name: string;
  readonly confidence: Confidence;
  /** Parts that are inferred from setup guides only, whatever the confidence of the rest. */
  readonly reconstructed: readonly string[];
  /** Public documents and code that the simulation follows. */
  readonly sources: readonly string[];
  readonly policy: Policy;
  readonly dialect: Dialect;
  /** Where its consequences differ from the table of rules. */
  readonly consequences: OwnConsequences;
  /** In the order in which they run. */
  readonly stages: readonly Stage[];
}

/** One stage in the life of a client. */
export interface Stage {
  readonly name: string;
  /** Depends on no earlier stage: runs even when no user could be created. */
  readonly first?: boolean | undefined;
  play(simulation: Simulation): Promise<void>;
}
