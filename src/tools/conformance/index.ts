/** Conformance audits: `runAudits` finds out over HTTP how far any SCIM server keeps the standards. */
export type { ConformanceTest, TestContext, Capability, Level, Mode } from './conformance-test.js';
export { conformanceTests } from './catalog.js';
export {
  prepareConformanceTests,
  runConformanceTests,
  type TestOutcome,
  type ConformanceReport,
  type TestResult,
  type ConformanceOptions,
  type ConformanceTarget,
} from './run.js';
export * from '../simulator/index.js';
export { type DoctorFinding, runDoctor, type ExaminationTarget, type FindingLevel } from '../doctor/index.js';
