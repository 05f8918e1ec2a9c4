import { describe, expect, it } from '@jest/globals';
import { RequestWork } from '../../src/operations/request-work.js';

const later = (): number => 60_000;
const stopped = (): number => 0;

describe('the work of a request', () => {
  it('allows what is within the total', () => {
    const work = new RequestWork(100_000, later(), stopped);
    for (let i = 0; i < 100; i++) work.spend(1_000);
  });

  it('refuses with tooMany what exceeds the total, however small its parts', () => {
    const work = new RequestWork(100_000, later(), stopped);
    expect(() => {
      for (let i = 0; i < 200_000; i++) work.spend(1);
    }).toThrow(expect.objectContaining({ status: 400, scimType: 'tooMany' }));
  });

  it('refuses every charge once the total is used up', () => {
    const work = new RequestWork(100_000, later(), stopped);
    expect(() => work.spend(100_001)).toThrow(expect.objectContaining({ scimType: 'tooMany' }));
    expect(() => work.spend(1)).toThrow(expect.objectContaining({ scimType: 'tooMany' }));
  });

  it('refuses one charge that exceeds the total', () =>
    expect(() => new RequestWork(100_000, later(), stopped).spend(1e9)).toThrow(
      expect.objectContaining({ status: 400 }),
    ));

  it('is 503 once the deadline has passed', () =>
    expect(() => new RequestWork(1e9, -1, stopped).spend(20_000)).toThrow(expect.objectContaining({ status: 503 })));

  it('refuses work that goes on too long without a pause', () =>
    expect(() => {
      const work = new RequestWork(1e12, later(), stopped);
      for (let i = 0; i < 2_000; i++) work.spend(10_000);
    }).toThrow(expect.objectContaining({ scimType: 'tooMany' })));

  it('lets others run at a pause after a long slice, and then goes on', async () => {
    let time = 0;
    const work = new RequestWork(1e12, later(), () => time);
    for (let slice = 0; slice < 4; slice++) {
      for (let i = 0; i < 390; i++) work.spend(10_000);
      time += 12;
      let ran = false;
      setImmediate(() => {
        ran = true;
      });
      await work.pause();
      expect(ran).toBe(true);
    }
  });

  it('allows any amount of work with pauses, however little time it takes', async () => {
    const work = new RequestWork(1e12, later(), stopped);
    for (let part = 0; part < 2_000; part++) {
      work.spend(100_000);
      await work.pause();
    }
  });

  it('costs nothing to pause in a short slice', () =>
    expect(new RequestWork(1, later(), stopped).pause()).toBeUndefined());
});
