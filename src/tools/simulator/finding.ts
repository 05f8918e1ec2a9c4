import { type Consequence, type RuleId, rules, type Severity } from './rules.js';

/** A request with an unexpected result, what the client would do next, and the section that defines the correct result. */
export interface Finding {
  readonly rule: RuleId;
  readonly severity: Severity;
  readonly stage: string;
  /** What the client was doing, such as `add members`; `check: ...` for a read of the simulator itself. */
  readonly step: string;
  readonly sent: Sent;
  readonly expected: string;
  readonly received: string;
  /** `RFC 7644 3.4.2`. */
  readonly reference: string;
  readonly consequence: Consequence;
  /** What the client would do next, in a sentence. */
  readonly next: string;
  /** Number of occurrences; the rest of the finding describes the first. */
  readonly times: number;
}

/** A request as the report shows it: no key, no password, long bodies shortened. */
export interface Sent {
  readonly method: string;
  /** Below the base URL. */
  readonly path: string;
  readonly body?: string | undefined;
}

/** Where the consequences for a client differ from the table of rules. */
export type OwnConsequences = Readonly<
  Partial<Record<RuleId, { readonly consequence?: Consequence; readonly next: string; readonly severity?: Severity }>>
>;

/** One occurrence of a finding; the rest is in the table of rules. */
export interface Met {
  readonly rule: RuleId;
  readonly step: string;
  readonly sent: Sent;
  readonly expected: string;
  readonly received: string;
  /** Occurrences that differ only in the resource are one finding: this separates those that differ otherwise. */
  readonly about?: string | undefined;
  readonly severity?: Severity | undefined;
}

/** Findings in the order of their first occurrence, each once. */
export interface FindingLog {
  add(stage: string, met: Met): void;
  list(): readonly Finding[];
}

/** @param clientName replaces `{client}` in the consequences */
export function findingLog(clientName: string, own: OwnConsequences): FindingLog {
  const findings = new Map<string, Finding>();
  return {
    add(stage, { rule, step, sent, expected, received, about, severity }) {
      const key = JSON.stringify([rule, step, about, severity]);
      const existing = findings.get(key);
      if (existing !== undefined) {
        findings.set(key, { ...existing, times: existing.times + 1 });
        return;
      }
      const general = rules[rule];
      const special = own[rule];
      findings.set(key, {
        rule,
        severity: severity ?? special?.severity ?? general.severity,
        stage,
        step,
        sent,
        expected,
        received,
        reference: general.reference,
        consequence: special?.consequence ?? general.consequence,
        next: (special?.next ?? general.next).replaceAll('{client}', clientName),
        times: 1,
      });
    },
    list: () => [...findings.values()],
  };
}
