import type { WireClient } from '../wire/client.js';

/** How much a finding matters: a `problem` breaks provisioning now, a `warning` may break it later. */
export type FindingLevel = 'ok' | 'warning' | 'problem';

/** The outcome of one check. */
export interface DoctorFinding {
  /** ID of the check, such as `tls`; it stays the same between releases. */
  readonly check: string;
  readonly title: string;
  readonly level: FindingLevel;
  /** What the doctor observed. */
  readonly observed: string;
  /** How to fix it; empty for `ok`. */
  readonly remedy: string;
}

/** What a check found. `explainsAll`: the checks after it would only say the same, so they are not run. */
export type Verdict = Pick<DoctorFinding, 'level' | 'observed'> & {
  readonly remedy?: string;
  readonly explainsAll?: boolean;
};

/** One property of the service that the doctor checks. */
export interface Check {
  readonly id: string;
  readonly title: string;
  /** True: the check creates a resource, and deletes it again. */
  readonly writes?: boolean;
  run(client: WireClient): Promise<Verdict | readonly Verdict[]>;
}

export const ok = (observed: string): Verdict => ({ level: 'ok', observed });
export const warning = (observed: string, remedy: string): Verdict => ({ level: 'warning', observed, remedy });
export const problem = (observed: string, remedy: string): Verdict => ({ level: 'problem', observed, remedy });
export const blocker = (observed: string, remedy: string): Verdict => ({
  ...{ level: 'problem', observed, remedy, explainsAll: true },
});
