/** The identity provider simulator: plays the life of a SCIM client against any server, over HTTP. */
export type { Confidence } from './client.js';
export { clientFacts, type ClientId, clientIds, isClientId } from './clients/index.js';
export {
  type Fixture,
  type FixtureProblem,
  type FixtureRequest,
  type FixtureSeverity,
  type FixtureStep,
  type FixtureTarget,
  replayFixture,
} from './fixture.js';
export type { Finding, Sent } from './finding.js';
export { disclaimer, type SimulationReport, type StageOutcome } from './report.js';
export type { Consequence, RuleId, Severity } from './rules.js';
export { simulate, type SimulationOptions, type SimulationProgress } from './run.js';
