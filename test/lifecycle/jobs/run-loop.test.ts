import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { failureText } from '../../../src/lifecycle/jobs/failure-text.js';
import { retryDelay } from '../../../src/lifecycle/jobs/retry-delay.js';
import { RunLoop, type RunLoopOptions } from '../../../src/lifecycle/jobs/run-loop.js';
import { within } from '../../../src/lifecycle/jobs/within.js';

/** A loop whose rounds make the given numbers of attempts, then none. `held`: each round waits for `release`. */
function loopOf(attempts: readonly number[], options: Partial<RunLoopOptions> & { held?: boolean } = {}) {
  const left = [...attempts];
  const state = { rounds: 0, release: (): void => undefined, errors: [] as unknown[] };
  const loop = new RunLoop({
    intervalMilliseconds: 1_000,
    round: async () => {
      state.rounds += 1;
      if (options.held === true) await new Promise<void>((resolve) => (state.release = resolve));
      return left.shift() ?? 0;
    },
    onError: (error) => state.errors.push(error),
    ...options,
  });
  return { loop, state };
}

describe('run loop', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  /** Lets promises settle that wait for no timer. */
  const settle = () => jest.advanceTimersByTimeAsync(0);

  it('runs rounds until one makes no attempt, and returns how many attempts they made', async () => {
    const { loop, state } = loopOf([2, 1]);
    await expect(loop.run()).resolves.toBe(3);
    expect(state.rounds).toBe(3);
  });

  it('looks again where a call came during a run, and gives both callers the same run', async () => {
    const { loop, state } = loopOf([0, 4], { held: true });
    const first = loop.run();
    await settle();
    const second = loop.run();
    expect(second).toBe(first);
    for (let rounds = 1; rounds <= 3; rounds++) {
      expect(state.rounds).toBe(rounds);
      state.release();
      await settle();
    }
    await expect(first).resolves.toBe(4);
  });

  it('tells a waiting round about a call', async () => {
    let rounds = 0;
    const { loop } = loopOf([], {
      round: async (nextCall) => {
        rounds += 1;
        if (rounds === 1) await nextCall;
        return 0;
      },
    });
    const run = loop.run();
    await settle();
    expect(rounds).toBe(1);
    void loop.run();
    await expect(run).resolves.toBe(0);
    expect(rounds).toBe(2);
  });

  it('runs at start and at each interval, and not after stop', async () => {
    const { loop, state } = loopOf([]);
    loop.start();
    await settle();
    expect(state.rounds).toBe(1);
    loop.start();
    await settle();
    expect(state.rounds).toBe(2);
    await jest.advanceTimersByTimeAsync(2_000);
    expect(state.rounds).toBe(4);
    await loop.stop();
    expect(jest.getTimerCount()).toBe(0);
    loop.nudge();
    await jest.advanceTimersByTimeAsync(5_000);
    expect(state.rounds).toBe(4);
  });

  it('runs when nudged while it is started, and only then', async () => {
    const { loop, state } = loopOf([]);
    loop.nudge();
    await settle();
    expect(state.rounds).toBe(0);
    loop.start();
    await settle();
    loop.nudge();
    await settle();
    expect(state.rounds).toBe(2);
    await loop.stop();
  });

  it('is stopping until the run has ended, and stop waits for that', async () => {
    const { loop, state } = loopOf([0], { held: true });
    const run = loop.run();
    await settle();
    let isStopped = false;
    const stopped = loop.stop().then(() => (isStopped = true));
    await settle();
    expect([loop.isStopping, isStopped]).toEqual([true, false]);
    state.release();
    await Promise.all([run, stopped]);
    expect([loop.isStopping, isStopped]).toEqual([false, true]);
  });

  it('reports a failed round of the interval, and goes on; one that throws in the report too', async () => {
    const failure = new Error('no database');
    const errors: unknown[] = [];
    const { loop } = loopOf([], {
      round: () => Promise.reject(failure),
      onError: (error) => {
        errors.push(error);
        throw new Error('no logger');
      },
    });
    loop.start();
    await settle();
    await jest.advanceTimersByTimeAsync(1_000);
    expect(errors).toEqual([failure, failure]);
    await loop.stop();
  });

  it('gives the failure of a round to the caller of run, and runs again afterwards', async () => {
    let isDown = true;
    const { loop, state } = loopOf([], {
      round: () => (isDown ? Promise.reject(new Error('down')) : Promise.resolve(0)),
    });
    await expect(loop.run()).rejects.toThrow('down');
    expect(state.errors).toEqual([]);
    isDown = false;
    await expect(loop.run()).resolves.toBe(0);
  });
});

describe('attempts of jobs', () => {
  it('doubles the delay up to a maximum, less up to a quarter', () => {
    const expected = [100, 200, 400, 800, 1_000, 1_000];
    expected.forEach((longest, i) => {
      const delay = retryDelay(i + 1, 100, 1_000);
      expect(delay).toBeGreaterThanOrEqual(longest * 0.75);
      expect(delay).toBeLessThanOrEqual(longest);
    });
    expect(retryDelay(5_000, 100, 1_000)).toBeLessThanOrEqual(1_000);
    expect(retryDelay(5_000, 0, 1_000)).toBe(0);
  });

  it('stores the start of an error message, in text that every database accepts', () => {
    expect(failureText(new Error(`a\0b\ud800${'c'.repeat(600)}`), 'unused')).toBe(`a\ufffdb\ufffd${'c'.repeat(496)}`);
    expect(failureText('a text with a value', 'It failed.')).toBe('It failed.');
  });

  describe('within a time limit', () => {
    beforeEach(() => void jest.useFakeTimers());
    afterEach(() => void jest.useRealTimers());

    it('returns what is done in time, and leaves no timer', async () => {
      await expect(within(Promise.resolve(1), 50, () => new Error('late'))).resolves.toBe(1);
      expect(jest.getTimerCount()).toBe(0);
    });

    it('rejects when the time is over', async () => {
      const late = expect(within(new Promise(() => undefined), 50, () => new Error('late'))).rejects.toThrow('late');
      await jest.advanceTimersByTimeAsync(50);
      await late;
    });
  });
});
