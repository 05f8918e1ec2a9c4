import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createCursors } from '../../src/protocol/cursor.js';
import { random } from '../random.js';

const secret = 'a secret of at least thirty-two bytes';
const state = { after: ['ada', 7, true, null, 'id'], count: 10 };

describe('cursors (RFC 9865)', () => {
  it('can be opened by every process that has the secret (9865-5.2-03)', () => {
    const cursor = createCursors([secret], 60).seal(state, 'binding');
    expect(createCursors([secret], 60).open(cursor, 'binding')).toEqual({ ...state, before: undefined });
    expect(createCursors(['another secret, also of thirty-two', secret], 60).open(cursor, 'binding')).toMatchObject(
      state,
    );
  });

  it('have only URI-unreserved characters, and hide their content (9865-2-02)', () => {
    const cursor = createCursors([secret], 60).seal(state, 'b');
    expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(Buffer.from(cursor, 'base64url').toString('latin1')).not.toContain('ada');
    expect(createCursors([secret], 60).seal(state, 'b')).not.toBe(cursor);
  });

  it('open only for the query that they were made for, with the same error for every cause (9865-2.1-01, 9865-5.2-04)', () => {
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
      new Set(['400 invalidCursor The cursor is not valid for this request: start again with an empty cursor.']),
    );
  });

  it('are valid only as they were issued, not as another text that decodes to the same bytes', () => {
    const cursors = createCursors([secret], 60);
    // Lengths of 1 and 2 over a multiple of 3 bytes leave bits in the last character that decoding drops.
    const cursor = ['a', 'aa', 'aaa']
      .map((id) => cursors.seal({ after: [id], count: 1 }, 'b'))
      .find((each) => each.length % 4 !== 0);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const issued = String(cursor);
    const bytes = Buffer.from(issued, 'base64url');
    const twin = [...alphabet]
      .map((character) => issued.slice(0, -1) + character)
      .find((each) => each !== issued && Buffer.from(each, 'base64url').equals(bytes));
    expect(cursors.open(issued, 'b').count).toBe(1);
    for (const other of [twin ?? '', `${issued}=`, ` ${issued}`]) {
      expect(() => cursors.open(other, 'b')).toThrow(expect.objectContaining({ scimType: 'invalidCursor' }));
    }
  });

  it('expire (9865-2.1-02)', () => {
    let time = 1_000_000;
    const cursors = createCursors([secret], 60, () => time);
    const cursor = cursors.seal(state, 'b');
    time += 59_000;
    expect(cursors.open(cursor, 'b').count).toBe(10);
    time += 1_000;
    expect(() => cursors.open(cursor, 'b')).toThrow(expect.objectContaining({ scimType: 'expiredCursor' }));
  });

  it('carry any position', () => {
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
