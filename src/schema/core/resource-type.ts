import type { SchemaDefinition } from '../definition.js';

/** The ResourceType schema (RFC 7643 6, 8.7.2, errata applied). Characteristics with their default (RFC 7643 2.2) are left out. */
export const resourceTypeSchema = {
  id: 'urn:ietf:params:scim:schemas:core:2.0:ResourceType',
  name: 'ResourceType',
  description: 'Specifies the schema that describes a SCIM resource type',
  attributes: [
    {
      name: 'id',
      description: "The resource type's server unique id. May be the same as the 'name' attribute.",
      mutability: 'readOnly',
    },
    {
      name: 'name',
      description: "The resource type name. When applicable, service providers MUST specify the name, e.g., 'User'.",
      required: true,
      caseExact: true,
      mutability: 'readOnly',
      uniqueness: 'server',
    },
    {
      name: 'description',
      description:
        "The resource type's human-readable description. When applicable, service providers MUST specify the description.",
      mutability: 'readOnly',
    },
    {
      name: 'endpoint',
      type: 'reference',
      description: "The resource type's HTTP-addressable endpoint relative to the Base URL, e.g., '/Users'.",
      required: true,
      caseExact: true,
      mutability: 'readOnly',
      uniqueness: 'server',
      referenceTypes: ['uri'],
    },
    {
      name: 'schema',
      type: 'reference',
      description: "The resource type's primary/base schema URI.",
      required: true,
      caseExact: true,
      mutability: 'readOnly',
      referenceTypes: ['uri'],
    },
    {
      name: 'schemaExtensions',
      type: 'complex',
      multiValued: true,
      description: "A list of URIs of the resource type's schema extensions.",
      mutability: 'readOnly',
      subAttributes: [
        {
          name: 'schema',
          type: 'reference',
          description: 'The URI of a schema extension.',
          required: true,
          caseExact: true,
          mutability: 'readOnly',
          referenceTypes: ['uri'],
        },
        {
          name: 'required',
          type: 'boolean',
          description:
            'A Boolean value that specifies whether or not the schema extension is required for the resource type. If true, a resource of this type MUST include this schema extension and also include any attributes declared as required in this schema extension. If false, a resource of this type MAY omit this schema extension.',
          required: true,
          mutability: 'readOnly',
        },
      ],
    },
  ],
} as const satisfies SchemaDefinition;
