import { MemoryStore } from '../../src/index.js';
import type { Attributes } from '../../src/contract/attribute.js';
import type { ResourceStore } from '../../src/contract/store.js';
import { defaultLimits } from '../../src/limits.js';
import { needsCarrying } from '../../src/operations/carry-over.js';
import { FilterCache } from '../../src/operations/filter-cache.js';
import { ProjectionCache } from '../../src/operations/projection-cache.js';
import { findReferences } from '../../src/operations/references.js';
import type { ServedType } from '../../src/operations/service.js';
import { allOperations } from '../../src/options/type-rules.js';
import { createPathReader } from '../../src/protocol/path.js';
import { enterpriseUserSchema } from '../../src/schema/core/enterprise-user.js';
import { groupSchema } from '../../src/schema/core/group.js';
import { userSchema } from '../../src/schema/core/user.js';
import { compileResourceType, type ResourceType } from '../../src/schema/resource-type.js';
import { createValidator } from '../../src/schema/validate.js';

export const enterprise = enterpriseUserSchema.id;

export const userType = compileResourceType({
  name: 'User',
  endpoint: '/Users',
  description: 'Accounts of the application',
  schema: userSchema,
  extensions: [{ schema: enterpriseUserSchema }],
});

export const groupType = compileResourceType({ name: 'Group', endpoint: '/Groups', schema: groupSchema });

export const badge = 'urn:example:params:scim:schemas:extension:Badge';

/** A type with attributes that a PUT carries over, in a complex attribute and in an extension. */
export const deviceType = compileResourceType({
  name: 'Device',
  endpoint: '/Devices',
  schema: {
    id: 'urn:example:params:scim:schemas:Device',
    attributes: [
      { name: 'label' },
      { name: 'serial', mutability: 'immutable' },
      { name: 'seenAt', mutability: 'readOnly' },
      {
        name: 'case',
        type: 'complex',
        subAttributes: [{ name: 'color' }, { name: 'weight', mutability: 'readOnly' }],
      },
      {
        name: 'ports',
        type: 'complex',
        multiValued: true,
        subAttributes: [{ name: 'value' }, { name: 'kind', mutability: 'immutable' }],
      },
    ],
  },
  extensions: [
    {
      schema: {
        id: badge,
        attributes: [
          { name: 'color' },
          { name: 'number', mutability: 'readOnly' },
          { name: 'pin', mutability: 'writeOnly', returned: 'never' },
          { name: 'issuer', mutability: 'immutable' },
        ],
      },
    },
  ],
});

/** A resource type as a router serves it. */
export function serve(type: ResourceType): ServedType {
  const memberDeltas = type.name === 'Group';
  const store: object = memberDeltas ? new MemoryStore().groups : new MemoryStore();
  return {
    type,
    stored: type,
    restricted: undefined,
    hasMembers: memberDeltas,
    store: store as ResourceStore<Attributes>,
    validator: createValidator(type, false),
    filters: new FilterCache(type, defaultLimits, new Map()),
    paths: createPathReader(type, defaultLimits),
    projections: new ProjectionCache(type),
    references: findReferences(type),
    memberDeltas,
    operations: allOperations,
    carriesOver: needsCarrying(type),
    patchStatus: memberDeltas ? 204 : 200,
    fullSelection: new Set([...type.attributes].map(({ name }) => name).filter((name) => name !== 'members')),
  };
}
