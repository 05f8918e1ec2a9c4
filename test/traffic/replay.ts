import {
  type Fixture,
  type FixtureProblem,
  type FixtureTarget,
  replayFixture,
} from '../../src/tools/simulator/fixture.js';

export type { Fixture };

/** Plays a fixture and gives what was not as expected; nothing where all was. */
export function replay(fixture: Fixture, target: FixtureTarget): Promise<readonly FixtureProblem[]> {
  return replayFixture(target, fixture);
}
