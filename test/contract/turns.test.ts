import { describe, expect, it } from '@jest/globals';
import { nextTurn } from '../../src/contract/turns.js';

describe('nextTurn', () => {
  it('lets one of those that wait go on in each round of the event loop, in the order in which they came', async () => {
    const log: string[] = [];
    const wait = async (name: string): Promise<void> => {
      await nextTurn();
      log.push(name);
    };
    const waiting = Promise.all(['a', 'b', 'c'].map(wait));
    const round = (): void => {
      log.push('round');
      if (log.length < 8) setImmediate(round);
    };
    setImmediate(round);
    await waiting;
    expect(log).toEqual(['a', 'round', 'b', 'round', 'c']);
  });

  it('gives those who come back their turn behind the others', async () => {
    const log: string[] = [];
    const wait = async (name: string, turns: number): Promise<void> => {
      for (let turn = 0; turn < turns; turn++) {
        await nextTurn();
        log.push(name);
      }
    };
    await Promise.all([wait('long', 3), wait('short', 1)]);
    await wait('later', 1);
    expect(log).toEqual(['long', 'short', 'long', 'long', 'later']);
  });

  it('gives one that holds what others wait for its turn before them', async () => {
    const log: string[] = [];
    const wait = async (name: string, turns: number, isUrgent: boolean): Promise<void> => {
      for (let turn = 0; turn < turns; turn++) {
        await nextTurn(isUrgent);
        log.push(name);
      }
    };
    await Promise.all([wait('a', 2, false), wait('b', 1, false), wait('transaction', 3, true)]);
    expect(log).toEqual(['transaction', 'transaction', 'transaction', 'a', 'b', 'a']);
  });
});
