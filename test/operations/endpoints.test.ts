import { describe, expect, it } from '@jest/globals';
import { createEndpointTable, type Target } from '../../src/operations/endpoints.js';
import { deviceType, groupType, serve, userType } from './types.js';

const servedTypes = [userType, groupType, deviceType].map(serve);
const endpoints = createEndpointTable({ servedTypes, me: () => 'ada' });
const withoutMe = createEndpointTable({ servedTypes, me: undefined });

/** The target in short: its kind, resource type and ID. */
function summary(target: Target): string {
  const type = 'served' in target ? ` ${target.served.type.name}` : '';
  const id = 'id' in target ? ` ${target.id}` : '';
  const operation = target.kind === 'me' ? ` ${target.operation}` : '';
  const allow = target.kind === 'options' ? ` ${target.allow.join(' ')}` : '';
  return target.kind + type + id + operation + allow;
}

describe('endpoints (RFC 7644 3.2)', () => {
  it.each([
    ['GET', '/Users/1', 'read User 1'],
    ['HEAD', '/Users/1', 'read User 1'],
    ['PUT', '/Groups/1', 'replace Group 1'],
    ['PATCH', '/Devices/1', 'patch Device 1'],
    ['DELETE', '/Users/1', 'delete User 1'],
    ['GET', '/Users', 'query User'],
    ['GET', '/Users/', 'query User'],
    ['HEAD', '/Users', 'query User'],
    ['POST', '/Users', 'create User'],
    ['POST', '/Users/.search', 'search User'],
    ['POST', '/.search', 'searchAll'],
    ['GET', '/', 'queryAll'],
    ['GET', '', 'queryAll'],
    ['POST', '/Bulk', 'bulk'],
    ['GET', '/Me', 'me read'],
    ['PATCH', '/Me', 'me patch'],
    ['GET', '/ServiceProviderConfig', 'serviceProviderConfig'],
    ['GET', '/ResourceTypes', 'resourceTypes'],
    ['GET', '/ResourceTypes/User', 'resourceType User'],
    ['GET', '/Schemas', 'schemas'],
    ['GET', '/Schemas/urn%3Aexample', 'schema urn:example'],
  ])('%s %s is %s', (method, path, expected) => {
    expect(summary(endpoints(method, path))).toBe(expected);
  });

  it.each([
    ['/Users/a%2Fb', 'read User a/b'],
    ['/Users/.hidden', 'read User .hidden'],
    ['//Users//1', 'read User 1'],
    ['/Users/1/', 'read User 1'],
    // A bulk operation may leave the first slash out.
    ['Users/1', 'read User 1'],
  ])('reads the ID of %s', (path, expected) => {
    expect(summary(endpoints('GET', path))).toBe(expected);
  });

  it.each(['/users', '/Unknown', '/Users/1/2', '/Users/%E0%A4%A', '/Bulk/1', '/Me/1', '/Schemas/a/b', '/.search/x'])(
    'does not know %s',
    (path) => {
      expect(() => endpoints('GET', path)).toThrow(expect.objectContaining({ status: 404 }));
    },
  );

  it.each([
    ['POST', '/Users/1', 'GET, HEAD, PUT, PATCH, DELETE, OPTIONS'],
    ['DELETE', '/Users', 'GET, HEAD, POST, OPTIONS'],
    ['GET', '/Users/.search', 'POST, OPTIONS'],
    ['GET', '/Bulk', 'POST, OPTIONS'],
    ['PUT', '/Schemas', 'GET, HEAD, OPTIONS'],
    ['constructor', '/Users', 'GET, HEAD, POST, OPTIONS'],
  ])('refuses %s %s with the methods that it has', (method, path, allow) => {
    expect(() => endpoints(method, path)).toThrow(expect.objectContaining({ status: 405, headers: { allow } }));
  });

  it('lists the methods for OPTIONS', () => {
    expect(summary(endpoints('OPTIONS', '/Users/1'))).toBe('options GET HEAD PUT PATCH DELETE OPTIONS');
    expect(summary(endpoints('OPTIONS', '/Bulk'))).toBe('options POST OPTIONS');
  });

  it('has no /Me without options.me (RFC 7644 3.11)', () => {
    expect(() => withoutMe('GET', '/Me')).toThrow(expect.objectContaining({ status: 501 }));
  });
});
