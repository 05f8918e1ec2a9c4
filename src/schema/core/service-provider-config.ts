import type { SchemaDefinition } from '../definition.js';

/** The ServiceProviderConfig schema (RFC 7643 5, 8.7.2, errata applied). Characteristics with their default (RFC 7643 2.2) are left out. */
export const serviceProviderConfigSchema = {
  id: 'urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig',
  name: 'Service Provider Configuration',
  description: "Schema for representing the service provider's configuration",
  attributes: [
    {
      name: 'documentationUri',
      type: 'reference',
      description: "An HTTP-addressable URL pointing to the service provider's human-consumable help documentation.",
      caseExact: true,
      mutability: 'readOnly',
      referenceTypes: ['external'],
    },
    {
      name: 'patch',
      type: 'complex',
      description: 'A complex type that specifies PATCH configuration options.',
      required: true,
      mutability: 'readOnly',
      subAttributes: [
        {
          name: 'supported',
          type: 'boolean',
          description: 'A Boolean value specifying whether or not the operation is supported.',
          required: true,
          mutability: 'readOnly',
        },
      ],
    },
    {
      name: 'bulk',
      type: 'complex',
      description: 'A complex type that specifies bulk configuration options.',
      required: true,
      mutability: 'readOnly',
      subAttributes: [
        {
          name: 'supported',
          type: 'boolean',
          description: 'A Boolean value specifying whether or not the operation is supported.',
          required: true,
          mutability: 'readOnly',
        },
        {
          name: 'maxOperations',
          type: 'integer',
          description: 'An integer value specifying the maximum number of operations.',
          required: true,
          mutability: 'readOnly',
        },
        {
          name: 'maxPayloadSize',
          type: 'integer',
          description: 'An integer value specifying the maximum payload size in bytes.',
          required: true,
          mutability: 'readOnly',
        },
      ],
    },
    {
      name: 'filter',
      type: 'complex',
      description: 'A complex type that specifies FILTER options.',
      required: true,
      mutability: 'readOnly',
      subAttributes: [
        {
          name: 'supported',
          type: 'boolean',
          description: 'A Boolean value specifying whether or not the operation is supported.',
          required: true,
          mutability: 'readOnly',
        },
        {
          name: 'maxResults',
          type: 'integer',
          description: 'An integer value specifying the maximum number of resources returned in a response.',
          required: true,
          mutability: 'readOnly',
        },
      ],
    },
    {
      name: 'changePassword',
      type: 'complex',
      description: 'A complex type that specifies configuration options related to changing a password.',
      required: true,
      mutability: 'readOnly',
      subAttributes: [
        {
          name: 'supported',
          type: 'boolean',
          description: 'A Boolean value specifying whether or not the operation is supported.',
          required: true,
          mutability: 'readOnly',
        },
      ],
    },
    {
      name: 'sort',
      type: 'complex',
      description: 'A complex type that specifies sort result options.',
      required: true,
      mutability: 'readOnly',
      subAttributes: [
        {
          name: 'supported',
          type: 'boolean',
          description: 'A Boolean value specifying whether or not the operation is supported.',
          required: true,
          mutability: 'readOnly',
        },
      ],
    },
    {
      name: 'authenticationSchemes',
      type: 'complex',
      multiValued: true,
      description: 'A complex type that specifies supported authentication scheme properties.',
      required: true,
      mutability: 'readOnly',
      subAttributes: [
        {
          name: 'name',
          description: 'The common authentication scheme name, e.g., HTTP Basic.',
          required: true,
          mutability: 'readOnly',
        },
        {
          name: 'description',
          description: 'A description of the authentication scheme.',
          required: true,
          mutability: 'readOnly',
        },
        {
          name: 'specUri',
          type: 'reference',
          description: "An HTTP-addressable URL pointing to the authentication scheme's specification.",
          caseExact: true,
          mutability: 'readOnly',
          referenceTypes: ['external'],
        },
        {
          name: 'documentationUri',
          type: 'reference',
          description: "An HTTP-addressable URL pointing to the authentication scheme's usage documentation.",
          caseExact: true,
          mutability: 'readOnly',
          referenceTypes: ['external'],
        },
        {
          name: 'type',
          description: 'The kind of authentication scheme.',
          required: true,
          canonicalValues: ['oauth', 'oauth2', 'oauthbearertoken', 'httpbasic', 'httpdigest'],
          mutability: 'readOnly',
        },
        {
          name: 'primary',
          type: 'boolean',
          description: 'True for the preferred value; at most one value has it.',
          mutability: 'readOnly',
        },
      ],
    },
    {
      name: 'etag',
      type: 'complex',
      description: 'Whether entity-tags are supported (RFC 7644 3.14).',
      required: true,
      mutability: 'readOnly',
      subAttributes: [
        {
          name: 'supported',
          type: 'boolean',
          description: 'Whether the feature is supported.',
          required: true,
          mutability: 'readOnly',
        },
      ],
    },
    {
      name: 'pagination',
      type: 'complex',
      description: 'How lists are paged (RFC 9865 4).',
      mutability: 'readOnly',
      subAttributes: [
        {
          name: 'cursor',
          type: 'boolean',
          description: 'Whether cursor pages are supported.',
          required: true,
          mutability: 'readOnly',
        },
        {
          name: 'index',
          type: 'boolean',
          description: 'Whether index pages are supported.',
          required: true,
          mutability: 'readOnly',
        },
        {
          name: 'defaultPaginationMethod',
          description: 'The method used when a request names neither.',
          canonicalValues: ['cursor', 'index'],
          mutability: 'readOnly',
        },
        {
          name: 'defaultPageSize',
          type: 'integer',
          description: 'Results on a page when a request gives no count.',
          mutability: 'readOnly',
        },
        {
          name: 'maxPageSize',
          type: 'integer',
          description: 'The most results on a page.',
          mutability: 'readOnly',
        },
        {
          name: 'cursorTimeout',
          type: 'integer',
          description: 'Seconds that a cursor stays valid.',
          mutability: 'readOnly',
        },
      ],
    },
  ],
} as const satisfies SchemaDefinition;

/** The schema with `securityEvents` (RFC 9967 4), for services that send security events. */
export const serviceProviderConfigWithEvents: SchemaDefinition = {
  ...serviceProviderConfigSchema,
  attributes: [
    ...serviceProviderConfigSchema.attributes,
    {
      name: 'securityEvents',
      type: 'complex',
      description: 'The available capabilities related to asynchronous security events.',
      mutability: 'readOnly',
      subAttributes: [
        {
          name: 'asyncRequest',
          description: 'Whether asynchronous requests are supported.',
          canonicalValues: ['none', 'long', 'request'],
          mutability: 'readOnly',
        },
        {
          name: 'eventUris',
          type: 'reference',
          multiValued: true,
          description: 'The URIs of the events that the service provider can generate and deliver.',
          caseExact: true,
          mutability: 'readOnly',
          referenceTypes: ['uri'],
        },
      ],
    },
  ],
};
