import { defaultLimits } from '../../../src/limits.js';
import { enterpriseUserSchema } from '../../../src/schema/core/enterprise-user.js';
import { groupSchema } from '../../../src/schema/core/group.js';
import { userSchema } from '../../../src/schema/core/user.js';
import { compileResourceType } from '../../../src/schema/resource-type.js';

export const enterprise = enterpriseUserSchema.id;
export const base = 'https://scim.example.com/v2';

export const userType = compileResourceType({
  name: 'User',
  endpoint: '/Users',
  schema: userSchema,
  extensions: [{ schema: enterpriseUserSchema }],
});

export const groupType = compileResourceType({ name: 'Group', endpoint: '/Groups', schema: groupSchema });

/** A type with features that User and Group lack: numbers, simple lists, secret parts, two extensions with the same name. */
export const thingType = compileResourceType({
  name: 'Thing',
  endpoint: '/Things',
  schema: {
    id: 'urn:example:2.0:Thing',
    attributes: [
      { name: 'count', type: 'integer' },
      { name: 'weight', type: 'decimal' },
      { name: 'bought', type: 'dateTime' },
      { name: 'blob', type: 'binary' },
      { name: 'tags', multiValued: true },
      { name: 'codes', multiValued: true, caseExact: true },
      { name: 'secret', returned: 'never' },
      {
        name: 'box',
        type: 'complex',
        subAttributes: [{ name: 'label' }, { name: 'pin', mutability: 'writeOnly', returned: 'never' }],
      },
      {
        name: 'vault',
        type: 'complex',
        returned: 'never',
        subAttributes: [{ name: 'value' }, { name: 'label' }],
      },
      {
        name: 'keys',
        type: 'complex',
        multiValued: true,
        subAttributes: [{ name: 'value', caseExact: true, returned: 'never' }, { name: 'label' }],
      },
      {
        name: 'owner',
        type: 'complex',
        subAttributes: [
          { name: 'value', caseExact: true },
          { name: '$ref', type: 'reference', referenceTypes: ['Thing', 'User', 'external'] },
        ],
      },
      {
        name: 'parts',
        type: 'complex',
        multiValued: true,
        subAttributes: [
          { name: 'value', caseExact: true },
          { name: 'size', type: 'decimal' },
          { name: 'made', type: 'dateTime' },
          { name: 'primary', type: 'boolean' },
          { name: 'marks', multiValued: true },
        ],
      },
    ],
  },
  extensions: [
    { schema: { id: 'urn:example:2.0:A', attributes: [{ name: 'shared' }, { name: 'onlyA' }] } },
    {
      schema: {
        id: 'urn:example:2.0:B',
        attributes: [
          { name: 'shared' },
          {
            name: 'shelves',
            type: 'complex',
            multiValued: true,
            subAttributes: [{ name: 'value' }, { name: 'row', type: 'integer' }],
          },
        ],
      },
    },
  ],
});

/** Options with every quirk on; `noted` collects the quirks that were used. */
export function lenient(): { options: typeof strict; noted: string[] } {
  const noted: string[] = [];
  return {
    noted,
    options: {
      ...strict,
      useQuirk: (quirk) => {
        noted.push(quirk);
        return true;
      },
    },
  };
}

/** Options with every quirk off. */
export const strict = {
  limits: defaultLimits,
  useQuirk: (_quirk: string): boolean => false,
  base,
  endpoints: new Map([
    ['User', '/Users'],
    ['Group', '/Groups'],
  ]),
};
