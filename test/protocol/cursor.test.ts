import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createCursors } from '../../src/protocol/cursor.js';
import { random } from '../random.js';

const secret = 'a secret of at least thirty-two bytes';
const state = { after: ['ada', 7, true, null, 'id'], count: 10 };

describe('cursors (RFC 9865)', () => {
  it('carry a position to every process that has the secret (9865-5.2-03)', () => {
    const cursor = createCursors([secret], 60).seal(state, 'binding');
    expect(createCursors([secret], 60).open(cursor, 'binding')).toEqual({ ...state, before: undefined });
    expect(createCursors(['another secret, also of thirty-two', secret], 60).open(cursor, 'binding')).toMatchObject(
      state,
    );
  });

  it('use only characters that a URI leaves alone, and hide what they hold (9865-2-02)', () => {
    const cursor = createCursors([secret], 60).seal(state, 'b');
    expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(Buffer.from(cursor, 'base64url').toString('latin1')).not.toContain('ada');
    expect(createCursors([secret], 60).seal(state, 'b')).not.toBe(cursor);
  });

  it('open for nothing but what they were made for, and say the same each time (9865-2.1-01, 9865-5.2-04)', () => {
    const cursors = createCursors([secret], 60);
    const cursor = cursors.seal({ before: ['x'], count: 3 }, 'tenant a');
    const flipped = cursor.slice(0, -1) + (cursor.endsWith('A') ? 'B' : 'A');
    const others = createCursors([], 60);
    const details = [
      () => cursors.open(cursor, 'tenant b'),
      () => cursors.open(flipped, 'tenant a'),
      () => cursors.open('garbage', 'tenant a'),
      () => cursors.open('', 'tenant a'),
      () => cursors.open('%%%', 'tenant a'),
      () => cursors.open('A'.repeat(10_000), 'tenant a'),
      () => others.open(cursor, 'tenant a'),
    ].map((open) => {
      try {
        open();
        return 'opened';
      } catch (error) {
        const { status, scimType, message } = error as { status: number; scimType: string; message: string };
        return `${String(status)} ${scimType} ${message}`;
      }
    });
    expect(new Set(details)).toEqual(
      new Set(['400 invalidCursor The cursor is not valid for this request; begin again with an empty cursor.']),
    );
  });

  it('expire (9865-2.1-02)', () => {
    let now = 1_000_000;
    const cursors = createCursors([secret], 60, () => now);
    const cursor = cursors.seal(state, 'b');
    now += 59_000;
    expect(cursors.open(cursor, 'b').count).toBe(10);
    now += 1_000;
    expect(() => cursors.open(cursor, 'b')).toThrow(expect.objectContaining({ scimType: 'expiredCursor' }));
  });

  it('survive any position', () => {
    const cursors = createCursors([secret], 60);
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
    );
    fc.assert(
      fc.property(fc.array(value), fc.nat(), (after, count) => {
        const clean = JSON.parse(JSON.stringify(after)) as typeof after;
        expect(cursors.open(cursors.seal({ after: clean, count }, 'b'), 'b')).toEqual({
          after: clean,
          count,
          before: undefined,
        });
      }),
      random(),
    );
  });
});
