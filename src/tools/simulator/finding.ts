import { type Consequence, type RuleId, rules, type Severity } from './rules.js';

/** A request that went wrong, what the client would do next, and the section that says how it should be. */
export interface Finding {
  readonly rule: RuleId;
  readonly severity: Severity;
  readonly stage: string;
  /** What the client was doing, such as `add members`; `check: ...` where the simulator looked for itself. */
  readonly step: string;
  readonly sent: Sent;
  readonly expected: string;
  readonly received: string;
  /** `RFC 7644 3.4.2`. */
  readonly reference: string;
  readonly consequence: Consequence;
  /** What the client would do next, in a sentence. */
  readonly next: string;
  /** How often it was met; the rest of the finding tells of the first time. */
  readonly times: number;
}

/** A request as the report shows it: no key, no password, long bodies shortened. */
export interface Sent {
  readonly method: string;
  /** Below the base URL. */
  readonly path: string;
  readonly body?: string | undefined;
}

/** What a client does otherwise than the table of rules says. */
export type OwnConsequences = Readonly<
  Partial<Record<RuleId, { readonly consequence?: Consequence; readonly next: string; readonly severity?: Severity }>>
>;

/** What is known of a finding where it is met; the rest is in the table of rules. */
export interface Met {
  readonly rule: RuleId;
  readonly step: string;
  readonly sent: Sent;
  readonly expected: string;
  readonly received: string;
  /** Findings that differ in nothing but the resource are one: this tells apart what else may differ. */
  readonly about?: string | undefined;
  readonly severity?: Severity | undefined;
}

/** Findings in the order in which they were first met, each once. */
export interface FindingLog {
  add(stage: string, met: Met): void;
  list(): readonly Finding[];
}

/** @param clientName stands in the sentences of consequences */
export function findingLog(clientName: string, own: OwnConsequences): FindingLog {
  const findings = new Map<string, Finding>();
  return {
    add(stage, { rule, step, sent, expected, received, about, severity }) {
      const key = JSON.stringify([rule, step, about, severity]);
      const known = findings.get(key);
      if (known !== undefined) {
        findings.set(key, { ...known, times: known.times + 1 });
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
