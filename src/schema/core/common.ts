import type { AttributeDefinition } from '../definition.js';

/** The attributes that every resource has, whatever its schema (RFC 7643 3, 3.1). */
export const commonAttributes = [
  {
    name: 'schemas',
    type: 'reference',
    multiValued: true,
    description: 'The URIs of the schemas that the resource uses.',
    caseExact: true,
    returned: 'always',
    referenceTypes: ['uri'],
  },
  {
    name: 'id',
    description: 'The identifier that the service provider assigned to the resource.',
    caseExact: true,
    mutability: 'readOnly',
    returned: 'always',
    uniqueness: 'server',
  },
  {
    name: 'externalId',
    description: 'The identifier that the provisioning client assigned to the resource.',
    caseExact: true,
  },
  {
    name: 'meta',
    type: 'complex',
    description: 'Metadata that the service provider maintains.',
    mutability: 'readOnly',
    subAttributes: [
      { name: 'resourceType', description: 'The name of the resource type.', caseExact: true, mutability: 'readOnly' },
      { name: 'created', type: 'dateTime', description: 'When the resource was added.', mutability: 'readOnly' },
      {
        name: 'lastModified',
        type: 'dateTime',
        description: 'When the resource was last changed.',
        mutability: 'readOnly',
      },
      {
        name: 'location',
        type: 'reference',
        description: 'The URI of the resource.',
        mutability: 'readOnly',
        referenceTypes: ['uri'],
      },
      { name: 'version', description: 'The entity-tag of the resource.', caseExact: true, mutability: 'readOnly' },
    ],
  },
] as const satisfies readonly AttributeDefinition[];
