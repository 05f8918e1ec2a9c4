/**
 * Tools for any SCIM 2.0 server, over HTTP: conformance tests, a simulator of identity providers, and a doctor that
 * finds what would stop an identity provider from provisioning.
 *
 * @module
 */
export { conformanceTests } from './conformance/catalog.js';
export type { Capability, ConformanceTest, Level, Mode, TestContext } from './conformance/conformance-test.js';
export {
  type ConformanceOptions,
  type ConformanceReport,
  type ConformanceTarget,
  prepareConformanceTests,
  runConformanceTests,
  type TestOutcome,
  type TestResult,
} from './conformance/run.js';
export { type DoctorFinding, type DoctorTarget, type FindingLevel, runDoctor } from './doctor/index.js';
export type { Confidence } from './simulator/client.js';
export { clientFacts, type ClientId, clientIds } from './simulator/clients/index.js';
export type { Finding, Sent } from './simulator/finding.js';
export {
  type Fixture,
  type FixtureProblem,
  type FixtureRequest,
  type FixtureSeverity,
  type FixtureStep,
  type FixtureTarget,
  replayFixture,
} from './simulator/fixture.js';
export type { SimulationReport, StageOutcome } from './simulator/report.js';
export type { Consequence, RuleId, Severity } from './simulator/rules.js';
export { simulate, type SimulationOptions, type SimulationProgress } from './simulator/run.js';
