import type { SchemaDefinition } from '../definition.js';

/**
 * The Enterprise User extension (RFC 7643 4.3, 8.7.1, errata applied). Characteristics with their default (RFC 7643 2.2)
 * are left out.
 *
 * @example
 * import { enterpriseUserSchema, type User } from 'express-scim';
 *
 * export const user: User = { userName: 'tove', [enterpriseUserSchema.id]: { department: 'Sales' } };
 */
export const enterpriseUserSchema = {
  id: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
  name: 'EnterpriseUser',
  description: 'Enterprise User',
  attributes: [
    {
      name: 'employeeNumber',
      description:
        'Numeric or alphanumeric identifier assigned to a person, typically based on order of hire or association with an organization.',
    },
    {
      name: 'costCenter',
      description: 'Identifies the name of a cost center.',
    },
    {
      name: 'organization',
      description: 'Identifies the name of an organization.',
    },
    {
      name: 'division',
      description: 'Identifies the name of a division.',
    },
    {
      name: 'department',
      description: 'Identifies the name of a department.',
    },
    {
      name: 'manager',
      type: 'complex',
      description:
        "The User's manager. A complex type that optionally allows service providers to represent organizational hierarchy by referencing the 'id' attribute of another User.",
      subAttributes: [
        {
          name: 'value',
          description: "The id of the SCIM resource representing the User's manager. REQUIRED.",
          caseExact: true,
        },
        {
          name: '$ref',
          type: 'reference',
          description: "The URI of the SCIM resource representing the User's manager. REQUIRED.",
          caseExact: true,
          referenceTypes: ['User'],
        },
        {
          name: 'displayName',
          description: "The displayName of the User's manager. OPTIONAL and READ-ONLY.",
          mutability: 'readOnly',
        },
      ],
    },
  ],
} as const satisfies SchemaDefinition;
