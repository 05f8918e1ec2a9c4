import type { ConformanceReport, Mode } from '../../index.js';

/** A run of the conformance tests, and its server. */
export interface TestedRun {
  readonly url: string;
  readonly mode: Mode;
  readonly started: Date;
  readonly report: ConformanceReport;
}

/** The features in the order of the catalog, each with its results. */
export function byFeature(report: ConformanceReport): ReadonlyMap<string, ConformanceReport['results']> {
  const features = new Map<string, ConformanceReport['results'][number][]>();
  for (const result of report.results) {
    const others = features.get(result.feature);
    if (others === undefined) features.set(result.feature, [result]);
    else others.push(result);
  }
  return features;
}

/** Results of one outcome. */
export function countOf(
  results: ConformanceReport['results'],
  status: ConformanceReport['results'][number]['status'],
): number {
  return results.filter((result) => result.status === status).length;
}
