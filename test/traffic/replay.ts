import {
  type Fixture,
  type FixtureProblem,
  type FixtureTarget,
  replayFixture,
} from '../../src/tools/simulator/fixture.js';

export type { Fixture };

/** Plays a fixture, and returns what was not as expected. */
export function replay(fixture: Fixture, target: FixtureTarget): Promise<readonly FixtureProblem[]> {
  return replayFixture(target, fixture);
}
