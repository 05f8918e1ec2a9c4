import type { SchemaDefinition } from '../definition.js';

/** The Schema schema (RFC 7643 7, 8.7.2, errata applied). Characteristics with their default (RFC 7643 2.2) are left out. */
export const schemaSchema = {
  id: 'urn:ietf:params:scim:schemas:core:2.0:Schema',
  name: 'Schema',
  description: 'Specifies the schema that describes a SCIM schema',
  attributes: [
    {
      name: 'id',
      description: 'The unique URI of the schema. When applicable, service providers MUST specify the URI.',
      required: true,
      mutability: 'readOnly',
      returned: 'always',
    },
    {
      name: 'name',
      description:
        "The schema's human-readable name. When applicable, service providers MUST specify the name, e.g., 'User'.",
      mutability: 'readOnly',
    },
    {
      name: 'description',
      description:
        "The schema's human-readable name. When applicable, service providers MUST specify the name, e.g., 'User'.",
      mutability: 'readOnly',
    },
    {
      name: 'attributes',
      type: 'complex',
      multiValued: true,
      description: 'A complex attribute that includes the attributes of a schema.',
      required: true,
      mutability: 'readOnly',
      subAttributes: [
        {
          name: 'name',
          description: "The attribute's name.",
          required: true,
          caseExact: true,
          mutability: 'readOnly',
        },
        {
          name: 'type',
          description:
            "The attribute's data type. Valid values include 'string', 'complex', 'boolean', 'decimal', 'integer', 'dateTime', 'reference'.",
          required: true,
          canonicalValues: ['string', 'complex', 'boolean', 'decimal', 'integer', 'dateTime', 'reference', 'binary'],
          mutability: 'readOnly',
        },
        {
          name: 'multiValued',
          type: 'boolean',
          description: "A Boolean value indicating an attribute's plurality.",
          required: true,
          mutability: 'readOnly',
        },
        {
          name: 'description',
          description: 'A human-readable description of the attribute.',
          caseExact: true,
          mutability: 'readOnly',
        },
        {
          name: 'required',
          type: 'boolean',
          description: 'A boolean value indicating whether or not the attribute is required.',
          mutability: 'readOnly',
        },
        {
          name: 'canonicalValues',
          multiValued: true,
          description:
            "A collection of canonical values. When applicable, service providers MUST specify the canonical types, e.g., 'work', 'home'.",
          caseExact: true,
          mutability: 'readOnly',
        },
        {
          name: 'caseExact',
          type: 'boolean',
          description: 'A Boolean value indicating whether or not a string attribute is case sensitive.',
          mutability: 'readOnly',
        },
        {
          name: 'mutability',
          description: 'Indicates whether or not an attribute is modifiable.',
          canonicalValues: ['readOnly', 'readWrite', 'immutable', 'writeOnly'],
          caseExact: true,
          mutability: 'readOnly',
        },
        {
          name: 'returned',
          description: 'Indicates when an attribute is returned in a response (e.g., to a query).',
          canonicalValues: ['always', 'never', 'default', 'request'],
          caseExact: true,
          mutability: 'readOnly',
        },
        {
          name: 'uniqueness',
          description: 'Indicates how unique a value must be.',
          canonicalValues: ['none', 'server', 'global'],
          caseExact: true,
          mutability: 'readOnly',
        },
        {
          name: 'referenceTypes',
          multiValued: true,
          description:
            "Used only with an attribute of type 'reference'. Specifies a SCIM resourceType that a reference attribute MAY refer to, e.g., 'User'.",
          caseExact: true,
          mutability: 'readOnly',
        },
        {
          name: 'subAttributes',
          type: 'complex',
          multiValued: true,
          description: 'Used to define the sub-attributes of a complex attribute.',
          mutability: 'readOnly',
          subAttributes: [
            {
              name: 'name',
              description: "The attribute's name.",
              required: true,
              caseExact: true,
              mutability: 'readOnly',
            },
            {
              name: 'type',
              description:
                "The attribute's data type. Valid values include 'string', 'complex', 'boolean', 'decimal', 'integer', 'dateTime', 'reference'.",
              required: true,
              canonicalValues: ['string', 'boolean', 'decimal', 'integer', 'dateTime', 'reference', 'binary'],
              mutability: 'readOnly',
            },
            {
              name: 'multiValued',
              type: 'boolean',
              description: "A Boolean value indicating an attribute's plurality.",
              required: true,
              mutability: 'readOnly',
            },
            {
              name: 'description',
              description: 'A human-readable description of the attribute.',
              caseExact: true,
              mutability: 'readOnly',
            },
            {
              name: 'required',
              type: 'boolean',
              description: 'A boolean value indicating whether or not the attribute is required.',
              mutability: 'readOnly',
            },
            {
              name: 'canonicalValues',
              multiValued: true,
              description:
                "A collection of canonical values. When applicable, service providers MUST specify the canonical types, e.g., 'work', 'home'.",
              caseExact: true,
              mutability: 'readOnly',
            },
            {
              name: 'caseExact',
              type: 'boolean',
              description: 'A Boolean value indicating whether or not a string attribute is case sensitive.',
              mutability: 'readOnly',
            },
            {
              name: 'mutability',
              description: 'Indicates whether or not an attribute is modifiable.',
              canonicalValues: ['readOnly', 'readWrite', 'immutable', 'writeOnly'],
              caseExact: true,
              mutability: 'readOnly',
            },
            {
              name: 'returned',
              description: 'Indicates when an attribute is returned in a response (e.g., to a query).',
              canonicalValues: ['always', 'never', 'default', 'request'],
              caseExact: true,
              mutability: 'readOnly',
            },
            {
              name: 'uniqueness',
              description: 'Indicates how unique a value must be.',
              canonicalValues: ['none', 'server', 'global'],
              caseExact: true,
              mutability: 'readOnly',
            },
            {
              name: 'referenceTypes',
              multiValued: true,
              description:
                "Used only with an attribute of type 'reference'. Specifies a SCIM resourceType that a reference attribute MAY refer to, e.g., 'User'.",
              caseExact: true,
              mutability: 'readOnly',
            },
          ],
        },
      ],
    },
  ],
} as const satisfies SchemaDefinition;
