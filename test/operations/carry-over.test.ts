import { describe, expect, it } from '@jest/globals';
import { carryOver, needsCarrying } from '../../src/operations/carry-over.js';
import { compileResourceType } from '../../src/schema/resource-type.js';
import { badge, deviceType, groupType, userType } from './types.js';

const stored = {
  id: '1',
  label: 'old',
  serial: 'S1',
  case: { color: 'red', weight: '2 kg' },
  ports: [{ value: '1', kind: 'usb' }],
  [badge]: { color: 'blue', number: '77', pin: '1234', issuer: 'HR' },
};

/** What a PUT writes over the stored device. */
const put = (replacement: object): object => carryOver(deviceType, stored, { ...replacement });

describe('what a PUT carries over (RFC 7644 3.5.1)', () => {
  it('keeps the read-only, write-only and immutable parts of an extension that is replaced', () => {
    expect(put({ serial: 'S1', case: { weight: '2 kg' }, [badge]: { color: 'green' } })).toMatchObject({
      [badge]: { color: 'green', number: '77', pin: '1234', issuer: 'HR' },
    });
  });

  it('keeps them where the whole extension is left out, and clears the rest of it', () => {
    expect(put({ label: 'new' })).toEqual({
      label: 'new',
      serial: 'S1',
      case: { weight: '2 kg' },
      [badge]: { number: '77', pin: '1234', issuer: 'HR' },
    });
  });

  it('keeps the read-only parts of a complex attribute', () => {
    expect(put({ case: { color: 'black' } })).toMatchObject({ case: { color: 'black', weight: '2 kg' } });
  });

  it('takes a new value of a write-only part', () => {
    expect(put({ [badge]: { pin: '9999' } })).toMatchObject({ [badge]: { pin: '9999', number: '77' } });
  });

  it('refuses another value of an immutable attribute, at the top and in an extension', () => {
    const immutable = expect.objectContaining({ status: 400, scimType: 'mutability' });
    expect(thrownBy(() => put({ serial: 'S2' }))).toEqual(immutable);
    expect(thrownBy(() => put({ [badge]: { issuer: 'IT' } }))).toEqual(immutable);
  });

  it('sets an immutable attribute that has no value yet', () => {
    expect(carryOver(deviceType, { label: 'old', serial: null }, { serial: 'S2' })).toEqual({ serial: 'S2' });
  });

  it('replaces the values of a multi-valued attribute whole, immutable parts included', () => {
    expect(put({ ports: [{ value: '2', kind: 'hdmi' }] })).toMatchObject({ ports: [{ value: '2', kind: 'hdmi' }] });
  });

  it('returns the replacement itself where there is nothing to add, and never changes it', () => {
    const complete = { label: 'new' };
    expect(carryOver(deviceType, { label: 'old' }, complete)).toBe(complete);
    const partial = Object.freeze({ [badge]: Object.freeze({ color: 'green' }) });
    expect(() => put(partial)).not.toThrow();
  });
});

describe('whether a PUT must read first', () => {
  it('is false for users and groups: their read-only parts are derived', () => {
    expect([needsCarrying(userType), needsCarrying(groupType)]).toEqual([false, false]);
  });

  it.each<[string, boolean, object]>([
    ['an immutable attribute', true, { name: 'serial', mutability: 'immutable' }],
    ['a read-only attribute', false, { name: 'seenAt', mutability: 'readOnly' }],
    ['a read-only part', true, complex({ name: 'weight', mutability: 'readOnly' })],
    ['a write-only part', true, complex({ name: 'pin', mutability: 'writeOnly', returned: 'never' })],
    [
      'an immutable part of a value among several',
      false,
      { ...complex({ name: 'kind', mutability: 'immutable' }), multiValued: true },
    ],
  ])('for %s is %s', (_, needed, attribute) => {
    const schema = { id: 'urn:example:Thing', attributes: [{ name: 'label', ...attribute }] };
    expect(needsCarrying(compileResourceType({ name: 'Thing', endpoint: '/Things', schema }))).toBe(needed);
  });
});

function complex(subAttribute: { name: string; mutability: string; returned?: string }): object {
  return { name: 'case', type: 'complex', subAttributes: [subAttribute] };
}

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}
