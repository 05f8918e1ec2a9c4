import type { Prober } from './probe.js';

/** How much a finding matters: a `problem` stops or breaks provisioning, a `warning` will one day. */
export type FindingLevel = 'ok' | 'warning' | 'problem';

/** What the doctor has found out. */
export interface DoctorFinding {
  readonly check: string;
  readonly title: string;
  readonly level: FindingLevel;
  /** What was seen. */
  readonly seen: string;
  /** What to do; empty where nothing is to be done. */
  readonly remedy: string;
}

type Verdict = Pick<DoctorFinding, 'level' | 'seen'> & { readonly remedy?: string };

/** One thing that the doctor looks at. */
export interface Check {
  readonly id: string;
  readonly title: string;
  /** True: it creates something, and takes it away again. */
  readonly writes?: boolean;
  run(prober: Prober): Promise<Verdict | readonly Verdict[]>;
}

export const ok = (seen: string): Verdict => ({ level: 'ok', seen });
export const warning = (seen: string, remedy: string): Verdict => ({ level: 'warning', seen, remedy });
export const problem = (seen: string, remedy: string): Verdict => ({ level: 'problem', seen, remedy });
