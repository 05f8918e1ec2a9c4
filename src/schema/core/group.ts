import type { SchemaDefinition } from '../definition.js';

/**
 * The Group schema (RFC 7643 4.2, 8.7.1, errata applied). Characteristics with their default (RFC 7643 2.2) are left out.
 *
 * @example
 * import { groupSchema } from 'express-scim';
 *
 * groupSchema.id; // 'urn:ietf:params:scim:schemas:core:2.0:Group'
 */
export const groupSchema = {
  id: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  name: 'Group',
  description: 'Group',
  attributes: [
    {
      name: 'displayName',
      description: 'A human-readable name for the Group. REQUIRED.',
      required: true,
    },
    {
      name: 'members',
      type: 'complex',
      multiValued: true,
      description: 'A list of members of the Group.',
      subAttributes: [
        {
          name: 'value',
          description: 'Identifier of the member of this Group.',
          caseExact: true,
          mutability: 'immutable',
        },
        {
          name: '$ref',
          type: 'reference',
          description: 'The URI corresponding to a SCIM resource that is a member of this Group.',
          caseExact: true,
          mutability: 'immutable',
          referenceTypes: ['User', 'Group'],
        },
        {
          name: 'type',
          description: "A label indicating the type of resource, e.g., 'User' or 'Group'.",
          canonicalValues: ['User', 'Group'],
          mutability: 'immutable',
        },
        {
          name: 'display',
          // Not in the RFC's table (erratum 6011). Derived from the member, as User.groups.display is from the group.
          description: 'A human-readable name of the value, for display purposes.',
          mutability: 'readOnly',
        },
      ],
    },
  ],
} as const satisfies SchemaDefinition;
