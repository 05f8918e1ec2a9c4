import { describe, expect, it } from '@jest/globals';
import { defaultLimits } from '../../src/limits.js';
import { createDiscovery, refuseFilter } from '../../src/operations/discover.js';
import { RequestContext } from '../../src/operations/request-context.js';
import type { ScimResponse } from '../../src/operations/service.js';
import { compileResourceType } from '../../src/schema/resource-type.js';
import { badge, deviceType, groupType, serve, userType } from './types.js';

const schema = { id: 'urn:example:Room', description: 'A room of the building', attributes: [{ name: 'label' }] };
const described = compileResourceType({ name: 'Room', endpoint: '/Rooms', schema });

const servedTypes = [userType, groupType, deviceType, described].map(serve);
const discovery = createDiscovery(
  {
    servedTypes,
    byName: new Map(servedTypes.map((served) => [served.type.name, served])),
    limits: defaultLimits,
    strict: false,
  },
  { schemes: [], documentationUri: undefined, securityEvents: [], profileConformant: false },
);
const ctx = new RequestContext({
  tenant: 'default',
  actor: { id: 'test' },
  requestId: 'r',
  base: 'https://app.example.com/scim/v2',
  deadline: Number.POSITIVE_INFINITY,
  activeQuirks: new Set(),
});
const bodyOf = ({ body }: ScimResponse): unknown => body;

describe('discovered resource types (RFC 7643 6)', () => {
  it('show name, endpoint, description, schema, extensions and location', () => {
    expect(bodyOf(discovery.resourceType('Device', ctx))).toEqual({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
      id: 'Device',
      name: 'Device',
      endpoint: '/Devices',
      description: 'Device',
      schema: deviceType.schema.id,
      schemaExtensions: [{ schema: badge, required: false }],
      meta: { resourceType: 'ResourceType', location: 'https://app.example.com/scim/v2/ResourceTypes/Device' },
    });
  });

  it('are described by the option, else by their schema, else by their name', () => {
    expect(bodyOf(discovery.resourceTypes(ctx))).toMatchObject({
      Resources: [
        { name: 'User', description: 'Accounts of the application' },
        { name: 'Group', description: groupType.schema.description },
        { name: 'Device', description: 'Device' },
        { name: 'Room', description: 'A room of the building' },
      ],
    });
  });

  it('have no schemaExtensions where there are none', () => {
    expect(bodyOf(discovery.resourceType('Room', ctx))).not.toHaveProperty('schemaExtensions');
  });

  it('are found by their exact name only, schemas in any case', () => {
    expect(() => discovery.resourceType('device', ctx)).toThrow(expect.objectContaining({ status: 404 }));
    expect(bodyOf(discovery.schema(badge.toUpperCase(), ctx))).toMatchObject({ id: badge });
  });

  it('cannot be filtered (RFC 7644 4)', () => {
    expect(() => {
      refuseFilter('name eq "User"');
    }).toThrow(expect.objectContaining({ status: 403 }));
    expect(() => {
      refuseFilter(undefined);
    }).not.toThrow();
  });
});
