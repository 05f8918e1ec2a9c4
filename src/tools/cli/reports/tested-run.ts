import type { AuditReport, Mode } from '../../conformance/index.js';

/** A run of audits, and over what. */
export interface AuditedRun {
  readonly url: string;
  readonly mode: Mode;
  readonly started: Date;
  readonly report: AuditReport;
}

/** The features in the order of the catalogue, each with its results. */
export function byFeature(report: AuditReport): ReadonlyMap<string, AuditReport['results']> {
  const features = new Map<string, AuditReport['results'][number][]>();
  for (const result of report.results) {
    const others = features.get(result.feature);
    if (others === undefined) features.set(result.feature, [result]);
    else others.push(result);
  }
  return features;
}

/** Results of one outcome. */
export function countOf(results: AuditReport['results'], status: AuditReport['results'][number]['status']): number {
  return results.filter((result) => result.status === status).length;
}
