/** Conformance audits: `runAudits` finds out over HTTP how far any SCIM server keeps the standards. */
export type { Audit, AuditContext, Capability, Level, Mode } from './conformance-test.js';
export { allAudits } from './catalogue.js';
export {
  prepareAudits,
  runAudits,
  type AuditOutcome,
  type AuditReport,
  type AuditResult,
  type AuditRunOptions,
  type AuditTarget,
} from './run.js';
export * from '../simulator/index.js';
export { type DoctorFinding, examine, type ExaminationTarget, type FindingLevel } from '../doctor/index.js';
